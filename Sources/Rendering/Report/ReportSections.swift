internal import IRQCore

/// The tables of a report, beside those of its rows (`RowColumns`).
enum ReportSections {
    /// "irq 36 virtio1-req.0": what a storm or a span is of.
    private static func label(_ row: RowKey) -> Cell {
        .text(row.kind.rawValue + (row.kind == .irq ? " \(row.number) " : " ") + row.name)
    }

    /// The file that something is of, on screen, in a report of several.
    private static func file<Row>(_ label: @escaping @Sendable (Row) -> String?) -> Column<Row> {
        .init(screen: .init("FILE", isLeft: true, isOptional: true)) { .text(label($0)) }
    }

    /// The buffer that something is of, on screen where there are several.
    private static func buffer<Row>(
        _ report: Report?, _ key: @escaping @Sendable (Row) -> RowKey
    ) -> Column<Row> {
        let heading = Column<Row>.Heading("BUFFER", isLeft: true)
        return .init(
            "buffer", report?.isOfSeveralBuffers ?? false ? heading : nil,
            shown: { .text(RowLabel.name(ofBuffer: key($0).buffer)) }
        ) { .text(key($0).buffer) }
    }

    static let storms = storms(nil)
    static let slowest = slowest(nil)

    /// High rates, as those of a report are shown.
    static func storms(_ report: Report?) -> Section<Storm> {
        Section<Storm>(
            "storms", "High rates",
            [
                file { $0.row.recording?.label },
                buffer(report) { $0.row }, .init("kind") { .text($0.row.kind.rawValue) },
                .init("irq") { .number($0.row.kind == .irq ? Int($0.row.number) : nil) },
                .init("action") { .text($0.row.name) },
                .init("start_ns", "START") { .stamp($0.startNanoseconds) },
                .init("end_ns") { .stamp($0.endNanoseconds) },
                .init(screen: "LASTED") { .nanoseconds($0.endNanoseconds &- $0.startNanoseconds) },
                .init("cpu", "CPU") { .number($0.cpu) }, .init(screen: .left("WHAT")) { label($0.row) },
                .init("count", "CALLS") { .count($0.count) },
                .init("peak_per_s", .init("PEAK", after: "/s"), shown: { .perSecond(Double($0.peakPerSecond)) }) {
                    .count($0.peakPerSecond)
                },
                // Of a work item it is no time of the CPU: that may sleep.
                .init("self_ns") { .nanoseconds($0.selfNanoseconds) },
                .init("cpu_share", "OF CPU") { .share($0.row.kind == .work ? nil : $0.cpuShare) },
            ])
    }

    /// The slowest spans, as those of a report are shown.
    static func slowest(_ report: Report?) -> Section<SlowestSpan> {
        Section<SlowestSpan>(
            "slowest", "Slowest",
            [
                file { $0.row.recording?.label },
                buffer(report) { $0.row }, .init("kind") { .text($0.row.kind.rawValue) },
                .init("number") { .number($0.row.shownNumber.map { Int($0) }) }, .init("name") { .text($0.row.name) },
                .init("duration_ns", "TOOK") { .nanoseconds($0.durationNanoseconds) },
                .init("self_ns", "SELF") { .nanoseconds($0.selfNanoseconds) },
                .init("start_ns", "START") { .stamp($0.startNanoseconds) }, .init("cpu", "CPU") { .number($0.cpu) },
                .init(screen: .left("WHAT")) { label($0.row) },
                .init(screen: .left("TASK")) { .text("\($0.task ?? "?")-\($0.pid)") },
                .init("pid") { .number(Int($0.pid)) }, .init("task") { .text($0.task) },
            ])
    }

    static let unused = Section<UnusedEvent>(
        "unused", "", [.init("event") { .text($0.name) }, .init("count") { .count($0.count) }])

    /// The counts of what was read of a recording and of what was lost: one line.
    static let events = Section<Report>(
        "events", "",
        LossLedger.counters.compactMap { counter in
            counter.key.map { key in .init(key) { .count($0.ledger[keyPath: counter.path]) } }
        } + [
            .init("lost") {
                .count($0.isLossUnknown ? nil : $0.ledger.lostEvents)
            },
            .init("overrun") { .count($0.overrunEvents) },
            .init("incomplete_cpus", each: incompleteCPUs.columns) { $0.incompleteCPUs },
            .init("unended", each: unended.columns) { $0.unended },
            .init("unused", each: unused.columns) { $0.unusedEvents },
        ])

    // MARK: CPUs

    /// The time of CPUs in rows of each kind. What was not recorded is no column on screen: it is unknown, not zero.
    static func cpus(_ report: Report, _ style: Style) -> Section<CPULoad> {
        let kinds: [Column<CPULoad>] = RowKind.allCases.compactMap { kind in
            guard let title = kind.traits.loadTitle else { return nil }
            var column = Column<CPULoad>(
                "ns", .init(title, isOptional: true), in: .csv,
                shown: { load in
                    share(load, report.has(kind, in: load.recording) ? load.nanoseconds[kind] ?? 0 : nil)
                }
            ) { load in
                .nanoseconds(report.has(kind, in: load.recording) ? load.nanoseconds[kind] ?? 0 : nil)
            }
            column.prefix = kind.rawValue + "_"
            return column
        }
        return Section(
            "cpus", "CPU time in interrupts" + (report.countsThreads ? ", without their threads" : ""),
            [file { $0.recording?.label }, .init("cpu", "CPU") { .number($0.cpu) }] + kinds + [
                .init("total_ns", "ALL", shown: { share($0, $0.total) }) { .nanoseconds($0.total) },
                .init("share") { .share($0.share($0.total)) },
                .init(
                    "missing_ns", .init("MISSING", isOptional: true),
                    shown: { .share($0.missingNanoseconds > 0 ? $0.share($0.missingNanoseconds) : nil) }
                ) { .nanoseconds($0.missingNanoseconds) },
                .init(screen: .left("")) { .text(style.bar($0.share($0.total) ?? 0, width: 30)) },
            ])
    }

    /// A part of a CPU's time, which is more than that if events are missing.
    private static func share(_ load: CPULoad, _ nanoseconds: UInt64?) -> Cell {
        let share = nanoseconds.flatMap(load.share)
        return load.isLowerBound ? .shareAtLeast(share) : .share(share)
    }

    static let incompleteCPUs = Section<IncompleteCPU>(
        "incomplete_cpus", "",
        [
            .init("buffer") { .text($0.buffer) }, .init("cpu") { .number($0.cpu) },
            .init("missing_ns") { .nanoseconds($0.nanoseconds) },
        ])

    static let unended = Section<UnendedSpan>(
        "unended", "",
        [
            .init("buffer") { .text($0.row.buffer) }, .init("cpu") { .number($0.cpu) },
            .init("kind") { .text($0.row.kind.rawValue) },
            .init("number") { .number($0.row.shownNumber.map { Int($0) }) }, .init("name") { .text($0.row.name) },
            .init("start_ns") { .stamp($0.startNanoseconds) },
        ])

    // MARK: Coverage

    static let coverage = Section<Coverage.Row>(
        "coverage", "",
        [
            .init("table") { .text($0.table) }, .init("label") { .text($0.label) }, .init("irq") { .number($0.irq) },
            .init("text") { .text($0.name) }, .init("counted") { .count($0.counted) },
            .init("traced") { .count($0.traced) }, .init("reason") { .text($0.reason) },
            .init("cpus", each: coverageCPUs) { $0.cpus },
        ])
    static let coverageCPUs = Columns<Coverage.Share>([
        .init("cpu") { .number($0.cpu) }, .init("counted") { .count($0.counted) },
        .init("traced") { .count($0.traced) },
    ])
    static let uncomparedCPUs = Section<Coverage.UncomparedCPU>(
        "uncompared_cpus", "", [.init("cpu") { .number($0.cpu) }, .init("traced") { .count($0.traced) }])
}
