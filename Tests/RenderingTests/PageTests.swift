import Foundation
import TestSupport
import Testing

@testable import IRQCore
@testable import Rendering

/// Pages of reports that are made up, as an HTML parser and a browser see them.
@Suite struct PageTests {
    static let hasBrowser = program("chromium") != nil
    static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</style></script><svg onload=alert(2)>", "'--><!--&lt;b&gt;",
        "javascript:alert(1)", "a\u{202E}b\u{7}", String(repeating: "long-name-", count: 40),
    ]

    /// The page of a report.
    static func page(_ report: Report) -> [UInt8] {
        let collected = Collected()
        var output = ByteOutput { collected.add($0) }
        ReportHTML(report).write(to: &output)
        output.flush()
        return collected.bytes
    }

    final class Collected {
        var bytes: [UInt8] = []

        func add(_ span: RawSpan) -> Bool {
            unsafe span.withUnsafeBytes { unsafe bytes += $0 }
            return true
        }
    }

    static func write(_ report: Report, _ name: String, in folder: TestFolder) throws -> String {
        let path = folder.file(name)
        try Data(page(report)).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Reports with all there is to draw, with names that want to be more than text, with nothing, and with very much.
    static func files(in folder: TestFolder) throws -> [String] {
        var empty = MadeTimeline.report()
        (empty.rows, empty.storms, empty.timeline) = ([], [], nil)
        var bare = MadeTimeline.report()
        bare.timeline = Timeline(startNanoseconds: 0, columnNanoseconds: 1, columnCount: 1)
        var ticks = MadeTimeline.report()
        (ticks.timeline, ticks.source.isClockNanoseconds, ticks.source.clock) = (nil, false, "counter")
        return [
            try write(MadeTimeline.report(), "made.html", in: folder),
            try write(MadeTimeline.report(names: hostile), "hostile.html", in: folder),
            try write(empty, "empty.html", in: folder), try write(bare, "bare.html", in: folder),
            try write(ticks, "ticks.html", in: folder),
        ]
    }

    @Test(.enabled(if: program("python3") != nil, "python3 is not here")) func pagesAreWhole() throws {
        let folder = try TestFolder()
        let files = try Self.files(in: folder)
        #expect(try PageTools.problems(files) == "")
        let hostile = try String(contentsOfFile: files[1], encoding: .utf8)
        #expect(hostile.contains("irq 30 &lt;script&gt;alert(1)&lt;/script&gt;") && !hostile.contains("<script>alert"))
        #expect(try String(contentsOfFile: files[2], encoding: .utf8).contains("There is no interrupt in this recording."))
        #expect(try String(contentsOfFile: files[4], encoding: .utf8).contains("counts ticks, not time"))
    }

    @Test(.enabled(if: hasBrowser, "chromium is not here")) func browsersAreContent() throws {
        let folder = try TestFolder()
        #expect(try PageTools.problemsInBrowser(Array(Self.files(in: folder).prefix(2))) == "")
    }

    /// Every cell is in a picture, once: the lengths of all lines are the number of cells.
    @Test func linesHaveAllCells() {
        let map = MadeTimeline.report().timeline?.heatMaps.first ?? HeatMap(subject: .wake(name: "", pid: 0))
        let steps = map.cells.map { Int($0.step) }
        let axis = LatencyAxis(steps.min() ?? 0, steps.max() ?? 0, units: Units())
        let collected = Collected()
        var output = ByteOutput { collected.add($0) }
        HeatDrawing(map, HeatLevels(most: map.cells.map(\.count).max() ?? 1), axis, hasCounts: true).write(to: &output)
        output.flush()
        let text = String(decoding: collected.bytes, as: UTF8.self)
        let paths = text.matches(of: /\ d="([^"]*)"/).map(\.1)
        let lengths = paths.flatMap { $0.matches(of: /h(\d+)/).compactMap { Int($0.1) } }
        #expect(map.cells.count > 1000 && lengths.reduce(0, +) == map.cells.count)
        #expect(lengths.count < map.cells.count, "neighbours of one colour are one line")
    }

    /// Rows end where there is no more room, and the page says so; pictures stay.
    @Test func pagesStaySmall() throws {
        var report = MadeTimeline.report(cpuCount: 1152)
        let row = report.rows[0]
        for number in 0..<16_384 {
            var other = ReportRow(RowKey(kind: .irq, number: Int64(1000 + number), name: "mlx5_comp\(number)@pci:0000:c1:00.0"))
            other[.duration] = row.duration
            report.rows.append(other)
        }
        let page = Self.page(report)
        #expect(page.count < 2_000_000 && page.count > 1_000_000)
        let text = String(decoding: page, as: UTF8.self)
        #expect(text.contains(" more rows are left out, for a page stays small: --filter, --irq or --sort"))
        #expect(text.contains("id=\"heat-5\""))
    }

    /// Whoever closes the pipe is not kept waiting for the rest.
    @Test func nothingIsMadeForNobody() {
        var blockCount = 0
        var output = ByteOutput { _ in
            blockCount += 1
            return false
        }
        ReportHTML(MadeTimeline.report()).write(to: &output)
        #expect(!output.flush() && blockCount == 1)
    }
}
