extension AlertTrial {
    /// A network queue whose interrupts raise NET_RX at least this often works as it should.
    private static let matchingShare = 0.1
    /// From this share on unhandled interrupts take away every excuse.
    static let unhandledShare = 0.1
    /// A CPU with less than this in hard interrupts does not suffer from them.
    private static let cheapShare = 0.2
    /// No interrupt takes less.
    private static let leastNanoseconds = 200.0

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
    /// | a rule that names the line | its levels are absolute |
    func storm(_ line: LineObservation, _ levels: LineLevels) -> Measurement? {
        let rate = line.busiestPerSecond
        let key = AlertKey(.storm, id: line.key)
        let isActive = memory.alerts[key] != nil
        guard rate > 0, rate >= lowestRate(levels) || isActive else { return nil }
        var evidence = evidence(line)
        let cpu = line.busiestCPU.flatMap { seen.cpus[$0] }
        let isUnclaimed = (evidence.unhandledShare ?? 0) >= Self.unhandledShare
        let baseline = memory.rows[line.key]?.baseline
        var (warn, crit) = (levels.rates.warn, levels.rates.crit)
        if levels.isOwn { return Measurement(key, line, rate, warn, crit, evidence) }

        let isLow = rules.hasOwnRates && warn < AlertRules().rates.warn
        if !isUnclaimed {
            if evidence.role == .network, isNetworkBusy(rate, cpu) { return nil }
            let isDiskBusy = evidence.role == .storage && isMatched("BLOCK", rate, cpu)
            // Next to no time for so many cannot be: such a kernel does not account for it.
            let isCheap =
                cpu?.irqShare.map { $0 < Self.cheapShare && $0 * 1e9 >= rate * Self.leastNanoseconds } ?? false
            if isDiskBusy || isCheap, !isLow { crit = .infinity }
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
                if isUnclaimed || cpu?.isSaturated == true { crit = min(crit, highest) }
            }
        }
        return Measurement(key, line, rate, warn, crit, evidence)
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
