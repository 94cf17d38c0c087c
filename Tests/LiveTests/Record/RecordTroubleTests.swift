import Foundation
import TestSupport
import Testing

/// `irqscope record` where something is in its way: a message, a status, and nothing left behind.
@Suite(.serialized) struct RecordTroubleTests {
    /// Runs a shell line as root with a mount of its own on `folder`; @ is the program.
    static func mounted(_ options: String, on folder: TestFolder, _ line: String) throws -> ProcessResult {
        let command = line.replacingOccurrences(of: "@", with: "'\(Places.command.path)'")
        return try run(
            "/usr/bin/unshare",
            ["-m", "/bin/bash", "-c", "mount -t tmpfs -o \(options) tmpfs '\(folder.path)' && { \(command); }"])
    }

    // MARK: - Usage

    @Test(arguments: [
        ["--duration", "x"], ["--duration", "0"], ["--duration", "1e3"], ["--duration", "-1s"], ["--duration", ""],
        ["--irq", "a"], ["--irq", "5-3"], ["--cpu", "1-"], ["--events", "irq,foo"], ["--events", ""],
        ["--buffer-size", "1k"], ["--buffer-size", "65G"], ["--buffer-size", "4T"], ["--file-version", "5"],
        ["--compression", "gzip"], ["--file-version", "6", "--compression", "zstd"], ["--flight", "1s", "--duration", "1s"],
        ["--trigger-slow", "1ms"], ["--trigger-rate", "50k"], ["--flight", "1s", "--trigger-rate", "50x"],
        ["--flight", "1s", "--trigger-slow", "ms"], ["word"], ["--bogus"],
    ])
    func wrongUsage(arguments: [String]) throws {
        let result = try run(Places.command.path, ["record"] + arguments)
        #expect(result.status == 64 && result.output.isEmpty, "\(result.errors)")
        #expect(result.errors.hasPrefix("irqscope: ") && result.errors.split(separator: "\n").count == 1)
    }

    /// What is right goes on to look for tracefs.
    @Test(arguments: [
        ["--duration", "10"], ["--duration", "1.5s"], ["--duration", "500ms"], ["--duration", "7us"], ["--duration", "7µs"],
        ["--duration", "9ns"], ["--duration", "2m"], ["--duration", "1h"], ["--buffer-size", "8"], ["--buffer-size", "8k"],
        ["--buffer-size", "64M"], ["--buffer-size", "64G"], ["--flight", "5s", "--trigger-rate", "50k"],
        ["--flight", "5s", "--trigger-rate", "1M"], ["--flight", "5s", "--trigger-slow", "1ms"], ["--irq", "36,40-47"],
        ["--file-version", "6", "--compression", "none"], ["--events", "napi,ipi,sched,tasklet,workqueue"],
    ])
    func rightUsage(arguments: [String]) throws {
        let result = try run(Places.command.path, ["record", "--tracing-root", "/nowhere"] + arguments)
        #expect(result.status == 1 && result.errors.contains("/nowhere: there is no such directory"), "\(result.errors)")
    }

    @Test func unknownEventsAreNamedWithTheKnownOnes() throws {
        let errors = try irqscope("record", "--events", "irq,foo").errors
        #expect(errors.contains("'foo' is none of irq, softirq, irq_vectors, tasklet, workqueue, napi, ipi, csd, timer, sched, exceptions"))
    }

    // MARK: - Not permitted, not there

    @Test(.enabled(if: getuid() == 0 && program("setpriv") != nil)) func notRoot() throws {
        let folder = try TestFolder()
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
        let copy = folder.file("irqscope")
        try FileManager.default.copyItem(atPath: Places.command.path, toPath: copy)
        let result = try run(
            program("setpriv") ?? "", ["--reuid", "65534", "--clear-groups", copy, "record", "-o", folder.file("a.dat")])
        #expect(result.status == 1 && result.errors.contains("tracing is for root only; run irqscope as root"), "\(result.errors)")
        #expect(folder.names == ["irqscope"])
    }

    @Test func notTracefs() throws {
        let folder = try TestFolder()
        let result = try irqscope("record", "--tracing-root", folder.path, "-o", folder.file("a.dat"))
        #expect(result.status == 1 && result.errors.contains("this is not the kernel's tracefs"))
        #expect(folder.names == [])
    }

    /// Nobody is told to leave out an option that was not given.
    @Test(.enabled(if: Tracefs.isUsable && program("unshare") != nil, Comment(rawValue: Tracefs.reason)))
    func coveredTracefs() throws {
        let folder = try TestFolder()
        let script = "mount -t tmpfs none /sys/kernel && exec '\(Places.command.path)' record -o '\(folder.file("a.dat"))'"
        let result = try run(program("unshare") ?? "", ["-m", "--propagation", "private", "sh", "-c", script])
        #expect(result.status == 1 && result.errors.contains("tracefs is mounted there by the list of mounts"), "\(result.errors)")
        #expect(!result.errors.contains("leave out"))
    }

    @Test(.enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) func badOutputs() throws {
        let folder = try TestFolder()
        for (path, words) in [(folder.path, "Is a directory"), (folder.file("no/a.dat"), "No such file or directory")] {
            let recorder = try Recorder(record: ["-o", path])
            #expect(recorder.status() == 1 && recorder.errors.contains(words), "\(recorder.errors)")
            #expect(try Tracefs.instances(of: recorder.id) == [])
        }
        let result = try Self.mounted("ro", on: folder, "@ record -o '\(folder.file("a.dat"))'")
        #expect(result.status == 1 && result.errors.contains("Read-only file system"))
        let unknown = try RecordTests.record("--cpu", "60000", "-o", folder.file("a.dat"))
        #expect(unknown.status == 1 && unknown.errors.contains("this machine has no CPU 60000"))
        #expect(folder.names == [])
    }

    // MARK: - A full disk

    @Test(.enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) func fullDiskKeepsWhatFits() throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        let line = """
            @ record --file-version 6 --duration 60s -o '\(path)'; echo "status $?" >&2; @ report '\(path)' | tail -n 30
            ls -A '\(folder.path)'
            """
        let result = try DiskLoad.during { try Self.mounted("size=9m", on: folder, line) }
        #expect(result.errors.contains("status 1\n"), "\(result.errors)")
        let told = result.errors.components(separatedBy: "no more events can be kept after").count - 1
        #expect(told == 1 && result.errors.contains("No space left on device; free some space, or choose another place"))
        #expect(result.errors.contains("pages did not fit on the disk and are missing"))
        #expect(result.text.contains("Quality: ") && result.text.contains(": only ") && result.text.hasSuffix("a.dat\n"))
    }

    @Test(.enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) func hardlyAnyDisk() throws {
        let folder = try TestFolder()
        let result = try Self.mounted("size=4m", on: folder, "@ record -o '\(folder.file("a.dat"))'")
        #expect(result.status == 1 && result.errors.contains("not even 8 MiB are free here"), "\(result.errors)")
    }

    // MARK: - No tracefs any more

    /// What is open can still be read: all that a recording tells besides was read when it began.
    @Test(.enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason)), arguments: ["--duration 2s", "--flight 5s"])
    func tracefsThatGoesAwayLosesNoRecording(_ options: String) throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        let end = options.hasPrefix("--flight") ? "kill -USR1 $!" : "true"
        let line = """
            mkdir '\(folder.path)/tracefs' && mount -t tracefs none '\(folder.path)/tracefs' || exit 9
            @ record --tracing-root '\(folder.path)/tracefs' \(options) -o '\(path)' & sleep 1
            umount -l '\(folder.path)/tracefs' && \(end); wait $!; echo "status $?" >&2
            @ export --format csv '\(path)' | grep -c ^irq,
            """
        let result = try DiskLoad.during { try Self.mounted("size=64m", on: folder, line) }
        #expect(result.errors.hasSuffix("status 0\n"), "\(result.errors)")
        #expect(try #require(Int(result.text.trimmingCharacters(in: .whitespacesAndNewlines))) > 10, "\(result.text)")
        // The instance stays, for its name is gone; the next run removes it.
        _ = try RecordTests.record("--duration", "50ms", "-o", folder.file("b.dat"))
    }

    // MARK: - On a terminal

    @Test(.enabled(if: Tracefs.isUsable && TestTerminal.isAvailable)) func terminalIsNoPlaceForARecording() throws {
        let folder = try TestFolder()
        let terminal = try TestTerminal()
        try terminal.start("\"$IRQSCOPE\" record -o -")
        let screen = try terminal.wait(for: "status=64")
        #expect(screen.contains("a recording is nothing for a terminal: redirect it"))
        // The line on how it goes fits, and is gone at the end.
        try terminal.start("\"$IRQSCOPE\" record -o \(folder.file("a.dat"))")
        let line = try terminal.wait("for the line") { $0.contains("irqscope: 1 s") }
        let shown = try #require(line.split(separator: "\n").first { $0.contains("irqscope: 1 s") })
        #expect(shown.contains(" events, none lost, 0 MB; Ctrl-C ends and writes") && shown.count < 80)
        try terminal.press("C-c")
        let after = try terminal.wait(for: "status=0")
        #expect(!after.contains("Ctrl-C ends") && after.filter { !$0.isWhitespace }.contains("a.dat:"), "\(after)")
        // A narrow one.
        try terminal.resize(columns: 40, rows: 10)
        try terminal.start("\"$IRQSCOPE\" record --flight 1s -o \(folder.file("a.dat"))")
        let narrow = try terminal.wait("for the line") { $0.contains("irqscope: 1 s") }
        #expect(narrow.components(separatedBy: "irqscope: ").count == 2, "\(narrow)")
        try terminal.press("C-c")
        try terminal.wait(for: "status=0")
    }
}
