import Foundation
import TestSupport
import Testing
import TraceOutput

/// Whose files a recording replaces, and who can read it.
@Suite struct OwnershipTests {
    static let parts = OutputTests.parts
    static let isRoot = getuid() == 0
    static let user: uid_t = 65534

    /// Writes a recording of one page; with addresses of the kernel if `isPrivate`. `change` runs before it is named.
    @discardableResult
    static func record(_ path: String, isPrivate: Bool = false, change: () throws -> Void = {}) throws -> RecordingSize {
        let file = try OutputFile(.file(path), replacing: .recording(), isPrivate: isPrivate)
        var writer = try RecordingWriter(file, pageByteCount: 4096, cpus: [0])
        try writer.append(parts.pages[0].bytes, cpu: 0)
        try change()
        var machine = RecordingMachine(parts)
        (machine.kallsyms, machine.printkFormats) = (isPrivate ? Array("ffffffff81000000 T _stext\n".utf8) : [], [])
        return try writer.finish(machine: machine)
    }

    static func problem(_ path: String, isPrivate: Bool = false, change: () throws -> Void = {}) -> String {
        OutputTests.error { try record(path, isPrivate: isPrivate, change: change) }?.description ?? ""
    }

    /// A directory with a file of root's in it, and one below it that belongs to somebody.
    static func tree(owner: uid_t = 0, mode: mode_t = 0o755) throws -> Folder {
        let folder = try Folder()
        _ = FileManager.default.createFile(atPath: folder.file("victim"), contents: Data("precious".utf8))
        chmod(folder.file("victim"), 0o600)
        mkdir(folder.file("home"), 0o755)
        chown(folder.file("home"), owner, .max)
        chmod(folder.file("home"), mode)
        return folder
    }

    /// The beginning of a recording.
    static let before = Data([0x17, 0x08, 0x44] + "tracing7 before".utf8)

    static func make(_ path: String, owner: uid_t = 0, mode: mode_t = 0o600, contents: Data = before) {
        _ = FileManager.default.createFile(atPath: path, contents: contents)
        chown(path, owner, .max)
        chmod(path, mode)
    }

    // MARK: - Mode and owner

    @Test func addressesAreForTheOwnerOnly() throws {
        let folder = try Folder()
        let mask = umask(0)
        umask(mask)
        #expect(try Self.record(folder.file("a.dat"), isPrivate: true).isExposed == false)
        #expect(Entries.rights(folder.file("a.dat")).hasPrefix("600 "))
        try Self.record(folder.file("b.dat"))
        #expect(Entries.rights(folder.file("b.dat")).hasPrefix(String(0o644 & ~mask, radix: 8) + " "))
    }

    @Test(arguments: [0o600, 0o644, 0o640, 0o666] as [mode_t]) func anExistingFileKeepsItsMode(mode: mode_t) throws {
        let folder = try Folder()
        for (isPrivate, isEmpty) in [(false, false), (false, true), (true, false), (true, true)] {
            let path = folder.file("\(isPrivate)\(isEmpty).dat")
            Self.make(path, mode: mode, contents: isEmpty ? Data() : Self.before)
            let size = try Self.record(path, isPrivate: isPrivate)
            // A recording that had no addresses may be for all; one that has them is not, unless a file was made for that.
            let isKept = !isPrivate || isEmpty
            #expect(Entries.rights(path).hasPrefix(String(isKept ? mode : 0o600, radix: 8) + " "))
            // It is said that others can read what is for root only.
            #expect(size.isExposed == (isPrivate && isKept && mode != 0o600))
            #expect(try RecordingParts(path: path).pages[0].bytes == Self.parts.pages[0].bytes)
        }
    }

    @Test(.enabled(if: isRoot, "needs root to give files away")) func anExistingFileKeepsItsOwner() throws {
        let folder = try Self.tree(owner: Self.user)
        for path in [folder.file("a.dat"), folder.file("home/a.dat")] {
            Self.make(path, owner: Self.user, mode: 0o640)
            chown(path, .max, Self.user)
            try Self.record(path)
            #expect(Entries.rights(path) == "640 65534:65534")
        }
        Self.make(folder.file("b.dat"), owner: Self.user)
        #expect(try Self.record(folder.file("b.dat"), isPrivate: true).isExposed)
        #expect(Entries.rights(folder.file("b.dat")).hasPrefix("600 65534:"))
    }

    // MARK: - Files of others

    /// A link that a user planted in the user's directory leads root nowhere.
    @Test(.enabled(if: isRoot, "needs root to give files away"), arguments: ["victim", "new", "victim/../new"])
    func aPlantedLinkIsNotFollowed(target: String) throws {
        for (owner, mode) in [(Self.user, 0o755), (0, 0o1777)] as [(uid_t, mode_t)] {
            let folder = try Self.tree(owner: owner, mode: mode)
            symlink("../" + target, folder.file("home/a.dat"))
            symlink("..", folder.file("home/folder"))
            let before = try Entries.look(folder.path)
            for path in ["home/a.dat", "home/folder/" + target, "home/folder/other"] {
                let problem = Self.problem(folder.file(path))
                #expect(problem.contains("a link in a directory that others may write"), "\(path): \(problem)")
            }
            #expect(try Entries.look(folder.path) == before)
        }
    }

    /// A file that a user left ready in a directory of all would be the user's when it is full.
    @Test(.enabled(if: isRoot, "needs root to give files away")) func aPlantedFileIsLeftAlone() throws {
        let folder = try Self.tree(mode: 0o1777)
        Self.make(folder.file("home/a.dat"), owner: Self.user, mode: 0o666)
        mkfifo(folder.file("home/fifo"), 0o666)
        chown(folder.file("home/fifo"), Self.user, Self.user)
        let before = try Entries.look(folder.file("home"))
        for name in ["a.dat", "fifo"] {
            let problem = Self.problem(folder.file("home/" + name))
            #expect(problem.contains("it belongs to user 65534, in a directory that others may write"), "\(problem)")
        }
        #expect(try Entries.look(folder.file("home")) == before)
    }

    /// Nor are the kernel's addresses written into a user's file in the user's directory.
    @Test(.enabled(if: isRoot, "needs root to give files away")) func addressesAreNotForTheDirectorysOwner() throws {
        let folder = try Self.tree(owner: Self.user)
        Self.make(folder.file("home/a.dat"), owner: Self.user)
        #expect(Self.problem(folder.file("home/a.dat"), isPrivate: true).contains("it belongs to user 65534"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("home/a.dat"))) == Self.before)
        // A file of root's that the user renamed for its mode.
        Self.make(folder.file("home/c.dat"), mode: 0o644)
        #expect(try Self.record(folder.file("home/c.dat"), isPrivate: true).isExposed == false)
        #expect(Entries.rights(folder.file("home/c.dat")) == "600 0:0")
        // A new one there is root's.
        try Self.record(folder.file("home/b.dat"), isPrivate: true)
        #expect(Entries.rights(folder.file("home/b.dat")) == "600 0:0")
    }

    /// What comes while it is recorded is judged like what was there before.
    @Test(.enabled(if: isRoot, "needs root to give files away")) func whatComesMeanwhileIsNoTrap() throws {
        let folder = try Self.tree(owner: Self.user)
        let path = folder.file("home/a.dat")
        let link = Self.problem(path) { symlink("../victim", path) }
        #expect(link.contains("there is a link of this name now, which is left alone"), "\(link)")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "../victim")
        unlink(path)
        #expect(Self.problem(path, isPrivate: true) { Self.make(path, owner: Self.user) }.contains("belongs to user 65534"))
        unlink(path)
        let notes = Self.problem(path) { Self.make(path, contents: Data("notes".utf8)) }
        #expect(notes.contains("is no recording and is left alone; replace it with --force"), "\(notes)")
        unlink(path)
        try Self.record(path) { Self.make(path, owner: 0, mode: 0o600) }
        #expect(Entries.rights(path) == "600 0:0")
        #expect(try String(contentsOfFile: folder.file("victim"), encoding: .utf8) == "precious")
        // The directory is the one that was opened, wherever its name leads now.
        try Self.record(folder.file("home/b.dat")) {
            rename(folder.file("home"), folder.file("moved"))
            symlink("/", folder.file("home"))
        }
        #expect(FileManager.default.fileExists(atPath: folder.file("moved/b.dat")))
    }

    // MARK: - What is no file

    @Test func noRecordingGoesToSocketsAndDisks() throws {
        let folder = try Folder()
        let script = "import socket; socket.socket(socket.AF_UNIX).bind('\(folder.file("s"))')"
        _ = try run(program("python3") ?? "", ["-c", script])
        #expect(Self.problem(folder.file("s")).contains("this is a socket, and no recording is written to such"))
        if Self.isRoot {
            // Of a number that no driver has.
            _ = try shell("mknod '\(folder.file("disk"))' b 254 999999")
            #expect(Self.problem(folder.file("disk")).contains("this is a disk, and no recording is written to such"))
        }
    }

    /// Nobody waits for a reader that may never come; one that is there gets all, however slow it is.
    @Test func aPipeNeedsItsReader() throws {
        let folder = try Folder()
        let path = folder.file("fifo")
        mkfifo(path, 0o600)
        let start = Date()
        #expect(Self.problem(path).contains("nobody reads this pipe; start first what is to read it"))
        #expect(Date().timeIntervalSince(start) < 10)
        try Copies.write(Self.parts, to: .file(folder.file("a.dat")), Form.all[1])
        let reader = Process()
        reader.executableURL = URL(fileURLWithPath: "/bin/sh")
        reader.arguments = ["-c", "exec <\"$0\"; : >\"$1.open\"; sleep 0.3; cat >\"$1\"", path, folder.file("b.dat")]
        try reader.run()
        // It is open for reading when there is a writer: this one, which goes on until the recording is written.
        let writer = open(path, O_WRONLY)
        try Copies.write(Self.parts, to: .file(path), Form.all[1])
        close(writer)
        reader.waitUntilExit()
        #expect(FileManager.default.contentsEqual(atPath: folder.file("a.dat"), andPath: folder.file("b.dat")))
    }

    @Test func anOpenDescriptorHasAName() throws {
        let folder = try Folder()
        try Copies.write(Self.parts, to: .file(folder.file("a.dat")), Form.all[0])
        let descriptor = open(folder.file("b.dat"), O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try Copies.write(Self.parts, to: .file("/dev/fd/\(descriptor)"), Form.all[0])
        close(descriptor)
        #expect(FileManager.default.contentsEqual(atPath: folder.file("a.dat"), andPath: folder.file("b.dat")))
        #expect(Self.problem("/proc/\(getppid())/fd/0").contains("this is an open file of another process"))
        let closed = OutputTests.error { _ = try OutputFile(.descriptor(9_999, name: "standard output"), replacing: .recording()) }
        #expect(closed?.description == "standard output: this is closed; redirect it to a file or a pipe, or name a file with -o")
    }

    @Test func longNamesWork() throws {
        let folder = try Folder()
        let path = folder.file(String(repeating: "n", count: 255))
        try Self.record(path)
        try Self.record(path)  // over the first one
        #expect(folder.names.count == 1)
        #expect(Self.problem(path + "n").contains("File name too long; choose a shorter name with -o"))
    }
}
