internal import IRQCore

/// The columns of the rows of a report: a statistic, or another number of a row, is one line here.
struct RowColumns {
    private typealias Heading = Column<ReportRow>.Heading

    private let report: Report
    /// True if rows tell which buffer they are of.
    private let showsBuffers: Bool
    private let sort: SortKey

    /// Columns for a report; some are on screen only if its rows are ordered by them.
    init(_ report: Report, sort: SortKey = .total) {
        self.report = report
        showsBuffers = report.rows.contains { $0.buffer != report.rows[0].buffer }
        self.sort = sort
    }

    /// The columns of a row on one CPU; on screen they have words instead of titles.
    static let shares = Columns<CPUShare>([
        .init("cpu", .init("", before: "    CPU ")) { .number($0.cpu) },
        .init("calls", .init("", after: " calls")) { .count($0.calls) },
        .init("total_ns", "", shown: { .nanoseconds($0.count > 0 ? $0.totalNanoseconds : nil) }) {
            .nanoseconds($0.totalNanoseconds)
        },
        .init("self_ns") { .nanoseconds($0.selfNanoseconds) },
        .init("max_ns", .init("", before: "max ")) { .nanoseconds($0.maximumNanoseconds) },
    ])

    /// The same for one row, whose shares of the recording's time are known, too.
    func shares(of row: ReportRow) -> Columns<CPUShare> {
        let share = Column<CPUShare>(screen: "") { [report] part in
            let share = CPULoad.share(part.totalNanoseconds, of: report.window(of: row, onCPU: part.cpu))
            return report.isLowerBound(row, onCPU: part.cpu) ? .shareAtLeast(share) : .share(share)
        }
        return Columns(Array(Self.shares.list[..<3]) + [share] + Self.shares.list[3...])
    }

    // MARK: Statistics

    /// The dispensability of a column that is on screen only if rows are ordered by it.
    private static let onRequest = 100

    /// The statistics of durations.
    static let statistics: [Column<DurationSummary>] = [
        .init("count") { .count($0.count) },
        .init("total_ns", "TOTAL") { .nanoseconds($0.totalNanoseconds) },
        .init("self_ns", .init("SELF", dispensability: onRequest)) { .nanoseconds($0.selfNanoseconds) },
        .init("min_ns") { .nanoseconds($0.minimumNanoseconds) },
        .init("mean_ns", .init("MEAN", dispensability: 5)) { .mean($0.meanNanoseconds) },
        .init("stddev_ns") { .mean($0.standardDeviationNanoseconds) },
        .init("p50_ns", .init("P50", dispensability: 3)) { .nanoseconds($0.percentile(perMille: 500)) },
        .init("p90_ns", .init("P90", dispensability: onRequest)) { .nanoseconds($0.percentile(perMille: 900)) },
        .init("p99_ns", "P99") { .nanoseconds($0.percentile(perMille: 990)) },
        .init("p999_ns", .init("P99.9", dispensability: 6)) { .nanoseconds($0.percentile(perMille: 999)) },
        .init("max_ns", "MAX") { .nanoseconds($0.maximumNanoseconds) },
    ]
    static let buckets = Columns<LatencyHistogram.Bucket>([
        .init("low_ns") { .nanoseconds($0.lowNanoseconds) }, .init("high_ns") { .nanoseconds($0.highNanoseconds) },
        .init("count") { .count($0.count) },
    ])
    private static let histogram = Column<DurationSummary>("histogram", each: buckets) { $0.histogram.buckets }
    private static let durations = Columns(statistics + [histogram])
    /// The statistics of waiting, in which nothing is nested.
    private static let waits = statistics.filter { $0.key.description != "self_ns" }
    private static let latencies = Columns(waits + [histogram])

    /// The statistics of durations on screen.
    private var durationsOnScreen: [Column<ReportRow>] {
        func columns(_ statistics: [Column<DurationSummary>]) -> [Column<ReportRow>] {
            statistics.compactMap { statistic in
                statistic.heading.map { heading in
                    let dispensability = heading.dispensability == Self.onRequest ? 0 : heading.dispensability
                    return .init(screen: .init(heading.title, dispensability: dispensability)) {
                        $0.duration.count > 0 ? statistic.cell($0.duration) : .count(nil)
                    }
                }
            }
        }
        var shown = columns(Self.statistics.filter { $0.heading?.dispensability != Self.onRequest })
        shown.insert(
            .init(screen: .init("BUSIEST CPU", dispensability: 2)) { [report] in Self.busiest($0, report) }, at: 1)
        return shown
            + columns(
                Self.statistics.filter {
                    $0.heading?.dispensability == Self.onRequest && $0.heading?.title.lowercased() == sort.rawValue
                })
    }

    /// "0.42% of 3": the CPU that spent most of its time in a row.
    private static func busiest(_ row: ReportRow, _ report: Report) -> Cell {
        guard let most = row.cpus.max(by: { $0.totalNanoseconds < $1.totalNanoseconds }), most.count > 0,
            let share = CPULoad.share(most.totalNanoseconds, of: report.window(of: row, onCPU: most.cpu))
        else { return .text(nil) }
        return .busiest(share, cpu: most.cpu, isAtLeast: report.isLowerBound(row, onCPU: most.cpu))
    }

    /// "25,41": the numbers that a row has in several recordings.
    @Sendable private static func numbers(_ row: ReportRow) -> Cell {
        if row.key.shownNumber == nil || row.numbers.count == 1 { return .number(row.shownNumber.map { Int($0) }) }
        let shown = row.numbers.prefix(numberLimit).map { "\($0)" } + (row.numbers.count > numberLimit ? ["…"] : [])
        return .text(shown.joined(separator: ","))
    }
    private static let numberLimit = 3

    // MARK: Rows

    /// The table of the rows of a kind, named as in JSON; for CSV that of all kinds together, if none is given.
    func section(_ kind: RowKind?) -> Section<ReportRow> {
        let traits = kind?.traits
        let number: StaticString? = kind == nil ? "number" : traits?.json.number
        var columns: [Column<ReportRow>] = []
        if report.rows.contains(where: { $0.key.recording != nil }) {
            columns.append(
                .init(
                    "file", .init("FILE", isLeft: true, isOptional: true), in: .json,
                    shown: { .text($0.key.recording?.label) }
                ) { .text($0.key.recording?.file) })
        }
        if kind == nil { columns.append(.init("kind") { .text($0.kind.rawValue) }) }
        columns.append(
            .init(
                "buffer", showsBuffers ? .left("BUFFER") : nil,
                shown: { .text($0.buffer.isEmpty ? "top" : $0.buffer) }
            ) { .text($0.buffer) })
        if let number {
            columns.append(
                .init(number, .init(traits?.numberTitle ?? ""), shown: Self.numbers) {
                    .number($0.shownNumber.map { Int($0) })
                })
        }
        columns += [
            .init(
                traits?.json.name ?? "name", .left(traits?.nameTitle ?? ""),
                shown: { row in .text(row.name + (row.module.map { " [\($0)]" } ?? "")) }
            ) { .text($0.name) }
        ]
        if kind == .irq { columns += Self.hardware }
        columns.append(.init(traits?.json.calls ?? "calls", "CALLS") { .count($0.calls) })
        if traits?.hasResults ?? true { columns += results }
        columns += Self.statistics.map { $0.of { $0.duration } } + durationsOnScreen
        columns.append(.init("duration", Self.durations) { $0.duration })
        if let latency = traits?.latency {
            columns += Self.latency(latency.measure, latency.title)
        } else if kind == nil {
            columns += Self.latencyOfAnyKind
        }
        if traits?.isFunction ?? true { columns.append(.init("module") { .text($0.module) }) }
        if number != nil, report.rows.contains(where: { !$0.members.isEmpty }) {
            columns.append(.init("numbers") { .numbers($0.key.shownNumber == nil ? [] : $0.numbers.map { Int($0) }) })
        }
        columns.append(.init("cpus", each: Self.shares) { $0.cpus })
        return Section(traits?.json.rows ?? "rows", traits?.title ?? "", columns)
    }

    /// The results of handlers.
    private var results: [Column<ReportRow>] {
        [
            .init("handled") { .count($0.kind.traits.hasResults ? $0.handled : nil) },
            .init(
                "unhandled", .init("UNHANDLED", isOptional: true),
                shown: { .count($0.unhandled > 0 ? $0.unhandled : nil) }
            ) {
                .count($0.kind.traits.hasResults ? $0.unhandled : nil)
            },
            .init(
                "wake_thread", .init("WOKE", dispensability: 4, isOptional: true),
                shown: { .count($0.wokeThread > 0 ? $0.wokeThread : nil) }
            ) { [report] in
                .count(report.tellsThreads($0) && $0.kind.traits.hasResults ? $0.wokeThread : nil)
            },
        ]
    }

    /// The hardware behind an interrupt, named as `list` names it.
    private static let hardware: [Column<ReportRow>] = [
        .init("device", .init("DEVICE", isLeft: true, dispensability: 7, isOptional: true), in: .json) {
            .text($0.key.device?.title)
        },
        .init("driver", in: .json) { .text($0.key.device?.driver) }, .init("chip", in: .json) { .text($0.line?.chip) },
        .init("hwirq", in: .json) { .count($0.line?.hwirq) }, .init("trigger", in: .json) { .text($0.line?.trigger) },
        .init("node", in: .json) { .number($0.line?.node) },
        .init("affinity", in: .json) { .text($0.line?.affinity?.list) },
        .init("effective_affinity", in: .json) { .text($0.line?.effectiveAffinity?.list) },
    ]

    /// The statistics of the time before a span began.
    private static func latency(_ measure: Measure, _ title: String) -> [Column<ReportRow>] {
        let dispensabilities = ["p99_ns": 4, "max_ns": 1]
        return waits.map { statistic in
            let heading = dispensabilities[statistic.key.description].map {
                Heading("\(title) \(statistic.heading?.title ?? "")", dispensability: $0, isOptional: true)
            }
            return statistic.of(prefix: "\(measure.jsonName)_", heading) { $0[measure] }
        } + [.init(measure.jsonName, latencies) { $0[measure] }]
    }

    /// The statistics of that time where rows of all kinds stand in one table of CSV.
    private static var latencyOfAnyKind: [Column<ReportRow>] {
        waits.filter { ["count", "total_ns", "p99_ns", "max_ns"].contains($0.key.description) }.map { statistic in
            var column = Column<ReportRow>(statistic.key, in: .csv) {
                $0.latency.count > 0 ? statistic.cell($0.latency) : .count(nil)
            }
            column.prefix = "latency_"
            return column
        }
    }
}
