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
    static func traceCmd(_ path: String) throws -> (text: Data, errors: String) {
        let filter = path.contains("-instances") ? "sed -e '/^second: /d' -e 's/^ *//'" : "cat"
        let result = try shell("set -o pipefail; trace-cmd report -t -R '\(path)' | \(filter)")
        #expect(result.status == 0)
        return (result.output, result.errors)
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
        // Whether it is packed is what the forms differ in.
        source["has_checksums"] = nil
        report["source"] = source
        return report as NSDictionary
    }

    /// How two texts differ; nil if they do not.
    static func difference(_ left: Data, _ right: Data) -> String? {
        if left == right { return nil }
        let (left, right) = (left.split(separator: 10), right.split(separator: 10))
        let line = zip(left, right).enumerated().first { $0.element.0 != $0.element.1 }
        return "\(left.count) and \(right.count) lines; "
            + (line.map { index, lines in
                "line \(index): \(String(decoding: lines.0, as: UTF8.self)) / \(String(decoding: lines.1, as: UTF8.self))"
            } ?? "one ends earlier")
    }

    @Test(
        .enabled(if: program("trace-cmd") != nil, "trace-cmd is not installed"),
        arguments: Copies.originalsAndForms)
    func copiesReadLikeTheOriginal(path: String, forms: [Form]) throws {
        let folder = try Folder()
        let parts = try RecordingParts(path: path)
        let name = URL(fileURLWithPath: path).lastPathComponent
        let (text, errors) = try Self.traceCmd(path)
        #expect(errors == "")
        #expect(text.count > 5000)
        let report = try Self.report(path)
        let rows = report["irqs"] as? [Any] ?? []
        #expect(!rows.isEmpty || !(report["softirqs"] as? [Any] ?? []).isEmpty)
        for form in forms {
            let copy = folder.file("\(form)-\(name)")
            let size = try Copies.write(parts, to: .file(copy), form, attachment: Self.extra)
            let attributes = try FileManager.default.attributesOfItem(atPath: copy)
            #expect(attributes[.size] as? Int == size.byteCount)
            #expect(size.pageCount * parts.pageByteCount == parts.pages.reduce(0) { $0 + $1.bytes.count })
            #expect(size.droppedPageCount == 0)

            let (copied, complaints) = try Self.traceCmd(copy)
            #expect(complaints == "", "\(form)")
            let difference = Self.difference(text, copied)
            #expect(difference == nil, "\(form): \(difference ?? "")")
            // The time in which was traced is told by what was attached.
            let other = try Self.report(copy)
            let sides = [other, report].map { $0.mutableCopy() as? NSMutableDictionary }
            for side in sides { side?.removeObject(forKey: "traced") }
            #expect(sides[0] != nil && sides[0] == sides[1], "\(form)")
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
            #expect(try Self.difference(Self.traceCmd(copy).text, Self.traceCmd(path).text) != nil)
        }
    }
}
