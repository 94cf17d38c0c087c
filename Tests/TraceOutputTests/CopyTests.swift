import Foundation
import TestSupport
import Testing
import TraceInput
import TraceOutput

/// Every recording written again, read by trace-cmd and by irqscope, must say what the original says.
@Suite struct CopyTests {
    static let extra = [UInt8]("{\"interrupts\": \"of the start and the end\"}".utf8)

    /// What trace-cmd says of the top-level buffer. Of several buffers, all but the first have their name before
    /// each line, and the first has blanks in its place.
    static func traceCmd(_ path: String) throws -> (lines: [Substring], errors: String) {
        let result = try run("/usr/bin/trace-cmd", ["report", "-t", "-R", path])
        #expect(result.status == 0)
        var lines = result.text.split(separator: "\n", omittingEmptySubsequences: false)
        if path.contains("-instances") {
            lines = lines.filter { !$0.hasPrefix("second: ") }.map { $0.drop { $0 == " " } }
        }
        return (lines, result.errors)
    }

    /// irqscope's report without what tells file and version.
    static func report(_ path: String) throws -> NSDictionary {
        let result = try irqscope("report", "--json", "--buffer", "top", path)
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        var report = try JSONSerialization.jsonObject(with: result.output) as? [String: Any] ?? [:]
        var source = try #require(report["source"] as? [String: Any])
        source["file"] = nil
        source["version"] = nil
        source["buffers"] = nil
        report["source"] = source
        return report as NSDictionary
    }

    static func difference(_ left: [Substring], _ right: [Substring]) -> String? {
        if left == right { return nil }
        let line = zip(left, right).enumerated().first { $0.element.0 != $0.element.1 }
        return "\(left.count) and \(right.count) lines; "
            + (line.map { "line \($0.offset): \($0.element.0) / \($0.element.1)" } ?? "one ends earlier")
    }

    @Test(
        .enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed"),
        arguments: Copies.originals)
    func copiesReadLikeTheOriginal(path: String) throws {
        let folder = try Folder()
        let parts = try RecordingParts(path: path)
        let name = URL(fileURLWithPath: path).lastPathComponent
        var (lines, errors) = try Self.traceCmd(path)
        if name.contains("-instances") { lines = lines.map { $0.drop { $0 == " " } } }
        #expect(errors == "")
        #expect(lines.count > 50)
        let report = try Self.report(path)
        let rows = report["irqs"] as? [Any] ?? []
        #expect(!rows.isEmpty || !(report["softirqs"] as? [Any] ?? []).isEmpty)
        for form in Form.all {
            let copy = folder.file("\(form)-\(name)")
            let size = try Copies.write(parts, to: .file(copy), form, attachment: Self.extra)
            let attributes = try FileManager.default.attributesOfItem(atPath: copy)
            #expect(attributes[.size] as? Int == size.byteCount)
            #expect(size.pageCount * parts.pageByteCount == parts.pages.reduce(0) { $0 + $1.bytes.count })
            #expect(size.droppedPageCount == 0)

            let (copied, complaints) = try Self.traceCmd(copy)
            #expect(complaints == "", "\(form)")
            let difference = Self.difference(lines, copied)
            #expect(difference == nil, "\(form): \(difference ?? "")")
            let other = try Self.report(copy)
            #expect(other == report, "\(form)")
            let valid = try run("/usr/bin/trace-cmd", ["dump", "-v", copy])
            #expect(valid.status == 0 && valid.text == "File \(copy) is a valid trace-cmd file\n" && valid.errors == "")
            let (attached, notes) = try attachment(ofRecording: copy)
            #expect(attached == Self.extra && notes.isEmpty, "\(form): \(notes)")

            // Taken apart again it has the same parts.
            let again = try RecordingParts(path: copy)
            #expect(again.version == form.version.rawValue && again.pageByteCount == parts.pageByteCount)
            #expect(again.kallsyms == parts.kallsyms && again.printkFormats == parts.printkFormats)
            #expect(again.headerPage == parts.headerPage && again.headerEvent == parts.headerEvent)
            #expect(again.ftraceFormats == parts.ftraceFormats && again.savedCommandLines == parts.savedCommandLines)
            #expect(again.eventFormats.map(\.system) == parts.eventFormats.map(\.system))
            #expect(again.eventFormats.map(\.formats) == parts.eventFormats.map(\.formats))
            let bothTell: Set<Int> = [4, 5, 9, 11]
            #expect(
                again.options.filter { bothTell.contains($0.id) }.map(\.data)
                    == parts.options.filter { bothTell.contains($0.id) }.map(\.data))
            #expect(again.cpuStatistics.map(\.cpu) == parts.cpuStatistics.map(\.cpu))
            #expect(again.cpuStatistics.map(\.text) == parts.cpuStatistics.map(\.text))
            #expect(again.pages.map(\.cpu) == parts.pages.map(\.cpu))
            #expect(again.pages.map(\.bytes) == parts.pages.map(\.bytes))
        }
    }

    @Test func comparisonsSeeADifference() throws {
        let folder = try Folder()
        let path = Places.recording("amd64-empty")
        var parts = try RecordingParts(path: path)
        parts.pages[0].bytes.removeLast(parts.pageByteCount)
        let copy = folder.file("copy.dat")
        try Copies.write(parts, to: .file(copy), Form.all[0])
        #expect(try Self.report(copy) != Self.report(path))
        if program("trace-cmd") != nil {
            #expect(try Self.difference(Self.traceCmd(copy).lines, Self.traceCmd(path).lines) != nil)
        }
    }
}
