import Foundation
import IRQCore
import TestSupport
import Testing
import TraceInput
import TraceOutput

/// Bytes of our own behind a recording.
@Suite struct AttachmentTests {
    /// Text that packs well, so that it is stored packed where the recording is.
    static let text = [UInt8](String(repeating: "           CPU0       CPU1\n 24:   1234   5678  PCI-MSI\n", count: 40).utf8)

    static func recording(_ form: Form, _ path: String, attachment: [UInt8] = text) throws {
        let parts = try RecordingParts(path: Places.recording("amd64-empty"))
        try Copies.write(parts, to: .file(path), form, attachment: attachment)
    }

    @Test(arguments: Form.all)
    func damageIsNotedAndHarmsNothingElse(form: Form) throws {
        let folder = try Folder()
        let path = folder.file("a.dat")
        try Self.recording(form, path)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let report = try CopyTests.report(path)
        func damaged(_ offset: Int, _ byte: UInt8) throws -> (bytes: [UInt8]?, notes: [String]) {
            var bytes = whole
            bytes[bytes.count - offset] ^= byte
            try bytes.write(to: URL(fileURLWithPath: path))
            let other = try CopyTests.report(path)
            #expect(other["irqs"] as? NSArray == report["irqs"] as? NSArray)
            return try attachment(ofRecording: path)
        }
        let (bytes, notes) = try attachment(ofRecording: path)
        #expect(bytes == Self.text && notes.isEmpty)
        // The stored bytes; checksum; unpacked size (a little, a lot); stored size (a little, a lot); magic.
        for (offset, byte) in [(41, 1), (60, 0x80), (40, 1), (32, 1), (25, 0xFF), (24, 1), (17, 0xFF)] as [(Int, UInt8)] {
            let (bytes, notes) = try damaged(offset, byte)
            #expect(bytes == nil && notes.count == 1 && notes[0].contains("attachment"), "\(offset): \(notes)")
        }
        let (none, quiet) = try damaged(1, 1)
        #expect(none == nil && quiet.isEmpty)
        try whole.dropLast(1).write(to: URL(fileURLWithPath: path))
        #expect(try attachment(ofRecording: path).bytes == nil)
    }

    @Test(arguments: Form.all)
    func itComesThroughAPipe(form: Form) throws {
        let folder = try Folder()
        let (path, pipe) = (folder.file("a.dat"), folder.file("pipe"))
        try Self.recording(form, path)
        #expect(mkfifo(pipe, 0o600) == 0)
        let writer = Process()
        writer.executableURL = URL(fileURLWithPath: "/bin/sh")
        writer.arguments = ["-c", "cat \"$0\" > \"$1\"", path, pipe]
        try writer.run()
        let (bytes, notes) = try attachment(ofRecording: pipe)
        writer.waitUntilExit()
        #expect(bytes == Self.text && notes.isEmpty)
    }

    @Test(arguments: Form.all)
    func smallLargeAndNone(form: Form) throws {
        let folder = try Folder()
        let path = folder.file("a.dat")
        // One byte does not get smaller; a mebibyte of anything may not either.
        for count in [0, 1, 39, 40, 41, 1 << 20] {
            var generator = SeededGenerator(seed: UInt64(count))
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            try Self.recording(form, path, attachment: bytes)
            #expect(try attachment(ofRecording: path).bytes == (count == 0 ? nil : bytes))
        }
    }

    /// Events that `record` did not get into the file are lost ones, of the CPUs that are looked at.
    @Test(arguments: Form.all)
    func missingEventsAreLost(form: Form) throws {
        let folder = try Folder()
        let path = folder.file("a.dat")
        var attachment = SnapshotAttachment()
        attachment.addMissing([(0, 1000), (1, 234)])
        try Copies.write(try RecordingParts(path: Places.recording("amd64-v7")), to: .file(path), form, attachment: attachment.bytes)
        let before = try #require(Oracle.report(Places.recording("amd64-v7"))["events"] as? [String: Any])
        let after = try #require(Oracle.report(path)["events"] as? [String: Any])
        func number(_ events: [String: Any], _ key: String) -> Int { events[key] as? Int ?? -1 }
        #expect(number(after, "total") == number(before, "total"))
        #expect(number(after, "lost") == number(before, "lost") + 1234 && number(after, "gaps") == number(before, "gaps") + 2)
        let text = try irqscope("report", path, "--cpu", "1").text
        #expect(text.contains("234 events at the end are missing: they were not read in time"), "\(text)")
        #expect(text.contains("LOST 234 in 1 gap"))
    }

    @Test func recordingsOfOthersHaveNone() throws {
        for name in Places.recordingNames {
            let bytes = try attachment(ofRecording: Places.recording(name)).bytes
            #expect((bytes == nil) == (name != "coverage-hotplug"), "\(name)")
        }
    }
}
