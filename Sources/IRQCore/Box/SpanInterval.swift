/// The spans of one IRQ, softirq or vector in the last interval. Times in nanoseconds.
public struct SpanInterval: BitwiseCopyable, Sendable {
    /// Entries seen.
    public var calls: UInt64 = 0
    /// Exits whose handler said that the interrupt was not its own.
    public var unhandled: UInt64 = 0
    /// Exits whose handler woke its thread.
    public var wokeThread: UInt64 = 0
    /// Spans that ended in the interval.
    public var count: UInt64 = 0
    /// Their sum.
    public var totalNanoseconds: UInt64 = 0
    /// The shortest; `UInt64.max` without any.
    public var minimumNanoseconds: UInt64 = .max
    /// The longest; 0 without any.
    public var maximumNanoseconds: UInt64 = 0
    /// The median; nil without any.
    public var p50Nanoseconds: UInt64?
    /// The 99th percentile; nil without any.
    public var p99Nanoseconds: UInt64?

    /// The longest; nil without any.
    public var longestNanoseconds: UInt64? { count > 0 ? maximumNanoseconds : nil }

    /// Adds what a tally counted.
    mutating func add(_ tally: SpanStatistics) {
        calls &+= tally.calls
        unhandled &+= tally.unhandled
        wokeThread &+= tally.wokeThread
        count &+= tally.count
        totalNanoseconds &+= tally.total
        if tally.count == 0 { return }
        minimumNanoseconds = min(minimumNanoseconds, tally.minimum)
        maximumNanoseconds = max(maximumNanoseconds, tally.maximum)
    }

    /// A value that stands for a bucket, moved between the shortest and the longest.
    func clamped(_ middle: UInt64) -> UInt64 { min(max(middle, minimumNanoseconds), maximumNanoseconds) }
}

/// The spans of one IRQ, softirq or vector since the trace began, or since they were forgotten last.
public struct SpanTotals: BitwiseCopyable, Sendable {
    /// The numbers; percentiles are nil but in what `LiveDurations.total` returns.
    public var spans = SpanInterval()
    /// The beginning of the longest span: CLOCK_REALTIME, in nanoseconds since 1970.
    public var maximumTimeNanoseconds: UInt64 = 0

    /// Adds what a tally counted.
    ///
    /// - Parameter wallOffset: what makes times of the trace clock those of CLOCK_REALTIME.
    mutating func add(_ tally: SpanStatistics, wallOffset: UInt64) {
        if tally.count > 0, spans.count == 0 || tally.maximum > spans.maximumNanoseconds {
            maximumTimeNanoseconds = tally.maximumStart &+ wallOffset
        }
        spans.add(tally)
    }
}

/// The place of one IRQ, softirq or vector among all that a live trace has seen.
public struct SpanPlace: BitwiseCopyable, Sendable {
    let index: Int
}

/// The spans of one IRQ, softirq or vector on one CPU in the last interval.
public struct CPUSpans: BitwiseCopyable, Sendable {
    /// The CPU's number.
    public let cpu: UInt32
    /// The next ones of the same IRQ, softirq or vector; -1 ends the list.
    let next: Int32
    /// Entries seen.
    public var calls: UInt64 = 0
    /// Spans that ended in the interval.
    public var count: UInt64 = 0
    /// Their sum, in nanoseconds.
    public var totalNanoseconds: UInt64 = 0
    /// The longest, in nanoseconds; 0 without any.
    public var maximumNanoseconds: UInt64 = 0

    /// The longest, in nanoseconds; nil without any.
    public var longestNanoseconds: UInt64? { count > 0 ? maximumNanoseconds : nil }
}

/// The time of a CPU that a live trace saw in handlers in the last interval, in nanoseconds.
public struct CPUSpanTime: BitwiseCopyable, Sendable {
    /// In hard interrupts: handlers, and vectors if they are traced.
    public var irqNanoseconds: UInt64 = 0
    /// In softirqs, without the hard interrupts that hit them.
    public var softirqNanoseconds: UInt64 = 0
}
