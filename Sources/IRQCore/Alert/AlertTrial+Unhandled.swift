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
        guard let seconds = seen.seconds, seconds > 0, let lost = UnhandledSeen(line, known, seconds: seconds),
            lost.isCertain
        else { return nil }
        if lost.disabling == .likely, state != false {
            // 100,000 of them came and the count began anew: the kernel has most likely disabled the line.
            evidence.isDisabled = true
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
