/// Groups of events that can be traced.
public struct TraceEvents: OptionSet, Sendable, Hashable {
    /// The bits.
    public let rawValue: UInt32

    /// Creates a set from its bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// irq:irq_handler_entry and _exit; without these there is nothing to measure.
    public static let handlers = TraceEvents(rawValue: 1 << 0)
    /// irq:softirq_raise, _entry and _exit.
    public static let softirqs = TraceEvents(rawValue: 1 << 1)
    /// All irq_vectors:*_entry and *_exit (x86).
    public static let irqVectors = TraceEvents(rawValue: 1 << 2)
    /// irq:tasklet_entry and _exit.
    public static let tasklets = TraceEvents(rawValue: 1 << 3)
    /// workqueue:workqueue_queue_work, _execute_start and _execute_end.
    public static let workqueues = TraceEvents(rawValue: 1 << 4)
    /// napi:napi_poll.
    public static let napi = TraceEvents(rawValue: 1 << 5)
    /// All of ipi.
    public static let ipi = TraceEvents(rawValue: 1 << 6)
    /// sched:sched_switch, sched_waking and sched_wakeup of threads called irq/… and ksoftirqd/….
    public static let scheduler = TraceEvents(rawValue: 1 << 7)

    /// What is traced unless something else is asked for.
    public static let standard: TraceEvents = [.handlers, .softirqs]

    /// What users call the groups.
    public static let names: [(name: String, events: TraceEvents)] = [
        ("irq", .handlers), ("softirq", .softirqs), ("irq_vectors", .irqVectors), ("tasklet", .tasklets),
        ("workqueue", .workqueues), ("napi", .napi), ("ipi", .ipi), ("sched", .scheduler),
    ]
}

/// What to trace, and how much of it the kernel may keep for us.
public struct TracePlan: Sendable, Equatable {
    /// Which events; those of handlers are always among them.
    public var events: TraceEvents = .standard
    /// The interrupts whose handlers are wanted; nil is all. Only handler events know an interrupt's number.
    public var irqs: [ClosedRange<Int64>]?
    /// The CPUs that are wanted; nil is all.
    public var cpus: Set<Int>?
    /// Memory of the kernel for each CPU; nil is `defaultKilobytes(cpuCount:)`.
    public var bufferKilobytesPerCPU: Int?
    /// The clock, as trace_clock names it.
    public var clock = "mono"
    /// Whether a full buffer loses its oldest events; otherwise the newest ones.
    ///
    /// Only the loss of old events is marked in the pages, so that no duration spans it.
    public var isOverwrite = true
    /// How full a buffer is when waiting ends, in percent.
    ///
    /// Measured with 360,000 events a second: 50 wakes the reader 2.6 times a second, 0 18,000 times.
    public var wakePercent = 50
    /// Whether it traces as soon as the instance is made; otherwise from `start` on.
    public var startsAtOnce = true

    /// Plans the default.
    public init() {}

    /// Kilobytes for each of so many CPUs: 4,096, which last for a second of 240,000 events on a CPU, and
    /// at most 256 MiB in all, but for 512 a CPU.
    public static func defaultKilobytes(cpuCount: Int) -> Int {
        max(min(4096, (256 << 10) / max(cpuCount, 1)), 512)
    }
}
