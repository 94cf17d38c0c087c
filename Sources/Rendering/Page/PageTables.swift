internal import IRQCore

/// The section of tables beside those of rows: high rates, threads, wake-ups and the tasks that lost time.
struct PageTables {
    let report: Report
    let units: Units

    /// Rows of a table, busiest first.
    private static let rowLimit = 50

    /// True if there is anything to show.
    static func isAny(_ report: Report) -> Bool { !report.storms.isEmpty || report.deep != nil }

    /// Writes the section.
    func write(to output: inout ByteOutput) {
        if !Self.isAny(report) { return }
        output.put("<h2 id=\"tables\">High rates, wake-ups and tasks</h2>\n")
        write(ReportSections.storms(report), report.storms, to: &output)
        guard let deep = report.deep else { return }
        write(DeepColumns.threads, sorted(deep.threads) { $0.runTime.totalNanoseconds }, to: &output)
        output.put("<span id=\"tasks\"></span>\n")
        write(LateColumns.wakes, deep.lateWakes, to: &output)
        write(DeepColumns.wakes, sorted(deep.wakes) { $0.latency.count }, to: &output)
        write(DeepColumns.chains, sorted(deep.chains.filter { $0.irq != nil }) { $0.interrupts }, to: &output)
        write(DeepColumns.victims, sorted(deep.victims) { $0.total }, to: &output)
    }

    private func sorted<Row>(_ rows: [Row], by key: (Row) -> UInt64) -> [Row] {
        rows.enumerated().sorted { (key($1.element), $0.offset) < (key($0.element), $1.offset) }.map(\.element)
    }

    private func write<Row>(_ section: Section<Row>, _ rows: [Row], to output: inout ByteOutput) {
        if rows.isEmpty { return }
        output.put("<h3>\(section.title)</h3>\n")
        _ = PageTable(section.columns, units: units)
            .write(Array(rows.prefix(Self.rowLimit)), name: section.title, to: &output)
        if rows.count > Self.rowLimit {
            output.put(
                "<p class=\"small soft\">\(rows.count - Self.rowLimit) more are left out; --format json has all.</p>\n")
        }
    }
}
