internal import IRQCore

/// The tasks that a live trace follows, for programs.
enum TopTasks {
    /// A task and the interval that its numbers are of.
    struct Row {
        let task: LiveTask
        let intervalNanoseconds: UInt64?

        init(_ live: Box, _ place: Int) {
            (task, intervalNanoseconds) = (live.tracing.deep.tasks[place], live.tracing.intervalNanoseconds)
        }

        /// The activations of a service thread; nil for other tasks.
        var runs: SpanInterval? { task.service == nil ? nil : task.runs }

        /// The share of one CPU that a service thread took.
        var runShare: Double? {
            guard let runs, let intervalNanoseconds, intervalNanoseconds > 0 else { return nil }
            return Double(runs.totalNanoseconds) / Double(intervalNanoseconds)
        }
    }

    private static let latencies = Columns<SpanInterval>([
        .init("count") { .count($0.count) }, .init("total_ns") { .nanoseconds($0.totalNanoseconds) },
        .init("p50_ns") { .nanoseconds($0.p50Nanoseconds) }, .init("p99_ns") { .nanoseconds($0.p99Nanoseconds) },
        .init("max_ns") { .nanoseconds($0.longestNanoseconds) },
    ])

    private static let causes = Columns<DeepReport.Cause>([
        .init("kind") { .text($0.kind) }, .init("id") { DeepColumns.id($0) },
        .init("action") { DeepColumns.action($0) },
    ])

    /// The columns that tell of tasks alone, which CSV has behind all others.
    static let own: [Column<Row>] = [
        .init("pid") { .number(Int($0.task.pid)) }, .init("comm") { .text($0.task.name) },
        .init("prio") { .number($0.task.priority.map { Int($0) }) },
        .init("woken_by", in: .csv) { .text($0.task.cause.map(DeepColumns.words)) },
        .init("woken_by", causes) { $0.task.cause },
        .init("wakeups") { .count($0.task.wakes.calls) },
        .init("wake_p50_ns", in: .csv) { .nanoseconds($0.task.wakes.p50Nanoseconds) },
        .init("wake_p99_ns", in: .csv) { .nanoseconds($0.task.wakes.p99Nanoseconds) },
        .init("wake_max_ns", in: .csv) { .nanoseconds($0.task.wakes.longestNanoseconds) },
        .init("hardirq_ns") { .nanoseconds($0.task.handlerNanoseconds) },
        .init("vector_ns") { .nanoseconds($0.task.vectorNanoseconds) },
        .init("softirq_ns") { .nanoseconds($0.task.softirqNanoseconds) },
        .init("longest_ns") { .nanoseconds($0.task.longestNanoseconds) },
    ]

    static let section = Section<Row>(
        "tasks", "",
        own + [
            .init("kind") { .text($0.task.service?.rawValue) },
            .init("irq") { .number($0.task.irq.map { Int($0) }) },
            .init("wake_latency", latencies) { $0.task.wakes }, .init("run_time", latencies) { $0.runs },
            .init("cpu_share", in: .json) { .share($0.runShare) },
        ])

    /// The cell of a task in a column that it shares with interrupts: a service thread's activations are its calls.
    private static func shared(_ key: String) -> @Sendable (Row) -> Cell {
        switch key {
        case "label": { .text($0.task.service?.rawValue) }
        case "irq": { .number($0.task.irq.map { Int($0) }) }
        case "name": { .text($0.task.name) }
        case "calls": { .count($0.runs?.count) }
        case "total_ns": { .nanoseconds($0.runs?.totalNanoseconds) }
        case "max_ns": { .nanoseconds($0.runs?.longestNanoseconds) }
        case "p50_ns": { .nanoseconds($0.runs?.p50Nanoseconds) }
        case "p99_ns": { .nanoseconds($0.runs?.p99Nanoseconds) }
        case "cpu_share": { .share($0.runShare) }
        default: { _ in .text(nil) }
        }
    }

    /// The columns of CSV: those of interrupts, as far as they make sense, and the tasks' own.
    ///
    /// - Parameter keys: the others' keys.
    static func columns(behind keys: [StaticString]) -> Columns<Row> {
        Columns(keys.map { Column($0, in: .csv, shared($0.description)) } + own.filter { $0.outputs.contains(.csv) })
    }
}
