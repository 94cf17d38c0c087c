/// The facts that two looks at /proc/irq/N/spurious tell.
///
/// The kernel counts a line's interrupts up to 100,000; if more than 99,900 of them were unhandled it disables the line,
/// else it starts over (kernel/irq/spurious.c `note_interrupt`). Since 6.1 it counts only while some are unhandled.
struct UnhandledSeen {
    /// Unhandled since the last run; a lower bound where the kernel started over in between.
    let count: UInt64
    /// Of the interrupts of the interval, or of those that the kernel judges now: the larger share. 0…1.
    let share: Double
    /// The kernel's counts now.
    let now: SpuriousCounts
    /// True if they were unhandled indeed: not where threads may still have claimed them (`UnhandledCount`).
    let isCertain: Bool
    /// The evidence of the counts on whether the kernel has disabled the line.
    let disabling: Disabling

    /// The degree to which two looks tell that a line was disabled.
    enum Disabling {
        /// Nothing speaks for it.
        case none
        /// It was, if the line stands still from now on.
        case possible
        /// All interrupts before were unhandled, and then the count began anew.
        case likely
    }

    /// Nil if nothing is known or nothing was unhandled.
    init?(_ line: LineObservation, _ memory: RowMemory?, _ work: Work?, seconds: Double?) {
        guard let now = line.details?.spurious, let before = memory?.spurious, now.hasMoved(since: before) else {
            return nil
        }
        self.now = now
        let (judged, unhandled) = now.since(before)
        disabling = Self.disabling(line, memory?.baseline, work, before, now, seconds)
        // The kernel's limit was passed, though it does not show it any more.
        count = disabling == .likely ? before.unhandledLeft + 1 : unhandled
        let ofInterval = line.delta > 0 ? min(Double(count) / Double(line.delta), 1) : 0
        let ofWindow = now.count >= 100 ? min(Double(now.unhandled) / Double(now.count), 1) : 0
        share = max(ofInterval, ofWindow)
        // Next to all that were judged, and most of the interval's: not the few that came while a thread had to wait.
        let isAll = UnhandledCount.isNearlyAll(unhandled, of: judged) && Double(unhandled) >= Double(line.delta) / 2
        let isEnough =
            UnhandledCount.isCertain(unhandled, of: judged) || UnhandledCount.isCertain(now.unhandled, of: now.count)
        isCertain = line.wakesThreads == false || isAll && isEnough || disabling == .likely
    }

    /// A line that is disabled does not count any more: both counts are 0 from then on.
    ///
    /// But so they are for a while after each judgement, and one interrupt in 100,000 that nobody claims is enough for one:
    /// the queue of a disk whose work was found by polling has such. So all before must have been unhandled; or a line that
    /// is slow as a rule has made about as many interrupts as the kernel judges; or as many came between two looks, and
    /// nothing followed them.
    private static func disabling(
        _ line: LineObservation, _ baseline: Baseline?, _ work: Work?, _ before: SpuriousCounts,
        _ now: SpuriousCounts, _ seconds: Double?
    ) -> Disabling {
        guard now.count == 0, now.unhandled == 0,
            Double(before.unhandled) + Double(line.delta) > Double(SpuriousCounts.unhandledLimit)
        else { return .none }
        if UnhandledCount.isCertain(before.unhandled, of: before.count) { return .likely }
        guard line.wakesThreads == false, let seconds else { return .none }
        let judged = Double(SpuriousCounts.judgedCount)
        if work?.verdict == .nothing, Double(before.unhandled) + Double(line.delta) <= judged * 1.1 { return .likely }
        guard line.role == .other else { return .none }
        let usual = baseline.map { $0.isKnown ? $0.usualRate * seconds : 0 } ?? 0
        // Older kernels may have been in the middle of a count that they let pass.
        return usual < judged / 2 && Double(line.delta) < judged * 2.5 ? .possible : .none
    }
}

extension LineObservation {
    /// True if its handlers go on in threads, by what is known of them or by what a look through tracefs saw; nil if
    /// unknown.
    var wakesThreads: Bool? { self.details?.wakesThreads ?? self.look?.threadShare.map { $0 > 0 } }
}

/// The extent to which the kernel's count of a line's unhandled interrupts can be believed.
///
/// If handlers go on in threads, nobody knows yet whether an interrupt was claimed when it comes. The kernel judges it
/// when the next one comes, by whether a thread has claimed anything meanwhile (kernel/irq/spurious.c `note_interrupt`,
/// `threads_handled`):
///
///     interrupt   1     2     3        4
///     thread       ╰────────claims╮     ╰──claims
///     counted           ✗     ✗        ✓             2 and 3 are unhandled by the count, though nothing is wrong
///
/// On PREEMPT_RT and with threadirqs that was a quarter of a network queue's interrupts. Only where next to none was
/// claimed it is certain: then the kernel disables the line, too.
public enum UnhandledCount {
    /// Fewer in a row may be the doing of a thread that had to wait.
    static let leastCount: UInt64 = 50

    /// True if so few were claimed that the kernel would disable the line for it.
    static func isNearlyAll(_ unhandled: UInt64, of judged: UInt64) -> Bool {
        let share = Double(SpuriousCounts.unhandledLimit) / Double(SpuriousCounts.judgedCount)
        return unhandled > 0 && Double(unhandled) > Double(judged) * share
    }

    /// The same of as many as make it certain.
    static func isCertain(_ unhandled: UInt64, of judged: UInt64) -> Bool {
        unhandled >= leastCount && isNearlyAll(unhandled, of: judged)
    }
}
