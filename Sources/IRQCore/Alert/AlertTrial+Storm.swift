extension AlertTrial {
    /// A network queue whose interrupts raise NET_RX at least this often works as it should.
    private static let matchingShare = 0.1
    /// From this share on unhandled interrupts take away every excuse.
    static let unhandledShare = 0.1
    /// A CPU with less than this in hard interrupts does not suffer from them; one with more than that does.
    private static let (cheapShare, costlyShare) = (0.2, 0.5)
    /// No interrupt takes less.
    private static let leastNanoseconds = 200.0
    /// What the processor and the kernel take for an interrupt besides its handlers: rather less than that is rare.
    private static let entryNanoseconds = 500.0

    /// An interrupt that comes more often than the box can want.
    ///
    /// The rate is that on the busiest CPU. It is not enough by itself:
    ///
    /// | what else is seen | what it means |
    /// |---|---|
    /// | a tenth and more of the interrupts is unhandled | no excuse counts; the history counts for any device |
    /// | a network queue, and NET_RX follows on that CPU | work, not a storm; what is too much work is the softirq verdict's |
    /// | a disk's queue, and BLOCK follows; or hard interrupts cost the CPU less than a fifth | a warning at most |
    /// | a line, of neither, far above its own history | a warning below the absolute level; critical if the CPU is full |
    /// | within a long history of its own, at no cost | work |
    /// | hard interrupts cost the CPU half of its time, and it is no disk's queue at work | critical |
    /// | a rule that names the line | its levels are absolute |
    ///
    /// A look through tracefs fills in what the counters do not tell: the share of unhandled interrupts, and what they
    /// cost where the kernel does not account for it. It never speaks against the counters.
    func storm(_ line: LineObservation, _ levels: LineLevels) -> Measurement? {
        let rate = line.busiestPerSecond
        let key = AlertKey(.storm, id: line.key)
        let isActive = memory.alerts[key] != nil
        guard rate > 0, rate >= lowestRate(levels) || isActive else { return nil }
        var evidence = evidence(line)
        (evidence.handler, evidence.handlerProblem) = (line.look, line.look == nil ? seen.lookProblem : nil)
        let cpu = line.busiestCPU.flatMap { seen.cpus[$0] }
        let isUnclaimed = max(evidence.unhandledShare ?? 0, line.look?.unhandledShare ?? 0) >= Self.unhandledShare
        let cost = Cost(line, cpu, isCritical: memory.alerts[key]?.level == .critical, rules)
        let baseline = memory.rows[line.key]?.baseline
        var (warn, crit) = (levels.rates.warn, levels.rates.crit)
        if levels.isOwn { return Measurement(key, line, rate, warn, crit, evidence) }

        let isLow = rules.hasOwnRates && warn < AlertRules().rates.warn
        if !isUnclaimed {
            if evidence.role == .network, isNetworkBusy(rate, cpu) { return nil }
            let isDiskBusy = evidence.role == .storage && isMatched("BLOCK", rate, cpu)
            if isDiskBusy || cost.isCheap, !isLow { crit = .infinity }
            if cost.isCostly, !isDiskBusy { crit = min(crit, warn) }
            if rules.usesBaseline, let baseline, baseline.count >= 30, rate <= baseline.highestRate,
                baseline.usualRate >= warn / 8, cpu?.isSaturated != true, !isActive
            {
                return nil
            }
        }
        if rules.usesBaseline, let baseline, baseline.isKnown, isUnclaimed || evidence.role == .other {
            let highest = max(baseline.highestRate, min(AlertRules.historyFloor, warn))
            if highest < warn {
                warn = highest
                evidence.isAgainstHistory = rate < levels.rates.warn
                if isUnclaimed || cost.isCostly || cpu?.isSaturated == true { crit = min(crit, highest) }
            }
        }
        return Measurement(key, line, rate, warn, crit, evidence)
    }

    /// What hard interrupts cost the CPU that a line storms on; both are false if nobody knows.
    private struct Cost {
        var isCheap = false
        var isCostly = false

        /// A critical alert holds on to a cost that is a little lower, as it does to its rate.
        init(_ line: LineObservation, _ cpu: CPUObservation?, isCritical: Bool, _ rules: AlertRules) {
            guard let (share, isWhole) = Self.share(line, cpu) else { return }
            let hold = isCritical ? rules.leaveShare : 1
            isCheap = isWhole && share < AlertTrial.cheapShare * hold
            isCostly = share >= AlertTrial.costlyShare * hold
        }

        /// What is known of it; not `isWhole` if it may be more.
        private static func share(_ line: LineObservation, _ cpu: CPUObservation?) -> (Double, isWhole: Bool)? {
            let rate = line.busiestPerSecond
            // Next to no time for so many cannot be: such a kernel does not account for it.
            if let share = cpu?.irqShare, share * 1e9 >= rate * AlertTrial.leastNanoseconds { return (share, true) }
            // Handlers that were not called tell nothing. Entry and exit are not in what they take.
            guard let look = line.look, let perSecond = look.callsPerSecond, look.calls > 0 else { return nil }
            return (look.cpuShare + perSecond * AlertTrial.entryNanoseconds / 1e9, look.lostEvents == 0)
        }
    }

    /// Below it no line can be a storm.
    private func lowestRate(_ levels: LineLevels) -> Double {
        min(levels.rates.warn, AlertRules.historyFloor) * rules.leaveShare
    }

    /// Whether a network queue does what network queues do.
    private func isNetworkBusy(_ rate: Double, _ cpu: CPUObservation?) -> Bool {
        if let share = cpu?.irqShare, share >= 0.5 { return false }
        return isMatched("NET_RX", rate, cpu) || cpu?.softirqsPerSecond.isEmpty != false
    }

    private func isMatched(_ softirq: String, _ rate: Double, _ cpu: CPUObservation?) -> Bool {
        guard let cpu, !cpu.softirqsPerSecond.isEmpty, let vector = SoftirqNames.all.firstIndex(of: softirq) else {
            return false
        }
        return cpu.softirqsPerSecond[vector] >= rate * Self.matchingShare
    }
}

extension Measurement {
    /// A rate of a line.
    init(
        _ key: AlertKey, _ line: LineObservation, _ rate: Double, _ warn: Double, _ crit: Double,
        _ evidence: AlertEvidence
    ) {
        self.init(key, AlertTrial.subject(line), value: rate, warn: warn, crit: crit)
        self.evidence = evidence
    }
}
