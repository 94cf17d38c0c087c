internal import IRQCore

/// The tables of the deep analysis: what a column shows, and its key in JSON.
enum DeepColumns {
    // MARK: Statistics

    static let latencies = Columns(RowColumns.statistics.filter { $0.key.description != "self_ns" })

    /// An object of statistics in JSON.
    private static func statistics<Row>(
        _ key: StaticString, _ summary: @escaping @Sendable (Row) -> DurationSummary?
    ) -> Column<Row> { .init(key, latencies) { summary($0) } }

    /// A number of a statistic on screen; nothing where nothing was measured.
    private static func shown<Row>(
        _ heading: Column<Row>.Heading, _ summary: @escaping @Sendable (Row) -> DurationSummary?,
        _ value: @escaping @Sendable (DurationSummary) -> UInt64?
    ) -> Column<Row> {
        .init(screen: heading) { row in
            .nanoseconds(summary(row).flatMap { $0.count > 0 ? value($0) : nil })
        }
    }

    @Sendable private static func p50(_ summary: DurationSummary) -> UInt64? { summary.percentile(perMille: 500) }
    @Sendable private static func p99(_ summary: DurationSummary) -> UInt64? { summary.percentile(perMille: 990) }
    @Sendable private static func most(_ summary: DurationSummary) -> UInt64? { summary.maximumNanoseconds }
    @Sendable private static func sum(_ summary: DurationSummary) -> UInt64? { summary.totalNanoseconds }

    // MARK: Threads and wake-ups

    static let threads = Section<DeepReport.Thread>(
        "threads", "Interrupt threads",
        [
            .init("comm", .left("THREAD")) { .text($0.name) }, .init("pid", "PID") { .number(Int($0.pid)) },
            .init("irq") { .number($0.irq.map { Int($0) }) }, .init("kind") { .text($0.kind?.rawValue) },
            .init("prio", .init("PRIO", dispensability: 6)) { .number($0.priority.map { Int($0) }) },
            .init("requests", .init("REQUESTS", dispensability: 7, isOptional: true)) { .count($0.requests) },
            .init("wakeups", "WAKEUPS") { .count($0.wakeups) },
            .init("lock_wakeups", .init("BY LOCKS", dispensability: 5, isOptional: true)) {
                .count($0.lockWakeups)
            },
            .init(screen: .init("RUNS", dispensability: 5)) { .count($0.runTime.count) },
            shown(.init("WAKE P50", dispensability: 4), \.wakeLatency, p50), shown("WAKE P99", \.wakeLatency, p99),
            shown("WAKE MAX", \.wakeLatency, most),
            shown(.init("FROM IRQ MAX", dispensability: 3, isOptional: true), \.handlerToRun, most),
            shown("RUN TOTAL", \.runTime, sum), shown(.init("RUN MAX", dispensability: 2), \.runTime, most),
            shown(.init("PREEMPTED", dispensability: 4, isOptional: true), \.preemptedTime, sum),
            shown(.init("BLOCKED", dispensability: 4, isOptional: true), \.blockedTime, sum),
            statistics("wake_latency") { $0.wakeLatency }, statistics("irq_to_run") { $0.handlerToRun },
            statistics("run_time") { $0.runTime }, statistics("preempted_time") { $0.preemptedTime },
            statistics("blocked_time") { $0.blockedTime },
        ])

    /// "irq 36 virtio1-req.0", "softirq NET_RX".
    @Sendable static func words(_ cause: DeepReport.Cause) -> String {
        switch cause {
        case .irq(let number, let action): "irq \(number) \(action)"
        case .vector(let name): "vector \(name)"
        case .softirq(let name): "softirq \(name)"
        case .irqThread(let number): "thread of irq \(number)"
        case .packetThread(let name): "thread \(name)"
        }
    }

    static func id(_ cause: DeepReport.Cause) -> Cell {
        switch cause {
        case .irq(let number, _), .irqThread(let number): .number(Int(number))
        case .vector(let name), .softirq(let name), .packetThread(let name): .text(name)
        }
    }

    static func action(_ cause: DeepReport.Cause) -> Cell {
        if case .irq(_, let action) = cause { .text(action) } else { .text(nil) }
    }

    static let wakes = Section<DeepReport.Wake>(
        "wakes", "Woken by interrupts",
        [
            .init("kind") { .text($0.cause.kind) }, .init("id") { id($0.cause) },
            .init("action") { action($0.cause) },
            .init(screen: .left("BY")) { .text(words($0.cause)) },
            .init("comm", .left("TASK")) { .text($0.name) }, .init("pid", "PID") { .number(Int($0.pid)) },
            .init(screen: "WAKEUPS") { .count($0.latency.count) },
            .init("while_running", .init("FOUND RUNNING", dispensability: 3, isOptional: true)) {
                .count($0.whileRunning)
            },
            shown(.init("P50", dispensability: 2), \.latency, p50), shown("P99", \.latency, p99),
            shown("MAX", \.latency, most), statistics("latency") { $0.latency },
        ])

    // MARK: Softirqs and packets

    private static let raiseLatencies = Columns<DeepReport.Softirq>([
        .init("inline", latencies) { $0.inline }, .init("irq_thread", latencies) { $0.served[.irqThread] },
        .init("ksoftirqd", latencies) { $0.served[.ksoftirqd] }, .init("ktimers", latencies) { $0.served[.ktimers] },
        .init("napi_thread", latencies) { $0.served[.napiThread] },
    ])

    static let softirqs = Section<DeepReport.Softirq>(
        "softirqs", "Softirqs by who serves them, from raise to entry",
        [
            .init("vector") { .number($0.vector) },
            .init("name", .left("SOFTIRQ")) { .text(SoftirqNames.name(of: Int64($0.vector))) },
            .init("raises", "RAISED") { .count($0.raises) }, .init("entries", "RAN") { .count($0.entries) },
            .init(screen: "INLINE") { .count($0.inline?.count) }, shown("P99", \.inline, p99),
            shown("MAX", \.inline, most),
            .init(screen: .init("KSOFTIRQD", isOptional: true)) { .count($0.served[.ksoftirqd]?.count) },
            shown(.init("P99", isOptional: true), { $0.served[.ksoftirqd] }, p99),
            shown(.init("MAX", isOptional: true), { $0.served[.ksoftirqd] }, most),
            .init(screen: .init("KTIMERS", isOptional: true)) { .count($0.served[.ktimers]?.count) },
            shown(.init("MAX", isOptional: true), { $0.served[.ktimers] }, most),
            .init(screen: .init("IRQ THREAD", isOptional: true)) { .count($0.served[.irqThread]?.count) },
            shown(.init("MAX", isOptional: true), { $0.served[.irqThread] }, most),
            .init(screen: .init("NAPI THREAD", isOptional: true)) { .count($0.served[.napiThread]?.count) },
            shown(.init("MAX", isOptional: true), { $0.served[.napiThread] }, most),
            .init("raise_latency", raiseLatencies) { $0 },
        ])

    /// Two numbers as a quotient; nil without a divisor.
    private static func quotient(_ number: UInt64, _ divisor: UInt64) -> Double? {
        divisor == 0 ? nil : Double(number) / Double(divisor)
    }

    static let devices = Section<DeepReport.Device>(
        "napi", "Polls of network devices",
        [
            .init("device", .left("DEVICE")) { .text($0.name) }, .init("polls", "POLLS") { .count($0.polls) },
            .init("packets", "PACKETS") { .count($0.packets) },
            .init(screen: "A POLL") { .value(quotient($0.packets, $0.polls)) },
            .init("budget_exhausted", "BUDGET USED UP") { .count($0.budgetExhausted) },
            .init("empty", "NO PACKET") { .count($0.empty) },
            .init("outside_net_rx", "OUTSIDE NET_RX") { .count($0.outsideNetRX) },
        ])

    /// The words of a verdict.
    private static func words(_ coalescing: Coalescing) -> String {
        switch coalescing {
        case .saturated: "budget used up"
        case .gathered: "several an interrupt"
        case .perPacket: "an interrupt a packet"
        case .notNeeded: "not needed"
        case .tooFew: "too few"
        }
    }

    static let chains = Section<DeepReport.Chain>(
        "chains", "From interrupts to packets",
        [
            .init("irq", "IRQ") { .number($0.irq.map { Int($0) }) },
            .init("devices", .left("DEVICES")) { .text($0.devices) },
            .init("interrupts", "INTERRUPTS") { .count($0.interrupts) },
            .init("runs", .init("RUNS", dispensability: 7)) { .count($0.runs) },
            .init("polls", .init("POLLS", dispensability: 6)) { .count($0.polls) },
            .init("packets", .init("PACKETS", dispensability: 5)) { .count($0.packets) },
            .init(screen: .init("PACKETS/IRQ")) { .value(quotient($0.packets, $0.interrupts)) },
            .init(
                "packets_per_poll", .init("/POLL", dispensability: 3)
            ) { .value(quotient($0.packets, $0.polls)) },
            .init("interrupts_per_poll", .init("IRQS/POLL", dispensability: 3)) {
                .value($0.irq == nil ? nil : quotient($0.interrupts, $0.polls))
            },
            .init("budget_exhausted", .init("BUDGET USED UP", dispensability: 4, isOptional: true)) {
                .count($0.budgetExhausted)
            },
            shown(.init("POLL P50", dispensability: 2), \.latency, p50), shown("POLL P99", \.latency, p99),
            shown("POLL MAX", \.latency, most),
            .init(
                "coalescing", .left("COALESCING", dispensability: 1),
                shown: { .text($0.coalescing.map(words)) }
            ) { .text($0.coalescing?.rawValue) },
            statistics("irq_to_first_poll") { $0.latency },
        ])

    // MARK: Functions

    /// The columns of a table of functions.
    private static func functions(
        _ key: StaticString, _ title: String, name: StaticString = "function", _ nameTitle: String = "FUNCTION",
        wait: String? = nil, more: [Column<DeepReport.Function>] = []
    ) -> Section<DeepReport.Function> {
        var columns: [Column<DeepReport.Function>] =
            more + [
                .init(name, .left(nameTitle)) { .text($0.name) }, .init(screen: "CALLS") { .count($0.duration.count) },
                shown("TOTAL", \.duration, sum), shown("P50", \.duration, p50), shown("P99", \.duration, p99),
                shown("MAX", \.duration, most), statistics("duration") { $0.duration },
            ]
        if let wait {
            columns += [
                shown(.init("\(wait) P99", isOptional: true), \.toldWait, p99),
                shown(.init("\(wait) MAX", isOptional: true), \.toldWait, most),
            ]
        }
        return Section(key, title, columns)
    }

    static let tasklets = functions("tasklets", "Tasklets")
    static let received = functions("received", "Vectors received", name: "vector", "VECTOR")
    static let calls = functions(
        "functions", "Functions called on other CPUs", wait: "QUEUED",
        more: [
            .init("local", .left("WHERE"), shown: { .text($0.isLocal ? "own CPU" : "other CPU") }) {
                .flag($0.isLocal)
            }, statistics("queue_latency") { $0.isLocal ? nil : $0.wait },
        ])
    static let work = functions(
        "work", "Work items", wait: "QUEUED", more: [statistics("queue_latency") { $0.wait }])
    static let timers = functions("timers", "Timers")
    static let hrtimers = functions("timers", "High-resolution timers", wait: "LATE")

    static let senders = Section<DeepReport.Sender>(
        "sent", "Interrupts sent to other CPUs",
        [
            .init("callsite", .left("BY")) { .text($0.callsite) },
            .init("callback", .left("FOR"), shown: { .text($0.callback ?? $0.reason ?? "reschedule") }) {
                .text($0.callback)
            },
            .init("reason") { .text($0.reason) }, .init("count", "COUNT") { .count($0.count) },
        ])

    static let sendingTasks = Section<DeepReport.SendingTask>(
        "tasks", "Tasks that interrupts were sent from",
        [
            .init("comm", .left("TASK")) { .text($0.name) }, .init("pid", "PID") { .number(Int($0.pid)) },
            .init("count", "COUNT") { .count($0.count) },
        ])

    static let faults = Section<DeepReport.Fault>(
        "faults", "Page faults",
        [
            .init("comm", .left("TASK")) { .text($0.name) }, .init("pid", "PID") { .number(Int($0.pid)) },
            .init("kind", .left("IN")) { .text($0.isKernel ? "kernel" : "user") },
            .init("count", "FAULTS") { .count($0.count) },
        ])

    // MARK: Who pays

    static let victims = Section<DeepReport.Victim>(
        "victims", "Tasks that lose time to interrupts",
        [
            .init("comm", .left("TASK")) { .text($0.name) }, .init("pid", "PID") { .number(Int($0.pid)) },
            .init(screen: "LOST") { .nanoseconds($0.total) },
            .init("hardirq_ns", .init("HANDLERS", dispensability: 2)) { .nanoseconds($0.handlers) },
            .init("vector_ns", .init("VECTORS", dispensability: 2)) { .nanoseconds($0.vectors) },
            .init("softirq_ns", .init("SOFTIRQS", dispensability: 2)) { .nanoseconds($0.softirqs) },
            .init("stretches", "STRETCHES") { .count($0.stretches) },
            .init("longest_ns", "LONGEST") { .nanoseconds($0.longest) },
        ])

    private static func share(
        _ key: StaticString, _ title: String, _ part: @escaping @Sendable (DeepReport.CPU) -> UInt64
    ) -> Column<DeepReport.CPU> {
        .init(
            key, .init(title),
            shown: { cpu in .share(cpu.span == 0 ? nil : Double(part(cpu)) / Double(cpu.span)) }
        ) { .nanoseconds(part($0)) }
    }

    static let shares = Section<DeepReport.CPU>(
        "cpu_share", "Time of each CPU",
        [
            .init("cpu", "CPU") { .number($0.cpu) }, .init("span_ns", "SPAN") { .nanoseconds($0.span) },
            share("hardirq_ns", "HANDLERS") { $0.handlers }, share("vector_ns", "VECTORS") { $0.vectors },
            share("softirq_ns", "SOFTIRQS") { $0.softirqs },
            share("softirq_thread_ns", "IN THREADS") { $0.softirqThreads }, share("task_ns", "TASKS") { $0.tasks },
            share("idle_ns", "IDLE") { $0.idle }, share("unknown_ns", "UNKNOWN") { $0.unknown },
        ])

    static let busy = Section<DeepReport.CPU>(
        "busy", "Stretches in interrupts",
        [
            .init("cpu", "CPU") { .number($0.cpu) }, .init("stretches", "STRETCHES") { .count($0.stretches) },
            .init("longest_ns", "LONGEST") { .nanoseconds($0.longest) },
            .init("merged_longest_ns", "WITHOUT A PAUSE") { .nanoseconds($0.mergedLongest) },
            .init("merged_longest_start_ns", "FROM") { .stamp($0.mergedLongestStart) },
        ])

    // MARK: Over time

    private static let slice = Columns<DeepReport.Handler.Slice>([
        .init("slice") { .count($0.index) }, .init("count") { .count($0.count) },
        .init("p99_ns") { .nanoseconds($0.percentile99) },
    ])

    static let slices = Section<DeepReport.Handler>(
        "slices", "",
        [
            .init("irq") { .number(Int($0.irq)) }, .init("action") { .text($0.action) },
            .init("slices", each: slice) { $0.slices },
        ])

    /// A slice of the calls of a handler, as a line of its own.
    struct SliceLine {
        let handler: DeepReport.Handler
        let slice: DeepReport.Handler.Slice
        let start: UInt64
    }

    static let sliceLines = Section<SliceLine>(
        "slices", "Over time",
        [
            .init(screen: "FROM") { .stamp($0.start) }, .init(screen: "IRQ") { .number(Int($0.handler.irq)) },
            .init(screen: .left("ACTION")) { .text($0.handler.action) },
            .init(screen: "CALLS") { .count($0.slice.count) },
            .init(screen: "P99") { .nanoseconds($0.slice.percentile99) },
        ])

    static let peaks = Section<DeepReport.Handler>(
        "peaks", "Most calls in a window",
        [
            .init("irq", "IRQ") { .number(Int($0.irq)) }, .init("action", .left("ACTION")) { .text($0.action) },
            .init("in_1ms", "IN 1 MS") { .count($0.peaks[0]) }, .init("in_10ms", "IN 10 MS") { .count($0.peaks[1]) },
            .init("in_100ms", "IN 100 MS") { .count($0.peaks[2]) },
        ])
}
