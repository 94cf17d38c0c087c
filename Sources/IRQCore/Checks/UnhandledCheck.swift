/// Interrupts that nobody claims, and lines that the kernel has disabled for it.
///
/// The value is the share of the kernel's limit that is used up, at least a tenth if they come often: 1 is a disabled line.
enum UnhandledCheck: Check {
    /// Unhandled interrupts per second that are worth a word.
    private static let leastPerSecond = 10.0
    /// The shares of the kernel's limit that are used up when it becomes a warning and critical.
    private static let (warnUse, criticalUse) = (0.1, 0.5)
    /// The kernel polls a disabled line so often, if it is shared.
    private static let polledPerSecond = 10.0
    /// A line that the kernel disables within this time is critical, in seconds.
    private static let soonSeconds = 300.0

    static var verdict: Verdict? { .unhandled }
    static let mark: CheckMark? = CheckMark(
        .unhandled, "U", "unhandled", "some were claimed by no handler since irqscope began to watch")

    static func measure(_ line: LineObservation, _ levels: LineLevels, _ run: CheckRun) -> Measurement? {
        guard line.irq != nil else { return nil }
        let key = AlertKey(.unhandled, id: line.key)
        let known = run.memory.rows[line.key]
        var evidence = run.evidence(line)
        func result(_ value: Double) -> Measurement {
            var measurement = Measurement(key, line.subject, value: value, warn: warnUse, crit: criticalUse)
            measurement.evidence = evidence
            return measurement
        }
        // debugfs says whether the line is disabled; where it does not tell, the kernel's log may have said so, and the
        // counters are asked last.
        let state = line.details?.isSpuriousDisabled
        let isLogged = state == nil && line.isLoggedAsDisabled && isStill(line, run)
        let seemsDisabled =
            known?.mayBeDisabled == true && line.delta == 0 && line.details?.spurious == known?.spurious
        if state ?? (isLogged || seemsDisabled || wasJudgedBefore(line)) {
            evidence.isDisabled = true
            evidence.disabledSource = state == true ? .debugfs : isLogged ? .log : .counters
            (evidence.unhandledShare, evidence.perSecond) = (nil, nil)
            return result(1)
        }
        let work = run.work.of(line)
        guard let seconds = run.seen.seconds, seconds > 0,
            let lost = UnhandledSeen(line, known, work, seconds: seconds),
            lost.isCertain
        else { return nil }
        if lost.disabling == .likely, state != false {
            // 100,000 of them came and the count began anew: the kernel has most likely disabled the line.
            evidence.isDisabled = true
            evidence.unhandledShare = nil
            return result(1)
        }
        guard lost.share >= StormCheck.unhandledShare else { return nil }
        let perSecond = Double(lost.count) / seconds
        let use = Double(lost.now.unhandled) / Double(SpuriousCounts.unhandledLimit)
        guard perSecond >= leastPerSecond || use >= warnUse else { return nil }
        evidence.perSecond = perSecond
        // Below the kernel's share it will never disable the line: a warning, however much is used up.
        let isDeadly = lost.share > Double(SpuriousCounts.unhandledLimit) / Double(SpuriousCounts.judgedCount)
        if isDeadly, lost.now.mayBeDisabledNext {
            evidence.unhandledLeft = lost.now.unhandledLeft
            if perSecond > 0 { evidence.secondsToLimit = Double(lost.now.unhandledLeft) / perSecond }
        }
        var value = max(use, warnUse)
        if isDeadly, Double(left(lost.now)) < perSecond * soonSeconds { value = max(value, criticalUse) }
        if !isDeadly { value = min(value, criticalUse * run.rules.leaveShare * 0.99) }
        return result(value)
    }

    /// The number of further interrupts after which the kernel disables a line of which none is claimed any more: where
    /// too many were claimed for this judgement, it does so with the next one.
    private static func left(_ now: SpuriousCounts) -> UInt64 {
        if now.mayBeDisabledNext { return now.unhandledLeft }
        let judged = SpuriousCounts.judgedCount
        return judged - min(now.count, judged) + judged
    }

    /// True if a line stands still, but for the ten times a second at which the kernel polls a disabled one.
    private static func isStill(_ line: LineObservation, _ run: CheckRun) -> Bool {
        guard let counts = line.details?.spurious, counts.isBegunAnew else { return false }
        return line.perSecond <= polledPerSecond
    }

    /// True if the kernel has judged the line before anybody looked: it stands still at about as many interrupts as are
    /// judged, which is all that it ever made, and the count has begun anew after unhandled ones.
    private static func wasJudgedBefore(_ line: LineObservation) -> Bool {
        guard line.delta == 0, let counts = line.details?.spurious, counts.isBegunAnew else { return false }
        // Queues of networks and disks may have made as many and be idle.
        let isQueue = line.role == .network || line.role == .storage
        let most = SpuriousCounts.judgedCount + (isQueue ? 2_000 : 10_000)
        return (SpuriousCounts.unhandledLimit...most).contains(line.total)
    }

    static func next(_ finding: AlertFinding) -> String {
        let irq = finding.subject.irq.map { "\($0)" } ?? "N"
        return finding.evidence.isDisabled
            ? "look for 'Disabling IRQ #\(irq)' in dmesg; the device works by polling or not at all until its driver is loaded again"
            : "look at dmesg, and who shares the line (irqscope list --irq \(irq)); unload drivers one by one"
    }
}
