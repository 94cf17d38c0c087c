/// What two looks at /proc/irq/N/spurious tell.
///
/// The kernel counts a line's interrupts up to 100,000; if more than 99,900 of them were unhandled it disables the line,
/// else it starts over (kernel/irq/spurious.c `note_interrupt`). Since 6.1 it counts only while some are unhandled.
struct UnhandledSeen {
    /// Unhandled since the last run; a lower bound where the kernel started over in between.
    let count: UInt64
    /// Of the interrupts of the interval, or of those that the kernel judges now: the larger share. 0…1.
    let share: Double
    /// What the kernel counts now.
    let now: SpuriousCounts
    /// Whether the kernel judged the line in the interval, and all that was seen was unhandled.
    let wasJudged: Bool

    /// Nil if nothing is known or nothing was unhandled.
    init?(_ line: LineObservation, _ memory: RowMemory?) {
        guard let now = line.details?.spurious, let before = memory?.spurious else { return nil }
        // The time of the last one moves with each: without it the counts are old.
        guard now.lastUnhandledMilliseconds != before.lastUnhandledMilliseconds || now.unhandled != before.unhandled
        else { return nil }
        self.now = now
        count = now.unhandled >= before.unhandled ? now.unhandled - before.unhandled : now.unhandled
        let ofInterval = line.delta > 0 ? min(Double(count) / Double(line.delta), 1) : 0
        let ofWindow = now.count >= 100 ? min(Double(now.unhandled) / Double(now.count), 1) : 0
        share = max(ofInterval, ofWindow)
        wasJudged = now.unhandled < 100 && before.unhandled + line.delta > SpuriousCounts.unhandledLimit
    }
}

extension AlertTrial {
    /// Unhandled interrupts per second that are worth a word.
    private static let leastPerSecond = 10.0
    /// As much of the kernel's limit is used up when it becomes critical.
    private static let criticalUse = 0.5

    /// Interrupts that nobody claims, and lines that the kernel has disabled for it.
    ///
    /// The value is how much of the kernel's limit is used up, at least a tenth if they come often: 1 is a disabled line.
    func unhandled(_ line: LineObservation) -> Measurement? {
        let key = AlertKey(.unhandled, id: line.key)
        let known = memory.rows[line.key]
        var evidence = evidence(line)
        let levels = (warn: 0.1, crit: Self.criticalUse)
        func result(_ value: Double) -> Measurement {
            var measurement = Measurement(key, Self.subject(line), value: value, warn: levels.warn, crit: levels.crit)
            measurement.evidence = evidence
            return measurement
        }
        // The kernel's word goes before what its counters suggest, either way.
        let state = line.details?.isSpuriousDisabled
        let seemsDisabled =
            known?.mayBeDisabled == true && line.delta == 0 && line.details?.spurious == known?.spurious
        if state ?? seemsDisabled {
            (evidence.isDisabled, evidence.isDisabledForSure) = (true, state == true)
            return result(1)
        }
        guard let lost = UnhandledSeen(line, known), let seconds = seen.seconds, seconds > 0 else { return nil }
        evidence.unhandledShare = lost.share
        if lost.wasJudged, state != false {
            // 100,000 of them came and the count began anew: the kernel has most likely disabled the line.
            return result(1)
        }
        guard lost.share >= Self.unhandledShare else { return nil }
        let perSecond = Double(lost.count) / seconds
        let use = Double(lost.now.unhandled) / Double(SpuriousCounts.unhandledLimit)
        guard perSecond >= Self.leastPerSecond || use >= 0.1 else { return nil }
        evidence.perSecond = perSecond
        evidence.unhandledLeft = lost.now.unhandledLeft
        if perSecond > 0 { evidence.secondsToLimit = Double(lost.now.unhandledLeft) / perSecond }
        // Below the kernel's share it will never disable the line: a warning, however much is used up.
        let isDeadly = lost.share > Double(SpuriousCounts.unhandledLimit) / Double(SpuriousCounts.judgedCount)
        var value = max(use, levels.warn)
        if isDeadly, let left = evidence.secondsToLimit, left < 300 { value = max(value, levels.crit) }
        if !isDeadly { value = min(value, levels.crit * rules.leaveShare * 0.99) }
        return result(value)
    }
}
