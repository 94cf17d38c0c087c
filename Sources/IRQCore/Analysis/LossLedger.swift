/// What was read, and all that could not be used: every dropped thing has a line here.
public struct LossLedger: Sendable, Equatable, BitwiseCopyable {
    /// Data records decoded.
    public var events: UInt64 = 0
    /// Of these, the ones that the analysis understands.
    public var usedEvents: UInt64 = 0
    /// Events that the kernel says it dropped; a lower bound if `gapsOfUnknownSize` is not 0.
    public var lostEvents: UInt64 = 0
    /// Places where events are missing.
    public var gaps: UInt64 = 0
    /// Gaps whose number of lost events nobody knows.
    public var gapsOfUnknownSize: UInt64 = 0
    /// Spans that were open at a gap: their end may be lost, so they have no duration.
    public var spansDroppedAtGaps: UInt64 = 0
    /// Work items that were queued or running when events were lost on any CPU.
    public var workDroppedAtGaps: UInt64 = 0
    /// Entries whose exit never came though something outside of them ended.
    public var unmatchedEntries: UInt64 = 0
    /// Exits without an entry: running when the recording began, or lost.
    public var unmatchedExits: UInt64 = 0
    /// Executions of work that ended without a start in the recording.
    public var unmatchedWorkEnds: UInt64 = 0
    /// Executions of work that never ended though their thread went on to another.
    public var unmatchedWorkStarts: UInt64 = 0
    /// Executions of work still running when the recording ended.
    public var workOpenAtEnd: UInt64 = 0
    /// Spans still open when the recording ended.
    public var openAtEnd: UInt64 = 0
    /// Pages that are damaged; what followed the damage in them is missing.
    public var damagedPages: UInt64 = 0
    /// Compressed chunks that could not be unpacked.
    public var damagedChunks: UInt64 = 0
    /// Events with a number that no kernel uses (softirq vector above 31).
    public var malformedEvents: UInt64 = 0
    /// Spans more deeply nested than the pairing keeps track of.
    public var spansTooDeep: UInt64 = 0
    /// Entries beyond the limit of rows.
    public var callsBeyondRowLimit: UInt64 = 0
    /// Work items that could not be remembered when they were queued, because too many were.
    public var queuedBeyondLimit: UInt64 = 0
    /// Storms beyond the limit.
    public var stormsBeyondLimit: UInt64 = 0

    /// Creates an empty ledger.
    public init() {}

    /// Adds the counts of another ledger.
    public static func += (left: inout LossLedger, right: LossLedger) {
        left.events += right.events
        left.usedEvents += right.usedEvents
        left.lostEvents &+= right.lostEvents
        left.gaps += right.gaps
        left.gapsOfUnknownSize += right.gapsOfUnknownSize
        left.spansDroppedAtGaps += right.spansDroppedAtGaps
        left.workDroppedAtGaps += right.workDroppedAtGaps
        left.unmatchedEntries += right.unmatchedEntries
        left.unmatchedExits += right.unmatchedExits
        left.unmatchedWorkEnds += right.unmatchedWorkEnds
        left.unmatchedWorkStarts += right.unmatchedWorkStarts
        left.workOpenAtEnd += right.workOpenAtEnd
        left.openAtEnd += right.openAtEnd
        left.damagedPages += right.damagedPages
        left.damagedChunks += right.damagedChunks
        left.malformedEvents += right.malformedEvents
        left.spansTooDeep += right.spansTooDeep
        left.callsBeyondRowLimit += right.callsBeyondRowLimit
        left.queuedBeyondLimit += right.queuedBeyondLimit
        left.stormsBeyondLimit += right.stormsBeyondLimit
    }
}
