internal import IRQCore

/// The tables of what ran late, and what was in the way.
enum LateColumns {
    /// "lg 383", "the idle task".
    static func task(_ name: String, _ pid: Int64) -> String { pid <= 0 ? "the idle task" : "\(name) \(pid)" }

    /// "real-time 50", "nice 0", "deadline": the priority as people set it.
    static func priority(_ priority: Int32?) -> String? {
        guard let priority else { return nil }
        if priority < 0 { return "deadline" }
        return priority < 100 ? "real-time \(99 - priority)" : "nice \(priority - 120)"
    }

    /// "softirq RCU 72.4 ms", "lg 392 (nice 0) 12.1 ms".
    static func words(_ busy: DeepReport.Busy, _ units: Units) -> String {
        "\(name(busy)) \(units.duration(busy.nanoseconds))"
    }

    private static func name(_ busy: DeepReport.Busy) -> String {
        switch busy.kind {
        case .irq: "irq \(busy.number ?? 0) \(busy.name)"
        case .vector: "vector \(busy.name)"
        case .softirq: "softirq \(busy.name)" + (busy.thread.map { " in \($0)" } ?? "")
        case .task: task(busy.name, busy.number ?? 0) + (priority(busy.priority).map { " (\($0))" } ?? "")
        case .idle: "idle"
        }
    }

    /// "by irq 35 nvme0q2", "by lg 383": who woke it.
    private static func by(_ late: DeepReport.LateStart) -> String? {
        late.cause.map(DeepColumns.words) ?? late.waker.map { task($0.name, $0.pid) }
    }

    private static let busy = Columns<DeepReport.Busy>([
        .init("kind") { .text($0.kind.rawValue) }, .init("number") { .number($0.number.map { Int($0) }) },
        .init("name") { .text($0.kind == .idle ? nil : $0.name) }, .init("thread") { .text($0.thread) },
        .init("prio") { .number($0.priority.map { Int($0) }) }, .init("total_ns") { .nanoseconds($0.nanoseconds) },
        .init("count") { .count($0.count) },
    ])

    /// The columns that wake-ups and softirqs share.
    private static let common: [Column<DeepReport.LateStart>] = [
        .init("latency_ns", "WAITED") { .nanoseconds($0.latencyNanoseconds) },
        .init("start_ns", "FROM") { .stamp($0.startNanoseconds) }, .init("cpu", "CPU") { .number($0.cpu) },
    ]
    private static let more: [Column<DeepReport.LateStart>] = [
        .init(screen: .left("BY")) { .text(by($0)) },
        .init("by_kind") { .text($0.cause?.kind) }, .init("by") { .text(by($0)) },
        .init("current_comm") { .text($0.waker?.name) }, .init("current_pid") { .number($0.waker.map { Int($0.pid) }) },
        .init("meanwhile", each: busy) { $0.meanwhile },
        .init("meanwhile_rest_ns") { .nanoseconds($0.restNanoseconds) },
        .init("meanwhile_rest") { .number($0.restCount) },
        .init("meanwhile_unknown_ns") { .nanoseconds($0.unknownNanoseconds) },
    ]

    static let wakes = Section<DeepReport.LateStart>(
        "late_wakes", "Latest wake-ups",
        common + [
            .init("comm", .left("TASK")) { .text($0.name) }, .init("pid", "PID") { .number(Int($0.pid)) },
            .init("prio", .left("PRIORITY"), shown: { .text(priority($0.priority)) }) {
                .number($0.priority.map { Int($0) })
            },
            .init("waking_cpu") { .number($0.wakingCPU) }, .init("waiting_cpu") { .number($0.waitingCPU) },
            .init("origin") { .text($0.originCause.map(DeepColumns.words)) },
            .init("origin_ns") { .nanoseconds($0.originNanoseconds) },
            .init("middle_ns") { .nanoseconds($0.middleNanoseconds) },
        ] + more)

    static let softirqs = Section<DeepReport.LateStart>(
        "late_softirqs", "Latest softirqs, from raise to entry",
        common + [
            .init("vector") { .number($0.softirq) },
            .init("name", .left("SOFTIRQ")) { .text(SoftirqNames.name(of: Int64($0.softirq ?? 0))) },
            .init(screen: .left("RAN IN")) { .text(task($0.name, $0.pid)) },
            .init("comm") { .text($0.name) }, .init("pid") { .number(Int($0.pid)) },
        ] + more)

    /// The lines under a row: how long each part of the way took, and what had the CPU meanwhile.
    static func lines(_ late: DeepReport.LateStart, _ units: Units) -> [String] {
        var path: [String] = []
        if late.softirq == nil, let origin = late.originNanoseconds {
            let start =
                late.originCause.map(DeepColumns.words) ?? (late.middleNanoseconds == nil ? "its handler" : "the raise")
            let end = late.middleNanoseconds == nil ? "wake-up" : by(late).map { "\($0) runs" } ?? "running"
            path.append("\(start) to \(end) \(units.duration(origin))")
        }
        if let middle = late.middleNanoseconds { path.append("to wake-up \(units.duration(middle))") }
        if !path.isEmpty { path.append("to running \(units.duration(late.latencyNanoseconds))") }
        var parts = late.meanwhile.map { words($0, units) }
        if late.restCount > 0 { parts.append("\(late.restCount) more \(units.duration(late.restNanoseconds))") }
        if late.unknownNanoseconds > 0 { parts.append("not known \(units.duration(late.unknownNanoseconds))") }
        var place = "CPU \(late.waitingCPU)"
        var remarks: [String] = []
        if late.waitingCPU != late.cpu { remarks.append("where it waited until CPU \(late.cpu) took it") }
        if late.softirq == nil, late.wakingCPU != late.waitingCPU { remarks.append("woken on CPU \(late.wakingCPU)") }
        if !remarks.isEmpty { place += " (\(remarks.joined(separator: ", ")))" }
        let meanwhile = "\(place) meanwhile: \(parts.isEmpty ? "not known" : parts.joined(separator: ", "))"
        return (path.isEmpty ? [] : [path.joined(separator: ", ")]) + [meanwhile]
    }

    private static func share(
        _ key: StaticString, _ title: String, _ part: @escaping @Sendable (DeepReport.SoftirqWait) -> UInt64
    ) -> Column<DeepReport.SoftirqWait> {
        .init(key, .init(title), shown: { .share($0.total == 0 ? nil : Double(part($0)) / Double($0.total)) }) {
            .nanoseconds(part($0))
        }
    }

    static let waits = Section<DeepReport.SoftirqWait>(
        "softirq_waits", "What softirqs waited for, from raise to entry",
        [
            .init("vector") { .number($0.vector) },
            .init("name", .left("SOFTIRQ")) { .text(SoftirqNames.name(of: Int64($0.vector))) },
            .init("total_ns", "WAITED") { .nanoseconds($0.total) },
            share("hardirq_ns", "HANDLERS") { $0.handlers }, share("vector_ns", "VECTORS") { $0.vectors },
            share("softirq_ns", "SOFTIRQS") { $0.softirqs },
            share("softirq_thread_ns", "IN THREADS") { $0.softirqThreads }, share("task_ns", "TASKS") { $0.tasks },
            share("idle_ns", "IDLE") { $0.idle }, share("unknown_ns", "UNKNOWN") { $0.unknown },
        ])
}
