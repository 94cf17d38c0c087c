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
enum StormCheck: Check {
    // The levels themselves are the user's: `AlertRules.rates`, 20,000 and 100,000 a second unless told otherwise.

    /// Below this rate on a CPU an interrupt's own history does not matter, per second.
    static let historyFloor = 2_000.0
    /// So many intervals make a long history.
    private static let longHistoryCount = 30
    /// A network queue whose interrupts raise NET_RX at least this often works as it should.
    private static let matchingShare = 0.1
    /// From this share on unhandled interrupts take away every excuse.
    static let unhandledShare = 0.1
    /// A CPU with less than this in hard interrupts does not suffer from them; one with more than that does.
    private static let (cheapShare, costlyShare) = (0.2, 0.5)
    /// No interrupt takes less.
    private static let leastNanoseconds = 200.0
    /// The time that the processor and the kernel take for an interrupt besides its handlers: less is rare.
    private static let entryNanoseconds = 500.0

    /// The mark: below this rate nothing is sudden, per second.
    static let suddenPerSecond = 1_000.0
    /// So many times the mean of the last intervals is sudden.
    static let suddenFactor = 8.0
    /// So many known intervals make a past, of the last ones that count.
    static let (pastIntervalCount, pastWindow) = (5, 60)

    static var verdict: Verdict? { .storm }
    static let mark: CheckMark? = CheckMark(
        .suddenRate, "S", "sudden_rate", "sudden: over 8 times its mean of 59 intervals, from 1,000/s on")

    static func measure(_ line: LineObservation, _ levels: LineLevels, _ run: CheckRun) -> Measurement? {
        guard line.irq != nil else { return nil }
        let (rules, memory) = (run.rules, run.memory)
        let rate = line.busiestPerSecond
        let key = AlertKey(.storm, id: line.key)
        let isActive = memory.alerts[key] != nil
        guard rate > 0, rate >= min(levels.rates.warn, historyFloor) * rules.leaveShare || isActive else { return nil }
        var evidence = run.evidence(line)
        (evidence.handler, evidence.handlerProblem) = (line.look, line.look == nil ? run.seen.lookProblem : nil)
        let cpu = line.busiestCPU.flatMap { run.seen.cpus[$0] }
        let isUnclaimed = max(evidence.unhandledShare ?? 0, line.look?.unhandledShare ?? 0) >= unhandledShare
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
            if rules.usesBaseline, let baseline, baseline.count >= longHistoryCount, rate <= baseline.highestRate,
                baseline.usualRate >= warn / 8, cpu?.isSaturated != true, !isActive
            {
                return nil
            }
        }
        if rules.usesBaseline, let baseline, baseline.isKnown, isUnclaimed || evidence.role == .other {
            let highest = max(baseline.highestRate, min(historyFloor, warn))
            if highest < warn {
                warn = highest
                evidence.isAgainstHistory = rate < levels.rates.warn
                if isUnclaimed || cost.isCostly || cpu?.isSaturated == true { crit = min(crit, highest) }
            }
        }
        return Measurement(key, line, rate, warn, crit, evidence)
    }

    /// The cost of hard interrupts on the CPU that a line storms on; both are false if it is unknown.
    private struct Cost {
        var isCheap = false
        var isCostly = false

        /// A critical alert holds on to a cost that is a little lower, as it does to its rate.
        init(_ line: LineObservation, _ cpu: CPUObservation?, isCritical: Bool, _ rules: AlertRules) {
            guard let (share, isWhole) = Self.share(line, cpu) else { return }
            let hold = isCritical ? rules.leaveShare : 1
            isCheap = isWhole && share < StormCheck.cheapShare * hold
            isCostly = share >= StormCheck.costlyShare * hold
        }

        /// The share that is known; not `isWhole` if it may be more.
        private static func share(_ line: LineObservation, _ cpu: CPUObservation?) -> (Double, isWhole: Bool)? {
            let rate = line.busiestPerSecond
            // Next to no time for so many cannot be: such a kernel does not account for it.
            if let share = cpu?.irqShare, share * 1e9 >= rate * StormCheck.leastNanoseconds { return (share, true) }
            // Handlers that were not called tell nothing. Entry and exit are not in what they take.
            guard let look = line.look, let perSecond = look.callsPerSecond, look.calls > 0 else { return nil }
            return (look.cpuShare + perSecond * StormCheck.entryNanoseconds / 1e9, look.lostEvents == 0)
        }
    }

    /// True if a network queue does what network queues do.
    private static func isNetworkBusy(_ rate: Double, _ cpu: CPUObservation?) -> Bool {
        if let share = cpu?.irqShare, share >= 0.5 { return false }
        return isMatched("NET_RX", rate, cpu) || cpu?.softirqsPerSecond.isEmpty != false
    }

    private static func isMatched(_ softirq: String, _ rate: Double, _ cpu: CPUObservation?) -> Bool {
        guard let cpu, !cpu.softirqsPerSecond.isEmpty, let vector = SoftirqNames.all.firstIndex(of: softirq) else {
            return false
        }
        return cpu.softirqsPerSecond[vector] >= rate * matchingShare
    }

    // MARK: The mark

    /// True if a rate is far above the mean of the row's past.
    static func isSudden(_ intervals: borrowing CounterIntervals, slot: Int32, rate: Double) -> Bool {
        guard rate >= suddenPerSecond else { return false }
        var (sum, count) = (0.0, 0)
        for age in 1..<pastWindow {
            let past = Double(intervals.pastRate(slot: slot, age: age))
            if !past.isNaN {
                sum += past
                count += 1
            }
        }
        return count >= pastIntervalCount && rate > sum / Double(count) * suddenFactor
    }

    // MARK: The next step

    static func next(_ finding: AlertFinding) -> String {
        let irq = finding.subject.irq.map { "\($0)" } ?? "N"
        let unclaimed = max(finding.evidence.unhandledShare ?? 0, finding.evidence.handler?.unhandledShare ?? 0)
        if unclaimed >= unhandledShare {
            return "look for 'irq \(irq): nobody cared' in dmesg; find what raises the line"
        }
        switch finding.evidence.role {
        case .network: return "see ethtool -c for interrupt coalescing, and irqscope top for the other CPUs"
        case .storage:
            return "see which program reads (iotop, pidstat -d); a rule 'irq \(irq) warn RATE' if that is wanted"
        case .other: return "irqscope top --irq \(irq); check the device and its driver, then dmesg"
        }
    }
}

extension Measurement {
    /// Measures a rate of a line.
    init(
        _ key: AlertKey, _ line: LineObservation, _ rate: Double, _ warn: Double, _ crit: Double,
        _ evidence: AlertEvidence
    ) {
        self.init(key, line.subject, value: rate, warn: warn, crit: crit)
        self.evidence = evidence
    }
}
