/// Something that has begun on a CPU and not ended.
struct OpenSpan: BitwiseCopyable {
    let key: SpanKey
    let start: UInt64
    /// Inclusive nanoseconds of the hardirqs, vectors and softirqs that opened and closed inside.
    var nested: UInt64
    /// The tally to record in, or -1 if the span lies outside of what was asked for.
    let tally: Int32
    let pid: Int32
    /// The time that other tasks had the CPU in between, which is only known where switches are read.
    var preempted: UInt64 = 0
    /// The time when its task was switched out; `notPreempted` while that has the CPU.
    var preemptedAt = OpenSpan.notPreempted

    /// A time that means "not preempted".
    static let notPreempted = UInt64.max
    /// True while another task has the CPU.
    @inline(always) var isPreempted: Bool { preemptedAt != Self.notPreempted }
}

/// The state of one CPU: the stack of open spans and the raised softirqs.
struct CPUContext: BitwiseCopyable {
    /// The deepest nesting that is followed; a kernel has four or five.
    static let depthLimit = 32
    static let softirqLimit = 32
    static let vectorLimit = 64
    /// A raise time that means "not raised".
    static let notRaised = UInt64.max

    let cpu: UInt32
    /// True if the rows of this CPU were asked for.
    let isSelected: Bool
    var stack: InlineArray<32, OpenSpan>
    var depth = 0
    var raised = InlineArray<32, UInt64>(repeating: CPUContext.notRaised)
    var softirqTally = InlineArray<32, Int32>(repeating: -1)
    var raiseTally = InlineArray<32, Int32>(repeating: -1)
    var vectorTally = InlineArray<64, Int32>(repeating: -1)
    /// The tally that an IRQ of this number modulo 64 had last: saves the search nearly always.
    var recentTally = InlineArray<64, Int32>(repeating: -1)
    var firstTime: UInt64 = .max
    var lastTime: UInt64 = 0
    /// The time of the last event of the page before.
    var pageEndTime: UInt64 = 0
    /// True once a page with a time was fed.
    var hasPages = false
    /// Pages of zeros before the first one with a time.
    var zeroPageCount: UInt64 = 0
    /// The time from which on events are missing, where only the next event tells up to when; `.max` if none are.
    var missingSince: UInt64 = .max
    /// The time for which events are missing.
    var missing = MissingTime()
    /// The records of this CPU that wait to be merged with those of the others.
    var waiting = WaitingRecords()

    init(cpu: UInt32, isSelected: Bool) {
        self.cpu = cpu
        self.isSelected = isSelected
        stack = InlineArray(
            repeating: OpenSpan(key: SpanKey(kind: .irq, number: 0), start: 0, nested: 0, tally: -1, pid: 0))
    }
}
