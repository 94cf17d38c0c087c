/// The choices that an analysis depends on.
public struct AnalysisOptions: Sendable {
    /// Spans that begin before this time are left out; nanoseconds of the trace clock.
    public var fromNanoseconds: UInt64 = 0
    /// Spans that begin at or after this time are left out.
    public var toNanoseconds: UInt64 = .max
    /// The CPUs whose spans count; nil is all.
    public var cpus: Set<Int>?
    /// The number of slowest spans to keep; at most 10,000.
    public var slowCount = 0
    /// The rows whose spans may be among the slowest, and in pictures; nil is all.
    public var selector: RowSelector?
    /// The slices of time by which durations are counted as well; nil for none.
    public var slices: TimeSlices?
    /// The limits that durations are held against; nil for none.
    public var budget: Budget?
    /// True if the course over time is wanted, for pictures.
    public var isTimelineWanted = false
    /// The maker of takers of the spans themselves, one for each thread, of the buffer with the given name; nil if nobody wants
    /// them.
    public var makeSpanSink: (@Sendable (_ buffer: String) -> any SpanSink)?
    /// The maker of a taker of what tasks run when, where there are events of the scheduler; nil if nobody wants that.
    public var makeRunSink: (@Sendable (_ buffer: String) -> any RunSink)?
    /// True if the names of tasks are wanted for spans.
    public var wantsTaskNames: Bool { slowCount > 0 || isTimelineWanted || makeSpanSink != nil }
    /// True if durations are counted by the limits of `DurationBuckets` as well.
    public var countsBuckets = false
    /// The rate that is a storm.
    public var storm = StormCriteria()

    /// True if the deep analysis is wanted, where there are events of the scheduler.
    public var isDeep = true
    /// The names that the recording has of tasks, by pid, for those whose name no event tells. Untrusted text.
    public var taskNames: [Int32: String] = [:]
    /// True if the clock may differ between CPUs: numbers across CPUs are then refused where events show that it does.
    public var isClockDoubtful = true
    /// The length of the deep analysis' slices of time, in nanoseconds; nil grows with the recording's length.
    public var sliceNanoseconds: UInt64?
    /// True if calls over time are wanted, which need no event of the scheduler.
    public var isSliced: Bool { isDeep && sliceNanoseconds != nil }

    /// The number of latest wake-ups and softirqs to keep with what was in their way: of each softirq, of real-time tasks,
    /// and of others.
    public var lateCount = 1
    /// Tells from its name and pid whether the latest wake-ups of a task are wanted; nil is all.
    public var isTaskWanted: (@Sendable (_ name: String, _ pid: Int64) -> Bool)?

    /// Creates options that ask for everything.
    public init() {}
}
