import Foundation
import TestSupport
import Testing

/// Whose files `irqscope alert` replaces: its own, and nothing else.
@Suite struct AlertFilesTests {
    static let isRoot = getuid() == 0
    static let metrics = "# HELP irqscope_last_run_timestamp_seconds When irqscope alert ran last, in seconds since 1970.\n"

    /// What may stand where a file is to be, as shell lines that make it; @ is its path.
    static let foreign = [
        "mkfifo @", "mkdir @", "ln -s victim @", "ln -s /proc/self/fd/1 @", "ln -s nowhere @", "echo precious >@",
        "truncate -s 300M @", "printf '# HELP node_load1 x\\n' >@", "printf irqscope >@",
        "\(program("python3") ?? "python3") -c \"import socket; socket.socket(socket.AF_UNIX).bind('@')\"",
    ]
    static let foreignOfRoot = isRoot ? ["mknod @ c 1 3", "mknod @ b 254 999999"] : []

    /// A directory of its own with a victim in it, and what `line` makes at `path`.
    static func place(_ line: String, _ name: String = "m.prom") throws -> TestFolder {
        let folder = try TestFolder()
        try Data("precious".utf8).write(to: URL(fileURLWithPath: folder.file("victim")))
        let made = try shell(line.replacing("@", with: folder.file(name)))
        try #require(made.status == 0, "\(made.errors)")
        return folder
    }

    static func write(_ path: String, _ text: String, mode: mode_t = 0o644) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        chmod(path, mode)
    }

    // MARK: What is not ours

    /// As `ln -sf`, `> FILE` and `mv` would not: a device, a pipe, a link, somebody's file stay what they are.
    @Test(arguments: foreign + foreignOfRoot) func nothingElseIsReplaced(line: String) throws {
        let folder = try Self.place(line)
        let path = folder.file("m.prom")
        let before = try Entries.look(folder.path)
        let box = try FakeBox()
        _ = try box.alert()
        box.pass(60)
        let start = Date()
        let metrics = try box.alert("--output", path)
        // Before an hour's interval begins, not after it.
        let waiting = try run(Places.command.path, ["alert", "--interval", "1h", "--output", path])
        let state = try box.alert("--state", path)
        #expect(Date().timeIntervalSince(start) < 60)
        for (result, advice) in [
            (metrics, "print with --format prometheus"), (waiting, "print with --format prometheus"),
            (state, "name another --state, or move that away"),
        ] {
            #expect(result.status == 3 && result.text.isEmpty, "\(result.text)")
            #expect(result.errors.hasPrefix("irqscope: \(path): this is ") && result.errors.contains(advice), "\(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1)
        }
        #expect(try Entries.look(folder.path) == before)
    }

    @Test func findingsGoBeforeMetrics() throws {
        let folder = try Self.place("mkfifo @")
        let box = try FakeBox()
        _ = try box.alert()
        box.pass(60, ["36": (0, 50_000)])
        let result = try box.alert("--output", folder.file("m.prom"))
        #expect(result.status == 1 && result.text.contains("irq 36") && result.errors.contains("this is a pipe"))
    }

    /// Files beside the state, such as its lock, are not replaced either if they are somebody else's.
    @Test(arguments: ["lock", "tmp", "bad"]) func neighboursOfTheStateAreLeftAlone(suffix: String) throws {
        for line in ["echo precious >@", "ln -s victim @", "mkdir @", "mkfifo @"] {
            let folder = try Self.place(line, "s." + suffix)
            let box = try FakeBox()
            // One that is to be set aside, for the name that it would get.
            if suffix == "bad" { try Self.write(folder.file("s"), "irqalert and no more") }
            let before = try Entries.look(folder.path)
            let result = try box.alert("--state", folder.file("s"))
            #expect(result.status == 3 && result.errors.contains("s.\(suffix)"), "\(line): \(result.errors)")
            let after = try Entries.look(folder.path).filter { $0.key != "s.lock" || suffix == "lock" }
            #expect(after == before, "\(line)")
        }
    }

    @Test func namesThatCannotBe() throws {
        let folder = try TestFolder()
        let box = try FakeBox()
        let long = String(repeating: "a", count: 300)
        for (path, words) in [
            (long, "File name too long; name "), ("none/x", "No such file or directory"), ("", "Is a directory"),
        ] {
            for option in ["--state", "--output"] {
                let result = try box.alert(option, folder.file(path))
                #expect(result.status == 3 && result.errors.contains(words), "\(option) \(path): \(result.errors)")
                if option == "--state" { continue }
                let waiting = try run(Places.command.path, ["alert", "--interval", "1h", option, folder.file(path)])
                #expect(waiting.status == 3 && waiting.errors.contains(words))
            }
        }
        // Their own names fit, those of the files beside them do not.
        for option in ["--state", "--output"] {
            let result = try box.alert(option, folder.file(String(repeating: "a", count: 252)))
            #expect(result.status == 3 && result.errors.contains("File name too long; name "), "\(result.errors)")
        }
        #expect(folder.names == [])
        for option in ["--state", "--output"] {
            let empty = try irqscope("alert", option, "")
            #expect(empty.status == 3 && empty.errors.contains("a file's name is empty"))
        }
    }

    @Test(.enabled(if: isRoot && program("setpriv") != nil, "needs root to be another user"))
    func directoriesThatCannotBeWritten() throws {
        let folder = try TestFolder()
        let box = try FakeBox()
        try box.write()
        let copy = box.root + "/irqscope"
        try FileManager.default.copyItem(atPath: Places.command.path, toPath: copy)
        _ = try shell("chmod -R a+rX \(box.root); chmod 777 \(box.root)/state")
        let user = "setpriv --reuid 65534 --clear-groups \(copy) alert --proc-root \(box.proc)"
        let output = try shell("\(user) --state \(box.state) --output \(folder.file("m.prom"))")
        #expect(output.status == 3 && output.errors.contains("m.prom: Permission denied; name another --output"), "\(output.errors)")
        let state = try shell("\(user) --state \(folder.file("s"))")
        #expect(state.status == 3 && state.errors.contains("s.lock: Permission denied; "), "\(state.errors)")
        #expect(folder.names == [])
    }

    // MARK: Directories of others

    /// A link that a user planted on the way leads root nowhere, nor is a state believed that the user left ready.
    @Test(.enabled(if: isRoot, "needs root to give files away"), arguments: ["chown 65534", "chmod 1777"])
    func directoriesOfOthersAreNoTrap(change: String) throws {
        let box = try FakeBox()
        _ = try box.alert()
        let folder = try Self.place("mkdir -p @/home @/root && ln -s ../root @/home/link", "d")
        let home = folder.file("d/home")
        try FileManager.default.copyItem(atPath: box.state, toPath: home + "/s")
        try Self.write(home + "/m.prom", Self.metrics)
        _ = try shell("\(change) \(home); chown 1234 \(home)/s \(home)/m.prom")
        let before = try (Entries.look(home), Entries.look(folder.file("d/root")))
        for (options, words) in [
            (["--output", home + "/link/m.prom"], "link is a link in a directory that others may write"),
            (["--state", home + "/link/s"], "link is a link in a directory that others may write"),
            (["--output", home + "/m.prom"], "it belongs to user 1234, in a directory that others may write"),
            (["--state", home + "/s"], "it belongs to user 1234, in a directory that others may write"),
        ] {
            let result = try box.look(options)
            #expect(result.status == 3 && result.errors.contains(words), "\(result.errors)")
        }
        #expect(try (Entries.look(home), Entries.look(folder.file("d/root"))) == before)
        // The directory that the link names may be written by root only: by its own path it is as good as any.
        #expect(try box.look(["--output", folder.file("d/root/m.prom")]).status == 0)
    }

    // MARK: What is ours

    /// Other runs replace the same files at any moment, also in the middle of a look at whose they are.
    @Test(.enabled(if: program("python3") != nil)) func aFileMayBeReplacedMeanwhile() throws {
        let box = try FakeBox()
        let folder = try TestFolder()
        let (path, other) = (folder.file("m.prom"), folder.file("other"))
        for file in [path, other] { try Self.write(file, Self.metrics) }
        // Ends by itself when the flag is gone.
        let flag = folder.file("flag")
        try Self.write(flag, "")
        let script = """
            import ctypes, os, sys
            a, b, flag = [word.encode() for word in sys.argv[1:]]
            exchange = ctypes.CDLL(None).renameat2
            while os.path.exists(flag):
                for _ in range(1000): exchange(-100, a, -100, b, 2)
            """
        let exchange = Process()
        exchange.executableURL = URL(fileURLWithPath: program("python3") ?? "/nonexistent")
        exchange.arguments = ["-c", script, path, other, flag]
        try exchange.run()
        defer {
            unlink(flag)
            exchange.waitUntilExit()
        }
        for _ in 0..<20 {
            let result = try box.alert("--output", path)
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        }
        #expect(exchange.isRunning)
    }

    /// Those of earlier versions, empty ones, and none.
    @Test func oursIsReplaced() throws {
        let box = try FakeBox()
        let folder = try TestFolder()
        let path = folder.file("m.prom")
        for content in [metricsOfVersion0, Self.metrics, ""] {
            try Self.write(path, content, mode: 0o640)
            if Self.isRoot { chown(path, 65534, 1234) }
            #expect(try box.alert("--output", path).status == 0)
            #expect(try String(contentsOfFile: path, encoding: .utf8).contains("irqscope_last_run_success 1\n"))
            #expect(Entries.rights(path).hasPrefix("640 ") && (!Self.isRoot || Entries.rights(path) == "640 65534:1234"))
        }
        #expect(folder.names == ["m.prom"])
        let state = folder.file("s")
        try Self.write(state, "", mode: 0o600)
        let first = try box.alert("--state", state)
        #expect(first.status == 0 && first.errors.contains("s: it is empty; a new baseline begins"), "\(first.errors)")
        #expect(try box.alert("--state", state).errors == "" && folder.names == ["m.prom", "s", "s.lock"])
    }

    /// The begin of a file as irqscope wrote it first.
    private var metricsOfVersion0: String {
        "# HELP irqscope_last_run_timestamp_seconds When irqscope alert ran last.\n# TYPE irqscope_last_run_timestamp_seconds gauge\n"
    }

    /// What killed runs left goes, but nothing that only looks like that.
    @Test func leftoversGo() throws {
        let box = try FakeBox()
        let folder = try TestFolder()
        // A process that is gone: nobody has its number before many others came.
        let ended = Process()
        ended.executableURL = URL(fileURLWithPath: "/bin/true")
        try ended.run()
        ended.waitUntilExit()
        let gone = Int(ended.processIdentifier)
        func make(_ name: String, _ text: String) throws { try Self.write(folder.file(name), text) }
        try make("m.prom.\(gone)", Self.metrics)
        #expect(try box.alert("--output", folder.file("m.prom")).status == 0)
        #expect(folder.names == ["m.prom"])

        for (text, isOurs) in [
            ("", true), ("# HE", true), ("# HELP irqscope_last_run_x", true), ("# HELP irqscope_sampled_x", false),
            ("precious", false), ("# HELP node", false),
        ] {
            try make("m.prom.\(gone)", text)
            _ = try box.alert("--output", folder.file("m.prom"))
            #expect(folder.names.count == (isOurs ? 1 : 2), "\(text)")
            unlink(folder.file("m.prom.\(gone)"))
        }
        try make("m.prom.\(getpid())", Self.metrics)  // alive
        try make("m.prom.\(gone)x", Self.metrics)
        try make("n.prom.\(gone)", Self.metrics)
        try make("other", Self.metrics)
        link(folder.file("other"), folder.file("m.prom.\(gone)"))  // has another name
        var expected = folder.names
        _ = try box.alert("--output", folder.file("m.prom"))
        #expect(folder.names == expected)
        unlink(folder.file("m.prom.\(gone)"))
        symlink("other", folder.file("m.prom.\(gone)"))
        _ = try box.alert("--output", folder.file("m.prom"))
        #expect(folder.names == expected)
        unlink(folder.file("m.prom.\(gone)"))
        try make("m.prom.\(gone)", Self.metrics)
        // In use by a process that this one cannot see, such as one in a container.
        let descriptor = open(folder.file("m.prom.\(gone)"), O_RDONLY)
        flock(descriptor, LOCK_EX)
        _ = try box.alert("--output", folder.file("m.prom"))
        #expect(folder.names == expected)
        close(descriptor)
        if Self.isRoot {
            chown(folder.file("m.prom.\(gone)"), 65534, .max)
            _ = try box.alert("--output", folder.file("m.prom"))
            #expect(folder.names == expected)
            chown(folder.file("m.prom.\(gone)"), 0, .max)
        }
        _ = try box.alert("--output", folder.file("m.prom"))
        expected.removeAll { $0 == "m.prom.\(gone)" }
        #expect(folder.names == expected)
    }

    @Test func theStatesLeftoverGoes() throws {
        let box = try FakeBox()
        try Self.write(box.state + ".tmp", "irqalert, and then it was killed")
        #expect(try box.alert().status == 0)
        if Self.isRoot {
            // Killed after it was given to the owner of the state that it was to replace.
            try Self.write(box.state + ".tmp", "irqalert, and then it was killed")
            for file in [box.state, box.state + ".tmp"] { chown(file, 65534, .max) }
            let result = try box.alert()
            #expect(result.status == 0, "\(result.errors)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: box.root + "/state").sorted() == ["alert.state", "alert.state.lock"])
    }
}
