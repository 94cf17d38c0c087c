internal import IRQCore

/// The key `deep` of a report's JSON.
enum DeepJSON {
    static let columns = Columns<DeepReport>(
        [
            .init("window", window) { $0 },
            .init("clocks", clocks) { $0.clocks },
            .init("slice_ns") { .nanoseconds($0.sliceNanoseconds) },
            .init("threads", each: DeepColumns.threads.columns) { $0.threads },
            .init("wakes", each: DeepColumns.wakes.columns) { $0.wakes },
            .init("softirqs", each: DeepColumns.softirqs.columns) { $0.softirqs },
            .init("napi", each: DeepColumns.devices.columns) { $0.devices },
            .init("chains", each: DeepColumns.chains.columns) { $0.chains },
            .init("tasklets", each: DeepColumns.tasklets.columns) { $0.tasklets },
            .init("ipis", ipis) { $0 },
            timers,
            .init("late_wakes", each: LateColumns.wakes.columns) { $0.lateWakes },
            .init("late_softirqs", each: LateColumns.softirqs.columns) { $0.lateSoftirqs },
            .init("softirq_waits", each: LateColumns.waits.columns) { $0.softirqWaits },
            .init("faults", each: DeepColumns.faults.columns) { $0.faults },
            .init("work", each: DeepColumns.work.columns) { $0.work },
            .init("victims", each: DeepColumns.victims.columns) { $0.victims },
            .init("cpu_share", each: DeepColumns.shares.columns) { $0.cpus },
            .init("busy", each: DeepColumns.busy.columns) { $0.cpus },
            .init("slices", each: DeepColumns.slices.columns) { $0.handlers },
            .init("peaks", each: DeepColumns.peaks.columns) { $0.handlers },
        ] + counts)

    /// The counts, whose keys are the same in all reports.
    private static let counts: [Column<DeepReport>] = DeepReport.countKeys.map { key in
        .init(key) { report in .count(report.count(key)) }
    }

    private static let clocks = Columns<DeepReport.Clocks>([
        .init("skew_bound_ns") { .nanoseconds($0.boundNanoseconds) }, .init("pairs") { .number($0.pairCount) },
        .init("skew_proven_ns") { .nanoseconds($0.provenNanoseconds) },
        .init("across_cpus_refused") { .flag($0.provenNanoseconds != nil) },
    ])

    private static let window = Columns<DeepReport>([
        .init("start_ns") { .stamp($0.startNanoseconds) }, .init("end_ns") { .stamp($0.endNanoseconds) },
    ])

    private static let ipis = Columns<DeepReport>([
        .init("sent", each: DeepColumns.senders.columns) { $0.senders },
        .init("tasks", each: DeepColumns.sendingTasks.columns) { $0.sendingTasks },
        .init("received", each: DeepColumns.received.columns) { $0.received },
        .init("functions", each: DeepColumns.calls.columns) { $0.calls },
    ])

    /// Timers of both kinds, in one array.
    private static let timers = Column<DeepReport>("timers", each: timerColumns) { report in
        report.hrtimers.map { (function: $0, isHighResolution: true) }
            + report.timers.map { (function: $0, isHighResolution: false) }
    }
    private typealias Timer = (function: DeepReport.Function, isHighResolution: Bool)
    private static let timerColumns = Columns<Timer>([
        .init("kind") { .text($0.isHighResolution ? "hrtimer" : "timer") },
        .init("function") { .text($0.function.name) },
        .init("duration", DeepColumns.latencies) { $0.function.duration },
        .init("lateness", DeepColumns.latencies) { $0.isHighResolution ? $0.function.wait : nil },
        .init("unseen_starts") { .count($0.isHighResolution ? $0.function.unseenStarts : nil) },
    ])
}
