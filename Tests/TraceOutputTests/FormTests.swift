import Foundation
import TestSupport
import Testing
import TraceInput
import TraceOutput

/// Recordings that are odd but valid, and what trace-cmd's other commands say of ours.
@Suite struct FormTests {
    static let hasTraceCmd = program("trace-cmd") != nil

    static func traceCmd(_ arguments: String...) throws -> ProcessResult {
        let result = try run("/usr/bin/trace-cmd", arguments)
        #expect(result.status == 0 && result.errors == "", "\(arguments): \(result.status) \(result.errors)")
        return result
    }

    @Test(.enabled(if: hasTraceCmd, "trace-cmd is not installed"), arguments: Form.all)
    func recordingWithoutEvents(form: Form) throws {
        let folder = try Folder()
        var parts = try RecordingParts(path: Places.recording("amd64-v7"))
        parts.pages = []
        let path = folder.file("empty.dat")
        let size = try Copies.write(parts, to: .file(path), form, attachment: [1, 2, 3])
        #expect(size.pageCount == 0 && size.storedPageByteCount == 0)
        let text = try Self.traceCmd("report", "-t", "-R", path).text
        #expect(text == "cpus=2\n")
        _ = try Self.traceCmd("dump", "-v", path)
        let report = try irqscope("report", path)
        let sentence = "it holds no events at all: nothing happened that was traced, or tracing was off"
        #expect(report.status == 0 && report.errors == "irqscope: \(path): \(sentence)\n", "\(report.errors)")
        #expect(report.text.contains("no events at all"))
        #expect(try attachment(ofRecording: path).bytes == [1, 2, 3])
    }

    /// CPU 1 offline all the time, CPU 3 without events.
    @Test(.enabled(if: hasTraceCmd, "trace-cmd is not installed"), arguments: Form.all)
    func cpusWithGaps(form: Form) throws {
        let folder = try Folder()
        let original = Places.recording("arm64-v7")
        var parts = try RecordingParts(path: original)
        #expect(parts.pages.map(\.cpu).contains(1) && parts.pages.map(\.cpu).contains(3))
        parts.pages.removeAll { $0.cpu == 1 || $0.cpu == 3 }
        let path = folder.file("gaps.dat")
        var writer = try RecordingWriter(
            .file(path), version: form.version, compression: form.compression, pageByteCount: parts.pageByteCount,
            cpus: [7, 6, 5, 4, 3, 2, 0])
        // All at once, as a flight recorder has them.
        for (cpu, bytes) in parts.pages { try writer.append(bytes, cpu: cpu) }
        _ = try writer.finish(machine: RecordingMachine(parts))
        let others = try shell("trace-cmd report -t -R '\(original)' | grep -v -e ' \\[001\\] ' -e ' \\[003\\] '").output
        #expect(try others.count < Self.traceCmd("report", "-t", "-R", original).output.count)
        // The first line tells the CPUs: 8.
        let difference = try CopyTests.difference(others, Self.traceCmd("report", "-t", "-R", path).output)
        #expect(difference == nil, "\(difference ?? "")")
        let report = try CopyTests.report(path)
        #expect((report["source"] as? [String: Any])?["cpus"] as? Int == 8, "\(report["source"] ?? "")")
        #expect(try RecordingParts(path: path).pages.map(\.cpu) == [0, 2, 4, 5, 6, 7])
    }

    /// What the commands of trace-cmd's dump print of the texts, without the lines that tell places.
    @Test(
        .enabled(if: hasTraceCmd, "trace-cmd is not installed"),
        arguments: ["amd64-v7", "armhf-v6", "ppc64el-v7", "amd64-empty"])
    func dumpsOfTheTextsAreTheSame(name: String) throws {
        let folder = try Folder()
        let original = Places.recording(name)
        let parts = try RecordingParts(path: original)
        for form in Form.all {
            let path = folder.file("\(form).dat")
            try Copies.write(parts, to: .file(path), form, attachment: CopyTests.extra)
            for what in [
                "--head-page", "--head-event", "--ftrace-events", "--systems", "--events", "--kallsyms", "--printk",
                "--cmd-lines",
            ] + (form.version.rawValue == parts.version ? ["--clock"] : []) {
                let texts = try [path, original].map {
                    try shell("trace-cmd dump \(what) -i '\($0)' | grep -av '^.\\[Section '").output
                }
                let difference = CopyTests.difference(texts[1], texts[0])
                #expect(!texts[1].isEmpty && difference == nil, "\(form) \(what): \(difference ?? "")")
                _ = try Self.traceCmd("dump", what, "-i", path)
            }
            let all = try Self.traceCmd("dump", "--all", "-i", path).text
            let summary = try Self.traceCmd("dump", "--summary", "--options", "--flyrecord", "-i", path).text
            #expect(all.contains("[Kallsyms, \(parts.kallsyms.count) bytes]"))
            #expect(summary.contains("[Header page, \(parts.headerPage.count) bytes]"))
            for option in [4, 5, 9] { #expect(summary.contains(parts.text(option: option)!), "\(form) \(option)") }
            if form.version == .v7 {
                // Seven texts, the options, the pages: the attachment is no section.
                #expect(summary.contains("\t[9 sections]"), "\(summary)")
                #expect(summary.contains("\(parts.pages.count) [CPUs]:"))
            }
        }
    }

    @Test(.enabled(if: hasTraceCmd, "trace-cmd is not installed"))
    func convertedByTraceCmdItIsTheSame() throws {
        let folder = try Folder()
        let original = Places.recording("amd64-rt-v7")
        let parts = try RecordingParts(path: original)
        let path = folder.file("a.dat")
        try Copies.write(parts, to: .file(path), Form.all[0], attachment: CopyTests.extra)
        let results = try [original, path].enumerated().map { index, path in
            let converted = folder.file("converted-\(index).dat")
            let arguments = ["convert", "-i", path, "-o", converted, "--file-version", "6"]
            let result = try run("/usr/bin/trace-cmd", arguments)
            #expect(result.status == 0)
            return (result.errors, try CopyTests.traceCmd(converted).text)
        }
        #expect(results[0] == results[1])
        #expect(try CopyTests.traceCmd(original).text == results[1].1)
    }
}
