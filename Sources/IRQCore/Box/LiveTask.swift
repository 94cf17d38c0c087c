/// A task that interrupts woke, or took time from, in the last interval. Times in nanoseconds; the name is untrusted text.
public struct LiveTask: Sendable {
    /// The task's number.
    public let pid: Int64
    /// The task's name; empty if no event told it.
    public internal(set) var name: String
    /// The kind, if its work is that of interrupts; nil for other tasks.
    public let service: ServiceKind?
    /// The interrupt that it serves.
    public let irq: Int64?
    /// The priority, as the kernel counts: 0-99 is real-time, the lower the more urgent. Known of service threads that ran.
    public let priority: Int32?
    /// The cause of most of its wake-ups; nil if no interrupt woke it.
    public internal(set) var cause: DeepReport.Cause?
    /// The wake-ups: all of a service thread's, else those by interrupts. `calls` counts them; the times are those from a
    /// wake-up to running, of a service thread for wake-ups that began an activation.
    public internal(set) var wakes = SpanInterval()
    /// The activations of a service thread: the time that each had a CPU.
    public internal(set) var runs = SpanInterval()
    /// The time that it lost to handlers.
    public let handlerNanoseconds: UInt64
    /// The time that it lost to x86 vectors.
    public let vectorNanoseconds: UInt64
    /// The time that it lost to softirqs.
    public let softirqNanoseconds: UInt64
    /// The longest time without a break that it lost.
    public let longestNanoseconds: UInt64

    /// The time that it lost to all of these.
    public var lostNanoseconds: UInt64 { handlerNanoseconds &+ vectorNanoseconds &+ softirqNanoseconds }
}

extension SpanInterval {
    /// The numbers of durations.
    init(_ summary: DurationSummary) {
        self.init()
        (calls, count) = (summary.count, summary.count)
        (totalNanoseconds, maximumNanoseconds) = (summary.totalNanoseconds, summary.maximumNanoseconds ?? 0)
        (p50Nanoseconds, p99Nanoseconds) = (summary.percentile(perMille: 500), summary.percentile(perMille: 990))
    }
}
