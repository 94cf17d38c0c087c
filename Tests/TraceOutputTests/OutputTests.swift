import Foundation
import TestSupport
import Testing
import TraceOutput

/// Where a recording goes, and what happens if it cannot.
@Suite struct OutputTests {
    static let parts = try! RecordingParts(path: Places.recording("amd64-empty"))

    static func error(_ body: () throws -> Void) -> RecordingWriteError? {
        do {
            try body()
            return nil
        } catch { return error as? RecordingWriteError }
    }

    /// The spool changes and goes before somebody reads the pipe: that must not show.
    @Test(arguments: Form.all)
    func aPipeGetsTheSameBytes(form: Form) throws {
        let folder = try Folder()
        let path = folder.file("a.dat")
        try Copies.write(Self.parts, to: .file(path), form, attachment: [1, 2, 3])
        let pipe = Pipe()
        let reader = Process()
        reader.executableURL = URL(fileURLWithPath: "/bin/sh")
        reader.arguments = ["-c", "sleep 0.2; cat > \"$0\"", folder.file("b.dat")]
        reader.standardInput = pipe
        try reader.run()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        // One that does not block must be waited for.
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        let size = try Copies.write(
            Self.parts, to: .descriptor(descriptor, name: "standard output"), form, attachment: [1, 2, 3])
        try pipe.fileHandleForWriting.close()
        reader.waitUntilExit()
        let (file, piped) = try (
            Data(contentsOf: URL(fileURLWithPath: path)), Data(contentsOf: URL(fileURLWithPath: folder.file("b.dat")))
        )
        #expect(file == piped)
        #expect(file.count == size.byteCount)
        #expect(file.count > 30_000)
    }

    /// As `>> file` has it, to which sendfile(2) does not write.
    @Test func anAppendedFileGetsTheSameBytes() throws {
        let folder = try Folder()
        try Copies.write(Self.parts, to: .file(folder.file("a.dat")), Form.all[0])
        let descriptor = open(folder.file("b.dat"), O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try Copies.write(Self.parts, to: .descriptor(descriptor, name: "standard output"), Form.all[0])
        close(descriptor)
        #expect(FileManager.default.contentsEqual(atPath: folder.file("a.dat"), andPath: folder.file("b.dat")))
    }

    @Test func aReaderThatLeavesIsNoticed() throws {
        signal(SIGPIPE, SIG_IGN)
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        var writer = try RecordingWriter(
            .descriptor(descriptor, name: "standard output"), pageByteCount: 4096, cpus: [0])
        let isGoneAtFirst = writer.isReaderGone
        try pipe.fileHandleForReading.close()
        let isGoneThen = writer.isReaderGone
        #expect(!isGoneAtFirst && isGoneThen)
        try writer.append(Self.parts.pages[0].bytes, cpu: 0)
        var found: RecordingWriteError?
        do { _ = try writer.finish(machine: RecordingMachine(Self.parts)) } catch { found = error }
        #expect(found?.isReaderGone == true)
        #expect(found?.description.hasPrefix("standard output: nobody reads on after 0 bytes: Broken pipe; ") == true)
    }

    @Test func theFileAppearsAtTheEndAndReplacesWhatWasThere() throws {
        let folder = try Folder()
        let path = folder.file("a.dat")
        let link = folder.file("link.dat")
        try OwnershipTests.before.write(to: URL(fileURLWithPath: path))
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        var writer = try RecordingWriter(.file(link), pageByteCount: 4096, cpus: [0])
        try writer.append(Self.parts.pages[0].bytes, cpu: 0)
        #expect(folder.names == ["a.dat", "link.dat"])
        #expect(FileManager.default.contents(atPath: path) == OwnershipTests.before)
        let size = try writer.finish(machine: RecordingMachine(Self.parts))
        #expect(folder.names == ["a.dat", "link.dat"])
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path)
        #expect(FileManager.default.contents(atPath: path)?.count == size.byteCount)
        // It tells addresses of the kernel, which the one before did not.
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func anAbandonedRecordingLeavesNothing() throws {
        let folder = try Folder()
        do {
            var writer = try RecordingWriter(.file(folder.file("a.dat")), pageByteCount: 4096, cpus: [0])
            try writer.append([UInt8](repeating: 1, count: 1 << 20), cpu: 0)
            let stored = writer.storedByteCount
            #expect(stored > 0)
        }
        #expect(folder.names == [])
    }

    @Test func placesThatCannotBe() throws {
        let folder = try Folder()
        for (path, problem) in [
            (folder.path, "Is a directory"), (folder.file("none/a.dat"), "No such file or directory"),
            ("/proc/a.dat", "No such file"), ("/dev/full", "No space left on device"),
        ] {
            let error = Self.error { try Copies.write(Self.parts, to: .file(path), Form.all[0]) }
            let text = error?.description ?? ""
            #expect(text.hasPrefix(path + ": ") && text.contains(problem) && text.contains("; "), "\(path): \(text)")
        }
        #expect(folder.names == [])
        let null = Self.error { try Copies.write(Self.parts, to: .file("/dev/null"), Form.all[0]) }
        #expect(null == nil)
    }

    @Test func misuseIsRefused() throws {
        let folder = try Folder()
        var writer = try RecordingWriter(.file(folder.file("a.dat")), pageByteCount: 4096, cpus: [0, 2])
        let page = [UInt8](repeating: 0, count: 4096)
        func problem(_ body: (inout RecordingWriter) throws -> Void) -> String {
            do {
                try body(&writer)
                return ""
            } catch { return "\(error)" }
        }
        #expect(problem { try $0.append(page, cpu: 1) }.contains("CPU 1 is not recorded"))
        #expect(problem { try $0.append(page, cpu: -1) }.contains("CPU -1 is not recorded"))
        #expect(problem { try $0.append(page, cpu: 3) }.contains("CPU 3 is not recorded"))
        #expect(problem { try $0.append(Array(page.dropLast()), cpu: 0) }.contains("4095 bytes are no whole"))
        #expect(problem { _ = try $0.finish(machine: RecordingMachine(Self.parts)) } == "")
        #expect(problem { try $0.append(page, cpu: 0) }.contains("after the end"))
        #expect(problem { _ = try $0.finish(machine: RecordingMachine(Self.parts)) }.contains("after the end"))
        for size in [0, 100, 4097] {
            let error = Self.error { _ = try RecordingWriter(.file(folder.file("b.dat")), pageByteCount: size, cpus: []) }
            #expect(error?.problem.contains("sub-buffers of \(size) bytes") == true)
        }
    }
}
