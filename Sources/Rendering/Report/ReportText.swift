public import IRQCore

/// A report as text for people.
public struct ReportText {
    /// The choice of what to show beyond the tables.
    public struct Options: Sendable {
        /// A histogram under each row.
        public var showsHistograms = false
        /// Each row once more for each CPU.
        public var showsCPUs = false
        /// The list of the slowest spans.
        public var showsSlowest = false
        /// The load of each CPU; of little use where rows were left out.
        public var showsLoads = true
        /// All tables of the deep analysis, and all their rows; else the busiest of the foremost ones.
        public var showsDeep = false
        /// The calls of each handler over time.
        public var showsSlices = false
        /// The key that the rows are ordered by.
        public var sort = SortKey.total
        /// The columns of the terminal; nil if there is none, and all is shown.
        public var width: Int?

        /// Creates options that show the tables only.
        public init() {}
    }

    let report: Report
    let style: Style
    let options: Options
    let units: Units
    private let rows: RowColumns

    /// Creates the text of `report`.
    public init(_ report: Report, style: Style = Style(), options: Options = Options()) {
        self.report = report
        self.style = style
        self.options = options
        units = Units(isUnicode: style.isUnicode, isTime: report.source.isClockNanoseconds)
        rows = RowColumns(report, sort: options.sort)
    }

    /// Writes all lines.
    public func write(to output: inout ByteOutput) {
        for line in header() { output.put(line + "\n") }
        writeFindings(to: &output)
        if report.budget != nil { writeBudget(to: &output) }
        for kind in RowKind.allCases { writeRows(kind, to: &output) }
        if options.showsLoads, report.windowNanoseconds ?? 0 > 0 { writeCPUs(to: &output) }
        if let deep = report.deep { write(deep, to: &output) }
        for part in report.parts where part.deep != nil {
            output.put("\n" + style.bold("== \(SafeText.escaped(part.source.file))") + "\n")
            if let deep = part.deep { write(deep, to: &output) }
        }
        let storms = ReportSections.storms(report)
        write(storms, style.alarm(storms.title), report.storms.prefix(50), to: &output)
        let more = report.storms.count - 50
        if more > 0 { output.put("  … and \(more) more (--format json has all)\n") }
        if options.showsSlowest {
            let slowest = ReportSections.slowest(report)
            write(slowest, style.bold(slowest.title), report.slowest[...], to: &output)
        }
        output.put("\n")
        for line in ReportQuality(report, style: style, width: options.width).lines() { output.put(line + "\n") }
        for part in report.parts {
            let quality = ReportQuality(part, of: report, style: style, width: options.width)
            for line in quality.lines() { output.put(line + "\n") }
        }
    }

    // MARK: - Head

    private func header() -> [String] {
        let dot = style.isUnicode ? " · " : ", "
        if report.parts.isEmpty { return [origin(report.source, dot)] + window(report) }
        let count = report.parts.count
        var head = [
            "\(count) recording\(count == 1 ? "" : "s")", units.duration(report.windowNanoseconds) + " together",
        ]
        if report.rows.contains(where: { !$0.members.isEmpty }) {
            head.append("added up by device and name; --by file keeps them apart")
        }
        return [head.joined(separator: dot)]
            + report.parts.map { part in
                "  "
                    + ([SafeText.escaped(part.source.file) + ": " + origin(part.source, dot)] + window(part))
                    .joined(separator: dot)
            }
    }

    private func origin(_ source: RecordingSource, _ dot: String) -> String {
        var parts = [source.format + (source.version.map { " v\($0)" } ?? "")]
        if let machine = source.machine { parts.append(SafeText.escaped(machine)) }
        parts.append("\(source.cpuCount) CPU\(source.cpuCount == 1 ? "" : "s")")
        if let step = source.resolutionNanoseconds, step > 1 {
            let unit = style.isUnicode ? "µs" : "us"
            parts.append("times in steps of " + (step == 1000 ? "1 \(unit)" : units.duration(step)))
        }
        if let clock = source.clock { parts.append("clock " + SafeText.escaped(clock)) }
        return parts.joined(separator: dot)
    }

    private func window(_ report: Report) -> [String] {
        guard let extent = report.extent else { return [] }
        let (start, end) = (extent.lowerBound, extent.upperBound)
        let window = units.duration(report.windowNanoseconds)
        return [
            units.isTime
                ? "\(window) from \(units.stamp(start)) to \(units.stamp(end)) s"
                : "\(window) ticks from \(units.stamp(start)) to \(units.stamp(end)); all durations are ticks"
        ]
    }

    /// Writes what the recording shows in words; nothing if nothing is remarkable.
    private func writeFindings(to output: inout ByteOutput) {
        let findings = report.findings(isWhole: options.showsLoads)
        if findings.isEmpty { return }
        output.put("\n")
        let sentence = FindingSentence(report: report, units: units)
        for finding in findings {
            for line in Paragraph.wrapped(sentence.words(finding), after: "- ", width: options.width) {
                output.put(line + "\n")
            }
        }
    }

    // MARK: - Tables

    /// Rows that kept their budget are many: the first of all rows are shown, and every one with all tables.
    private static let verdictLimit = 24

    private func writeBudget(to output: inout ByteOutput) {
        let verdicts = report.budgetVerdicts
        let exceeded = verdicts.filter { $0.word == .exceeded }
        let ordered = exceeded + verdicts.filter { $0.word == .kept }
        let shown = ordered.prefix(options.showsDeep ? .max : max(Self.verdictLimit, exceeded.count))
        let title = "Budgets: \(exceeded.count) of \(verdicts.count) rows exceed theirs"
        write(
            ReportBudget.verdicts, exceeded.isEmpty ? style.bold(title) : style.alarm(title), shown,
            width: options.width, to: &output)
        if shown.isEmpty { output.put("\nBudgets\n") }
        if ordered.count > shown.count {
            output.put("  … and \(ordered.count - shown.count) more that kept theirs (--deep shows all)\n")
        }
        for note in ReportBudget.notes(report, units) {
            for line in Paragraph.wrapped(note, after: "  ", width: options.width) { output.put(line + "\n") }
        }
    }

    /// Writes a table after an empty line and its title; nothing without rows.
    func write<Row>(
        _ section: Section<Row>, _ title: String, _ rows: ArraySlice<Row>, width: Int? = nil,
        to output: inout ByteOutput, below: (Row, inout ByteOutput) -> Void = { _, _ in }
    ) {
        if rows.isEmpty { return }
        output.put("\n" + title + "\n")
        TextTable(section.columns, units: units, style: style, width: width)
            .write(rows.count, to: &output, row: { rows[rows.startIndex + $0] }, below: below)
    }

    /// Writes the rows of a kind, with their CPUs and histograms under them.
    private func writeRows(_ kind: RowKind, to output: inout ByteOutput) {
        let section = rows.section(kind)
        write(section, style.bold(section.title), report[kind][...], width: options.width, to: &output) { row, output in
            if options.showsCPUs {
                TextTable(rows.shares(of: row), units: units, hasTitle: false)
                    .write(row.cpus.count, to: &output, row: { row.cpus[$0] })
            }
            guard options.showsHistograms else { return }
            for line in HistogramText(style: style, units: units).lines(row.duration.histogram) {
                output.put(line + "\n")
            }
        }
    }

    /// Writes how busy CPUs were, the busiest ones if there are many.
    private func writeCPUs(to output: inout ByteOutput) {
        let loads = CPULoad.all(in: report)
        let isLong = loads.count > 16
        let shown = isLong ? loads.sorted { $0.total > $1.total }.prefix(16) : loads[...]
        let section = ReportSections.cpus(report, style)
        let title = section.title + (isLong ? " (the busiest 16 of \(loads.count))" : "")
        write(section, style.bold(title), shown, to: &output)
    }
}
