/// The counts of what was read and of all that could not be used: every dropped thing has a line here.
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
    /// Pages that begin before the page ahead of them ended, which no kernel writes.
    public var timesGoneBack: UInt64 = 0
    /// Events with a number that the recording does not describe.
    public var undescribedEvents: UInt64 = 0
    /// Compressed chunks that could not be unpacked.
    public var damagedChunks: UInt64 = 0
    /// Events with a number that no kernel uses (softirq vector above 31).
    public var malformedEvents: UInt64 = 0
    /// Parts of what was given that are not read, such as another recording behind the first: what is in them is unknown.
    public var unreadParts: UInt64 = 0
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

    /// Adds the counts of another ledger. Recordings may lie about how many events they lack: sums wrap.
    public static func += (left: inout LossLedger, right: LossLedger) {
        for counter in counters { left[keyPath: counter.path] &+= right[keyPath: counter.path] }
    }

    /// All counters, in the order in which a report names them.
    public static let counters: [Counter] = [
        Counter("total", \.events), Counter("used", \.usedEvents), Counter("lost_at_least", \.lostEvents),
        Counter("gaps", \.gaps), Counter(nil, \.gapsOfUnknownSize),
        Counter("spans_dropped_at_gaps", \.spansDroppedAtGaps),
        Counter("unmatched_entries", \.unmatchedEntries, .unpaired, "entries without exit"),
        Counter("unmatched_exits", \.unmatchedExits, .unpaired, "exits without entry"),
        Counter("open_at_end", \.openAtEnd, .unpaired, "still open at the end"),
        Counter("unmatched_work_starts", \.unmatchedWorkStarts, .unpaired, "work starts without end"),
        Counter("unmatched_work_ends", \.unmatchedWorkEnds, .unpaired, "work ends without start"),
        Counter("work_open_at_end", \.workOpenAtEnd, .unpaired, "work items still running at the end"),
        Counter("work_dropped_at_gaps", \.workDroppedAtGaps, .unpaired, "work items dropped at gaps"),
        Counter("damaged_pages", \.damagedPages, .warning, "damaged pages, read up to the damage"),
        Counter("times_gone_back", \.timesGoneBack, .warning, "pages whose time goes back, so that one is damaged"),
        Counter(
            "undescribed", \.undescribedEvents, .warning,
            "events of a number that the recording does not describe, so that they are damaged or not to be read"),
        Counter("damaged_chunks", \.damagedChunks, .warning, "compressed chunks that do not unpack"),
        Counter("malformed", \.malformedEvents, .warning, "events with impossible numbers, left out"),
        Counter("spans_too_deep", \.spansTooDeep, .warning, "spans nested too deeply to be followed"),
        Counter(
            "calls_beyond_row_limit", \.callsBeyondRowLimit, .warning,
            "calls in no row, for there are too many different ones"),
        Counter("queued_beyond_limit", \.queuedBeyondLimit, .warning, "work items too many to be followed"),
        Counter("storms_beyond_limit", \.stormsBeyondLimit, .warning, "further high rates, not listed"),
        Counter("unread_parts", \.unreadParts, .warning, "parts of what was given, not read"),
    ]

    /// The description of a counter.
    public struct Counter: Sendable {
        /// The role of a count that is not zero.
        public enum Role: Sendable {
            /// It is part of a sentence of its own.
            case basis
            /// It tells of spans that have no duration, as any recording has them at its ends.
            case unpaired
            /// It is a reason to doubt the numbers.
            case warning
        }

        /// The key in JSON; nil if it has none.
        public let key: StaticString?
        /// The counter.
        public let path: any WritableKeyPath<LossLedger, UInt64> & Sendable
        /// The role of the count.
        public let role: Role
        /// The words that stand beside the count.
        public let words: String

        /// The words beside a count of one.
        public var wordsOfOne: String {
            for (many, one) in [
                ("entries", "entry"), ("exits", "exit"), ("starts", "start"), ("ends", "end"), ("items", "item"),
                ("parts", "part"),
            ]
            where words.contains("\(many) ") || words.hasSuffix(many) {
                return words.split(separator: " ").map { $0 == many ? one : String($0) }.joined(separator: " ")
            }
            return words
        }

        init(
            _ key: StaticString?, _ path: any WritableKeyPath<LossLedger, UInt64> & Sendable, _ role: Role = .basis,
            _ words: String = ""
        ) {
            (self.key, self.path, self.role, self.words) = (key, path, role, words)
        }
    }

    /// The counts of one role that are not zero, each with its words.
    public func counts(_ role: Counter.Role) -> [(count: UInt64, words: String)] {
        Self.counters.lazy.filter { $0.role == role }.map { counter in
            let count = self[keyPath: counter.path]
            return (count, count == 1 ? counter.wordsOfOne : counter.words)
        }.filter { $0.0 > 0 }
    }
}
