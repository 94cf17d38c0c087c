/// The counts of /proc/irq/N/spurious (kernel/irq/proc.c `irq_spurious_proc_show`).
public struct SpuriousCounts: BitwiseCopyable, Equatable, Sendable {
    /// Interrupts of the current judgement; on kernels since 6.1 it stands still while none is unhandled.
    public var count: UInt64
    /// Interrupts that no handler claimed, since the last judgement.
    public var unhandled: UInt64
    /// The time of the last one, in milliseconds since boot; 0 = never.
    public var lastUnhandledMilliseconds: UInt64

    /// At this many interrupts the kernel judges a line, and starts over (kernel/irq/spurious.c).
    public static let judgedCount: UInt64 = 100_000
    /// With more unhandled ones than this it says "nobody cared" and disables the line.
    public static let unhandledLimit: UInt64 = 99_900

    /// Creates counts.
    public init(count: UInt64, unhandled: UInt64, lastUnhandledMilliseconds: UInt64) {
        self.count = count
        self.unhandled = unhandled
        self.lastUnhandledMilliseconds = lastUnhandledMilliseconds
    }

    /// Reads `count N`, `unhandled N`, `last_unhandled N ms`, a line each; nil if the text is none.
    public init?(_ text: RawSpan) {
        var values: (UInt64?, UInt64?, UInt64?)
        var position = 0
        while position < text.byteCount {
            var isTooLarge = false
            func value(_ skipped: Int) -> UInt64? {
                var start = text.skippingBlanks(from: position &+ skipped)
                let value = text.decimal(at: &start, isTooLarge: &isTooLarge)
                return isTooLarge ? nil : value
            }
            if text.has("count ", at: position) { values.0 = value(6) }
            if text.has("unhandle", at: position) { values.1 = value(10) }
            if text.has("last_unh", at: position) { values.2 = value(15) }
            position = text.endOfLine(from: position) &+ 1
        }
        guard let count = values.0, let unhandled = values.1, let last = values.2 else { return nil }
        self.init(count: count, unhandled: unhandled, lastUnhandledMilliseconds: last)
    }

    /// The number judged since an earlier look, and the number of them that were unhandled; lower bounds where the
    /// kernel started over in between.
    public func since(_ before: Self) -> (judged: UInt64, unhandled: UInt64) {
        (
            count >= before.count ? count - before.count : count,
            unhandled >= before.unhandled ? unhandled - before.unhandled : unhandled
        )
    }

    /// True if interrupts were unhandled since an earlier look: the time of the last one moves with each.
    public func hasMoved(since before: Self) -> Bool {
        lastUnhandledMilliseconds != before.lastUnhandledMilliseconds || unhandled != before.unhandled
    }

    /// True if interrupts were unhandled once, and the count has begun anew since: the kernel has judged the line.
    public var isBegunAnew: Bool { count == 0 && unhandled == 0 && lastUnhandledMilliseconds > 0 }

    /// True if the kernel may disable the line when it judges it next: so few interrupts were claimed since the last time, or
    /// since it last took one for the first unhandled one, that nothing but unhandled ones can still reach the limit.
    public var mayBeDisabledNext: Bool {
        unhandled >= count || count - unhandled < Self.judgedCount - Self.unhandledLimit
    }

    /// The number of further unhandled interrupts the kernel takes before it disables the line.
    public var unhandledLeft: UInt64 { Self.unhandledLimit > unhandled ? Self.unhandledLimit - unhandled : 0 }
}
