public import IRQCore

/// A report as text for people.
public struct ReportText {
    /// What to show beyond the tables.
    public struct Options: Sendable {
        /// A histogram under each row.
        public var showsHistograms = false
        /// Each row once more for each CPU.
        public var showsCPUs = false
        /// The list of the slowest spans.
        public var showsSlowest = false
        /// How busy each CPU was; of little use where rows were left out.
        public var showsLoads = true
        /// What the rows are ordered by.
        public var sort = SortKey.total
        /// The columns of the terminal; nil if there is none, and all is shown.
        public var width: Int?

        /// Creates options that show the tables only.
        public init() {}
    }

    private let report: Report
    private let style: Style
    private let options: Options
    private let units: Units
    private let showsBuffers: Bool

    /// Creates the text of `report`.
    public init(_ report: Report, style: Style = Style(), options: Options = Options()) {
        self.report = report
        self.style = style
        self.options = options
        units = Units(isUnicode: style.isUnicode, isTime: report.source.isClockNanoseconds)
        showsBuffers = Set(report.rows.map(\.buffer)).count > 1
    }

    /// All lines, each with its end.
    public func text() -> String {
        var lines = header()
        for kind in RowKind.allCases { lines += section(kind) }
        lines += cpus()
        lines += storms()
        if options.showsSlowest { lines += slowest() }
        lines += [""] + ReportQuality(report, style: style, width: options.width).lines()
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: - Head

    private func header() -> [String] {
        let source = report.source
        let dot = style.isUnicode ? " · " : ", "
        var parts = [source.format + (source.version.map { " v\($0)" } ?? "")]
        if let machine = source.machine { parts.append(SafeText.escaped(machine)) }
        parts.append("\(source.cpuCount) CPU\(source.cpuCount == 1 ? "" : "s")")
        if let clock = source.clock { parts.append("clock " + SafeText.escaped(clock)) }
        var lines = [parts.joined(separator: dot)]
        if let start = report.startNanoseconds, let end = report.endNanoseconds {
            let window = units.duration(report.windowNanoseconds)
            lines.append(
                units.isTime
                    ? "\(window) from \(units.stamp(start)) to \(units.stamp(end)) s"
                    : "\(window) ticks from \(units.stamp(start)) to \(units.stamp(end)); all durations are ticks")
        }
        return lines
    }

    // MARK: - Rows

    private func section(_ kind: RowKind) -> [String] {
        let (traits, rows) = (kind.traits, report[kind])
        if rows.isEmpty { return [] }
        let hasUnhandled = rows.contains { $0.unhandled > 0 }
        let hasWoken = rows.contains { $0.wokeThread > 0 }
        let hasLatency = rows.contains { $0.latency.count > 0 }
        var columns: [TextTable.Column] = []
        if showsBuffers { columns.append(.init("BUFFER", .left)) }
        if let title = traits.numberTitle { columns.append(.init(title)) }
        columns += [.init(traits.nameTitle, .left), .init("CALLS")]
        if hasUnhandled { columns.append(.init("UNHANDLED")) }
        if hasWoken { columns.append(.init("WOKE", dispensability: 4)) }
        columns += [
            .init("TOTAL"), .init("BUSIEST CPU", dispensability: 2), .init("MEAN", dispensability: 5),
            .init("P50", dispensability: 3), .init("P99"), .init("P99.9", dispensability: 6), .init("MAX"),
        ]
        // What the rows are ordered by can be seen.
        if options.sort == .`self` { columns.append(.init("SELF")) }
        if options.sort == .p90 { columns.append(.init("P90")) }
        if hasLatency, let title = traits.latency?.title {
            columns += [.init("\(title) P99", dispensability: 4), .init("\(title) MAX", dispensability: 1)]
        }

        var table = TextTable(columns)
        for row in rows {
            var cells: [String] = []
            if showsBuffers { cells.append(row.buffer.isEmpty ? "top" : SafeText.escaped(row.buffer)) }
            if let number = row.key.shownNumber { cells.append(String(number)) }
            cells += [SafeText.escaped(row.name + (row.module.map { " [\($0)]" } ?? "")), Units.count(row.calls)]
            if hasUnhandled { cells.append(Units.countOrDash(row.unhandled)) }
            if hasWoken { cells.append(Units.countOrDash(row.wokeThread)) }
            cells += durationCells(row)
            if options.sort == .`self` { cells.append(units.duration(row.duration.selfNanoseconds)) }
            if options.sort == .p90 { cells.append(units.duration(row.duration.percentile(perMille: 900))) }
            if hasLatency {
                cells += [
                    units.duration(row.latency.percentile(perMille: 990)),
                    units.duration(row.latency.maximumNanoseconds),
                ]
            }
            table.add(cells)
        }
        var lines = table.lines(width: options.width)
        lines[0] = style.dim(lines[0])
        lines = ["", style.bold(traits.title)] + withDetails(lines, rows)
        return lines
    }

    private func durationCells(_ row: ReportRow) -> [String] {
        let duration = row.duration
        return [
            duration.count == 0 ? "-" : units.duration(duration.totalNanoseconds),
            busiest(row),
            units.duration(duration.meanNanoseconds),
            units.duration(duration.percentile(perMille: 500)),
            units.duration(duration.percentile(perMille: 990)),
            units.duration(duration.percentile(perMille: 999)),
            units.duration(duration.maximumNanoseconds),
        ]
    }

    /// "0.42% of 3": the CPU that spent most of its time in this row.
    private func busiest(_ row: ReportRow) -> String {
        guard let most = row.cpus.max(by: { $0.totalNanoseconds < $1.totalNanoseconds }), most.count > 0,
            let share = CPULoad.share(most.totalNanoseconds, of: report.windowNanoseconds)
        else { return "-" }
        return "\(Units.percent(share)) of \(most.cpu)"
    }

    /// Puts the histogram and the CPUs under the line of each row.
    private func withDetails(_ lines: [String], _ rows: [ReportRow]) -> [String] {
        guard options.showsHistograms || options.showsCPUs else { return lines }
        var result = [lines[0]]
        for (index, row) in rows.enumerated() {
            result.append(lines[index + 1])
            if options.showsCPUs { result += cpuLines(row) }
            if options.showsHistograms {
                result += HistogramText(style: style, units: units).lines(row.duration.histogram)
            }
        }
        return result
    }

    private func cpuLines(_ row: ReportRow) -> [String] {
        var table = TextTable((0..<5).map { _ in .init("") })
        for share in row.cpus {
            let part = CPULoad.share(share.totalNanoseconds, of: report.windowNanoseconds)
            table.add([
                "    CPU \(share.cpu)", Units.count(share.calls) + " calls",
                units.duration(share.count > 0 ? share.totalNanoseconds : nil), Units.percent(part),
                "max " + units.duration(share.maximumNanoseconds),
            ])
        }
        return Array(table.lines().dropFirst())
    }

    // MARK: - CPUs, storms, slowest

    private func cpus() -> [String] {
        let loads = CPULoad.all(in: report)
        guard options.showsLoads, !loads.isEmpty, report.windowNanoseconds ?? 0 > 0 else { return [] }
        let shown = loads.count > 16 ? Array(loads.sorted { $0.total > $1.total }.prefix(16)) : loads
        // What was not recorded is no column: it is unknown, not zero.
        let kinds = RowKind.allCases.filter { $0.traits.loadTitle != nil && !report[$0].isEmpty }
        let titles = kinds.compactMap(\.traits.loadTitle)
        var table = TextTable([.init("CPU")] + titles.map { .init($0) } + [.init("ALL"), .init("", .left)])
        for load in shown {
            let parts = kinds.map { Units.percent(load.share(load.nanoseconds[$0] ?? 0)) }
            let sum = [Units.percent(load.share(load.total)), style.bar(load.share(load.total) ?? 0, width: 30)]
            table.add([String(load.cpu)] + parts + sum)
        }
        var lines = table.lines()
        lines[0] = style.dim(lines[0])
        let rest = loads.count - shown.count
        let title = rest > 0 ? "CPU time in interrupts (the busiest 16 of \(loads.count))" : "CPU time in interrupts"
        return ["", style.bold(title)] + lines
    }

    private func storms() -> [String] {
        guard !report.storms.isEmpty else { return [] }
        var table = TextTable([
            .init("START"), .init("LASTED"), .init("CPU"), .init("WHAT", .left), .init("CALLS"), .init("PEAK"),
        ])
        for storm in report.storms.prefix(50) {
            table.add([
                units.stamp(storm.startNanoseconds),
                units.duration(storm.endNanoseconds &- storm.startNanoseconds), String(storm.cpu),
                label(storm.row), Units.count(storm.count),
                Units.rate(Double(storm.peakPerSecond)) + "/s",
            ])
        }
        var lines = table.lines()
        lines[0] = style.dim(lines[0])
        if report.storms.count > 50 { lines.append("  … and \(report.storms.count - 50) more (--format json has all)") }
        return ["", style.alarm("High rates")] + lines
    }

    private func slowest() -> [String] {
        guard !report.slowest.isEmpty else { return [] }
        var table = TextTable([
            .init("TOOK"), .init("SELF"), .init("START"), .init("CPU"), .init("WHAT", .left), .init("TASK", .left),
        ])
        for span in report.slowest {
            let task = span.task.map { SafeText.escaped($0) } ?? "?"
            table.add([
                units.duration(span.durationNanoseconds), units.duration(span.selfNanoseconds),
                units.stamp(span.startNanoseconds), String(span.cpu), label(span.row),
                "\(task)-\(span.pid)",
            ])
        }
        var lines = table.lines()
        lines[0] = style.dim(lines[0])
        return ["", style.bold("Slowest")] + lines
    }

    private func label(_ row: RowKey) -> String {
        let number = row.kind == .irq ? "\(row.number) " : ""
        return "\(row.kind.rawValue) \(number)\(SafeText.escaped(row.name))"
    }
}
