import Foundation
import IRQCore
import TestSupport
import Testing
import TraceInput
import TraceOutput

/// Full disks, kills and long recordings. What must happen in a process of its own is a test of its own, which the
/// other one runs: IRQSCOPE_TEST_FOLDER names its directory.
@Suite struct HardshipTests {
    static let variable = "IRQSCOPE_TEST_FOLDER"
    static var folder: String? { ProcessInfo.processInfo.environment[variable] }
    static var count: Int { ProcessInfo.processInfo.environment["IRQSCOPE_TEST_COUNT"].flatMap { Int($0) } ?? 0 }

    /// How to run one test of this suite, below `command`.
    static func arguments(_ test: String) -> [String] {
        [CommandLine.arguments[0], "--testing-library", "swift-testing", "--filter", "HardshipTests/" + test]
    }

    static let parts = try! RecordingParts(path: Places.recording("amd64-empty"))

    /// Pages that do not pack: a page of the recording, its records replaced by noise.
    static func noise(pageCount: Int, seed: UInt64 = 1) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        return (0..<pageCount * 512).flatMap { _ in
            withUnsafeBytes(of: UInt64.random(in: 0 ... .max, using: &generator)) { Array($0) }
        }
    }

    // MARK: - A full disk

    /// On a file system of 24 MiB that nobody else sees.
    @Test(.serialized, .enabled(if: folder != nil, "run by the next one only"), arguments: [true, false])
    func onAFullDisk(isReal: Bool) throws {
        let folder = try #require(Self.folder)
        let path = folder + "/a.dat"
        // Pages of the recording, again and again, not packed.
        let pages = isReal ? Array(Self.parts.pages[0].bytes.prefix(64 << 10)) : Self.noise(pageCount: 16)
        do {
            let layout = try #require(PageLayout(subBufferByteCount: 4096, commitByteCount: 8, byteOrder: .little))
            var writer = try RecordingWriter(
                .file(path), compression: .none, pageByteCount: 4096, cpus: [0, 1], layout: layout)
            var failure: RecordingWriteError?
            var given = 0
            while given < 640, failure == nil {
                do { try writer.append(pages: pages.span.bytes, cpu: given % 2) } catch { failure = error }
                given += 1
            }
            #expect(failure?.number == ENOSPC, "\(given) times 64 KiB fit")
            #expect(failure?.description.contains("\(path): no more events can be kept after ") == true)
            // It stays so.
            var again: RecordingWriteError?
            do { try writer.append(pages: pages.span.bytes, cpu: 0) } catch { again = error }
            #expect(again == failure)
            let size = try writer.finish(machine: RecordingMachine(Self.parts), attachment: [1])
            #expect(size.pageCount > 15 << 8 && size.pageCount + size.droppedPageCount == (given + 1) * 16)
            #expect(size.droppedPageCount >= 16)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(names == ["a.dat"])
            let written = try RecordingParts(path: path)
            let bytes = written.pages.reduce(0) { $0 + $1.bytes.count }
            #expect(bytes == size.pageCount * 4096)
            let areSame = written.pages.allSatisfy { $0.bytes.starts(with: pages) }
            #expect(areSame)
            // What is not in the file is counted, to the event.
            let decoder = PageDecoder(layout: layout)
            func events(_ bytes: [UInt8]) -> Int {
                stride(from: 0, to: bytes.count, by: 4096).reduce(0) { sum, start in
                    let page = Array(bytes[start..<start + 4096])
                    return sum + decoder.eventCount(page.span.bytes)
                }
            }
            let dropped = writer.droppedEvents.reduce(0) { $0 + Int($1.count) }
            let kept = written.pages.reduce(0) { $0 + events($1.bytes) }
            #expect(kept + dropped == events(pages) * (given + 1) && (dropped > 0) == isReal)
            #expect(try attachment(ofRecording: path).bytes == [1])
            let report = try irqscope("report", path)
            #expect(report.status == 0, "\(report.errors)")
            try FileManager.default.removeItem(atPath: path)
        }

        // So full that the end does not fit: no file.
        var second = try RecordingWriter(.file(path), version: .v6, pageByteCount: 4096, cpus: [0])
        try second.append(pages: pages.span.bytes, cpu: 0)
        var machine = RecordingMachine(Self.parts)
        machine.kallsyms = [UInt8](repeating: 65, count: 25 << 20)
        var end: RecordingWriteError?
        do { _ = try second.finish(machine: machine) } catch { end = error }
        #expect(end?.number == ENOSPC && end?.path == path, "\(end?.description ?? "")")
        let left = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(left == [])
    }

    @Test(.enabled(if: folder != nil, "run by the next one only"))
    func onATinyDisk() throws {
        let folder = try #require(Self.folder)
        _ = FileManager.default.createFile(atPath: folder + "/filler", contents: Data(count: 20 << 20))
        let error = OutputTests.error {
            _ = try RecordingWriter(.file(folder + "/a.dat"), pageByteCount: 4096, cpus: [0])
        }
        #expect(error?.number == ENOSPC)
        #expect(error?.description.contains("not even 8 MiB are free here") == true)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names == ["filler"])
    }

    @Test(
        .enabled(if: folder == nil && getuid() == 0 && program("unshare") != nil, "needs root and unshare"),
        arguments: [("onAFullDisk", 24), ("onATinyDisk", 24)])
    func aFullDisk(test: String, mebibytes: Int) throws {
        let folder = try Folder()
        // The mount is in a name space of its own: it is gone with the process, however that ends.
        let mount = "mount -t tmpfs -o size=\(mebibytes)m tmpfs \"$0\" && exec \"$@\""
        let result = try run(
            "/usr/bin/unshare", ["-m", "/bin/sh", "-c", mount, folder.path] + Self.arguments(test),
            environment: [Self.variable: folder.path])
        let log = result.text + result.errors
        #expect(result.status == 0 && log.contains("1 test") && log.contains("\(test)"), "\(log)")
        #expect(folder.names == [])
        let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)
        #expect(!mounts.contains(folder.path))
    }

    // MARK: - Killed

    @Test(.enabled(if: folder != nil, "run by the next one only"))
    func recordsUntilKilled() throws {
        let folder = try #require(Self.folder)
        var writer = try RecordingWriter(.file(folder + "/a.dat"), pageByteCount: 4096, cpus: [0])
        let pages = Self.noise(pageCount: 64)
        for _ in 0..<8 { try writer.append(pages: pages.span.bytes, cpu: 0) }
        _ = FileManager.default.createFile(atPath: folder + "/ready", contents: nil)
        while true { usleep(10_000) }
    }

    @Test(.enabled(if: folder == nil))
    func aKilledRecordingLeavesNothing() throws {
        let folder = try Folder()
        let process = Process()
        let line = Self.arguments("recordsUntilKilled")
        process.executableURL = URL(fileURLWithPath: line[0])
        process.arguments = Array(line.dropFirst())
        process.environment = ProcessInfo.processInfo.environment.merging([Self.variable: folder.path]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        for _ in 0..<1000 where !folder.names.contains("ready") { usleep(20_000) }
        #expect(folder.names == ["ready"])
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        #expect(folder.names == ["ready"])
    }

    // MARK: - No nameless files

    @Test(.enabled(if: folder != nil, "run by the next one only"))
    func withoutNamelessFiles() throws {
        let folder = try #require(Self.folder)
        func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder) }
        _ = FileManager.default.createFile(atPath: folder + "/a.dat", contents: OwnershipTests.before)
        do {
            var writer = try RecordingWriter(.file(folder + "/a.dat"), pageByteCount: 4096, cpus: [0])
            try writer.append(Self.parts.pages[0].bytes, cpu: 0)
            // The output has a hidden name meanwhile; the spools have none.
            let during = try names().sorted()
            #expect(during.count == 2 && during[0].hasPrefix(".irqscope.") && during[1] == "a.dat", "\(during)")
            _ = try writer.finish(machine: RecordingMachine(Self.parts))
            let after = try names()
            #expect(after == ["a.dat"])
        }
        do { _ = try RecordingWriter(.file(folder + "/b.dat"), pageByteCount: 4096, cpus: [0]) }
        let left = try names()
        #expect(left == ["a.dat"])
        #expect(try RecordingParts(path: folder + "/a.dat").pages[0].bytes == Self.parts.pages[0].bytes)
    }

    /// FAT, NFS and FUSE have no O_TMPFILE.
    @Test(.enabled(if: folder == nil && program("gcc") != nil))
    func aFileSystemWithoutNamelessFiles() throws {
        let (folder, tools) = (try Folder(), try Folder())
        let source = """
            #include <errno.h>
            #include <fcntl.h>
            #include <stdarg.h>
            #include <sys/syscall.h>
            #include <unistd.h>
            static int refuse(int folder, const char *path, int flags, int mode)
            {
                if (flags & 020000000) { errno = EOPNOTSUPP; return -1; }
                return syscall(SYS_openat, folder, path, flags, mode);
            }
            int open(const char *path, int flags, ...)
            {
                va_list rest;
                va_start(rest, flags);
                int mode = va_arg(rest, int);
                va_end(rest);
                return refuse(AT_FDCWD, path, flags, mode);
            }
            int openat(int folder, const char *path, int flags, ...)
            {
                va_list rest;
                va_start(rest, flags);
                int mode = va_arg(rest, int);
                va_end(rest);
                return refuse(folder, path, flags, mode);
            }
            int open64(const char *path, int flags, ...) __attribute__((alias("open")));
            int openat64(int folder, const char *path, int flags, ...) __attribute__((alias("openat")));
            """
        try source.write(toFile: tools.file("open.c"), atomically: true, encoding: .utf8)
        let compiled = try run(
            "/usr/bin/gcc", ["-O2", "-w", "-shared", "-fPIC", "-o", tools.file("open.so"), tools.file("open.c")])
        try #require(compiled.status == 0, "\(compiled.errors)")
        let line = Self.arguments("withoutNamelessFiles")
        let result = try run(
            line[0], Array(line.dropFirst()),
            environment: ["LD_PRELOAD": tools.file("open.so"), Self.variable: folder.path])
        let log = result.text + result.errors
        #expect(result.status == 0 && log.contains("withoutNamelessFiles() passed"), "\(log)")
    }

    // MARK: - Long

    /// Appends IRQSCOPE_TEST_COUNT times a mebibyte, and tells the peak of its memory.
    @Test(.enabled(if: folder != nil, "run by the next one only"))
    func recordsLong() throws {
        let folder = try #require(Self.folder)
        var writer = try RecordingWriter(.file(folder + "/a.dat"), pageByteCount: 4096, cpus: [0, 1, 2, 3])
        let pages = Self.parts.pages[0].bytes
        let count = pages.count / 4096
        for index in 0..<Self.count * 256 {
            let start = index % count * 4096
            try writer.append(pages: pages.span.bytes.extracting(start..<start + 4096), cpu: index & 3)
        }
        // Not getrusage(2), whose peak is that of the parent too.
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
        let peak = try #require(status.first { $0.hasPrefix("VmHWM:") })
        let kibibytes = peak.filter(\.isNumber)
        try kibibytes.write(toFile: folder + "/rss", atomically: true, encoding: .utf8)
    }

    @Test(.enabled(if: folder == nil && program("gcc") != nil))
    func appendingTakesNoMemory() throws {
        let folder = try Folder()
        let library = folder.file("mallocs.so")
        let source = Places.repository.appendingPathComponent("Tests/bench/mallocs.c").path
        let compiled = try run("/usr/bin/gcc", ["-O2", "-shared", "-fPIC", "-o", library, source])
        try #require(compiled.status == 0, "\(compiled.errors)")
        func cost(mebibytes: Int) throws -> (allocations: Int, kibibytes: Int) {
            let counts = folder.file("counts")
            let line = Self.arguments("recordsLong")
            let result = try run(
                line[0], Array(line.dropFirst()),
                environment: [
                    "LD_PRELOAD": library, "MALLOCS": counts, Self.variable: folder.path,
                    "IRQSCOPE_TEST_COUNT": "\(mebibytes)",
                ])
            let log = result.text + result.errors
            try #require(result.status == 0 && log.contains("recordsLong() passed"), "\(log)")
            let text = try String(contentsOfFile: counts, encoding: .utf8)
            let memory = try String(contentsOfFile: folder.file("rss"), encoding: .utf8)
            return (try #require(text.split(separator: " ").first.flatMap { Int($0) }), try #require(Int(memory)))
        }
        let few = try cost(mebibytes: 2)
        let many = try cost(mebibytes: 202)
        print("2 MiB: \(few); 202 MiB: \(many)")
        // The test program's own threads allocate some hundreds more or less; 200 MiB are 51,200 pages.
        #expect(many.allocations - few.allocations < 5000)
        #expect(many.kibibytes - few.kibibytes < 4096)
    }
}
