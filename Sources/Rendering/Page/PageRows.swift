internal import IRQCore

/// The section of all rows: a table for each kind, with the distribution of each row.
struct PageRows {
    let report: Report
    let units: Units
    let sort: SortKey
    /// The bytes that all tables may take together.
    let byteLimit: Int

    /// The name of a row for links to it.
    static func id(_ key: RowKey, in report: Report) -> String? {
        report.rows.firstIndex { PageKey($0.key) == PageKey(key) }.map { "row-\($0)" }
    }

    /// Writes the section.
    func write(to output: inout ByteOutput) {
        output.put("<h2 id=\"rows\">All rows</h2>\n")
        if report.rows.isEmpty {
            output.put("<p>There is no interrupt, softirq, vector or work item in this recording.</p>\n")
            return
        }
        output.put(
            "<p class=\"small soft\">In each distribution time goes to the right on a logarithmic scale, the same for all rows of a "
                + "table, and what took less than 50 ns stands at its left edge; the height is the logarithm of the count. The thick "
                + "line is the median, then come p90, p99 and p99.9, and red is the longest.</p>\n")
        let columns = RowColumns(report, sort: sort)
        let places = Dictionary(report.rows.enumerated().map { ($1.key, $0) }) { first, _ in first }
        // Every kind has its part of the room; what the others will leave of theirs, one may use.
        let kinds = RowKind.allCases.map { (kind: $0, rows: report[$0]) }.filter { !$0.rows.isEmpty }
        let fairShare = byteLimit / max(kinds.count, 1)
        var room = byteLimit
        for (place, (kind, rows)) in kinds.enumerated() {
            let kept = kinds[(place + 1)...].reduce(0) { $0 + min($1.rows.count * Self.rowByteCount, fairShare) }
            let section = columns.section(kind)
            let start = output.byteCount
            output.put("<h3 id=\"rows-\(kind.rawValue)\">\(section.title)</h3>\n")
            let shown = PageTable(section.columns, units: units).write(
                rows, name: section.title, byteLimit: max(room - kept, 0), id: { places[$0.key].map { "row-\($0)" } },
                drawing: drawing(rows), to: &output)
            if shown < rows.count {
                output.put(
                    "<p>\(Units.count(UInt64(rows.count - shown))) more rows are left out, for a page stays small: --filter, --irq "
                        + "or --sort choose others, and --format csv has all.</p>\n")
            }
            room -= output.byteCount - start
        }
    }

    /// The bytes of a row, about.
    private static let rowByteCount = 1000

    private func drawing(_ rows: [ReportRow]) -> PageTable<ReportRow>.Drawing? {
        guard let axis = DistributionDrawing.axis(rows.lazy.map(\.duration), units: units) else { return nil }
        let drawing = DistributionDrawing(axis: axis, units: units)
        return PageTable.Drawing(
            title: "DISTRIBUTION", head: { PagePlot.writeX(PageTick.spaced(axis.ticks, by: 0.22), to: &$0) },
            write: { row, output in
                if row.duration.count > 0 {
                    drawing.write(row.duration, name: RowLabel.words(row.key, in: report), to: &output)
                }
            })
    }
}
