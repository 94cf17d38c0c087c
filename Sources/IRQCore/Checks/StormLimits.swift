/// The levels of a storm for one line, by what follows it and by what it costs:
///
/// | what else is seen | what it means |
/// |---|---|
/// | levels of a rule for the line | they are absolute |
/// | a tenth and more of the interrupts is unhandled | no excuse counts; a storm as where nothing follows |
/// | it takes more than half of a CPU in hard interrupts | a warning from 1,000/s on, critical from the warning level on, whatever follows |
/// | work follows, half as fast at least | none |
/// | nothing follows | a warning from 5,000/s on (one event of ACPI: 1,000), whatever its history; critical at the level, unless it costs less than a fifth of the CPU |
/// | something follows, or counters cannot tell | a warning at most; none within a long history, or if a look says that all are claimed and cheap |
/// | a line far above its own history, at which not enough follows | a warning below the level; critical if the CPU is full |
/// | a level that the user set below the default | holds all the same |
struct StormLimits {
    /// No interrupt takes less: a kernel that has counted less time for them does not account for it.
    static let leastNanoseconds = 200.0

    /// From here on a warning; nil if it is none at any rate.
    private(set) var warn: Double?
    /// From here on critical.
    private(set) var crit: Double
    /// True if the line's history, not a level, is exceeded first.
    private(set) var isHistory = false

    init(_ line: LineObservation, _ levels: LineLevels, _ evidence: AlertEvidence, _ run: CheckRun) {
        (warn, crit) = (levels.rates.warn, levels.rates.crit)
        if levels.isOwn { return }
        let (rules, rates) = (run.rules, levels.rates)
        let isWarnLow = rules.hasOwnRates && rates.warn < AlertRules().rates.warn
        let isCritLow = rules.hasOwnRates && rates.crit < AlertRules().rates.crit
        let cpu = line.busiestCPU.flatMap { run.seen.cpus[$0] }
        let alert = run.memory.alerts[AlertKey(.storm, id: line.key)]
        let baseline = run.memory.rows[line.key]?.baseline
        let cost = Cost(line, cpu, isCritical: alert?.level == .critical, rules)
        let isUnclaimed =
            max(evidence.unhandledShare ?? 0, line.look?.unhandledShare ?? 0) >= StormCheck.unhandledShare
        let work = evidence.work?.verdict ?? .unknown
        if cost.isCostly {
            (warn, crit) = (min(rates.warn, StormCheck.costlyPerSecond), min(rates.crit, rates.warn))
            return
        }
        if isUnclaimed {
            warn = Self.nothingLevel(line, rules, evidence, alert)
        } else {
            switch work {
            case .follows:
                excuse(isWarnLow ? rates.warn : nil, isCritLow ? rates.crit : nil)
                return
            case .unknown, .some:
                let isWork = line.look.map { cost.isCheap && $0.unhandledShare != nil } ?? false
                let isUsual =
                    rules.usesBaseline && alert == nil && cpu?.isSaturated != true
                    && baseline.map { Self.isUsual(line.busiestPerSecond, $0, rates.warn) } ?? false
                excuse(isWarnLow || !(isWork || isUsual) ? rates.warn : nil, isCritLow ? rates.crit : nil)
            case .nothing:
                warn = Self.nothingLevel(line, rules, evidence, alert)
                if cost.isCheap, !isCritLow { crit = .infinity }
            }
        }
        guard rules.usesBaseline, let level = warn, let baseline, baseline.isKnown,
            isUnclaimed || evidence.role == .other || evidence.role == .firmware
        else { return }
        let highest = max(baseline.highestRate, min(StormCheck.historyFloor, level))
        guard highest < level else { return }
        (warn, isHistory) = (highest, true)
        if isUnclaimed || cpu?.isSaturated == true { crit = min(crit, highest) }
    }

    /// Leaves the levels that hold whatever follows; nil for those that do not.
    private mutating func excuse(_ warn: Double?, _ crit: Double?) {
        self.crit = crit ?? .infinity
        self.warn = warn ?? crit
    }

    /// The level of a line at which nothing follows.
    ///
    /// Without history only the levels themselves count: then this one is no other.
    private static func nothingLevel(
        _ line: LineObservation, _ rules: AlertRules, _ evidence: AlertEvidence, _ alert: ActiveAlert?
    ) -> Double {
        // Above the level that is set, that one is what is told.
        guard rules.usesBaseline, line.busiestPerSecond < rules.rates.warn else { return rules.rates.warn }
        let level = evidence.event != nil ? StormCheck.firmwarePerSecond : StormCheck.nothingPerSecond
        let isRaised = rules.rates.warn > AlertRules().rates.warn
        let own = min(rules.rates.warn, isRaised ? max(level, rules.rates.warn / 4) : level)
        // What began above the level that is set has left that one: it does not hold on to this one.
        let beganHigher = alert.map { $0.level > .ok && $0.peak >= rules.rates.warn } ?? false
        return beganHigher ? min(own / rules.leaveShare, rules.rates.warn) : own
    }

    /// True if a rate is within a long history that was about as high.
    private static func isUsual(_ rate: Double, _ baseline: Baseline, _ warn: Double) -> Bool {
        baseline.count >= StormCheck.longHistoryCount && rate <= baseline.highestRate && baseline.usualRate >= warn / 8
    }

    /// The cost of hard interrupts on the CPU that a line storms on; both are false if it is unknown.
    private struct Cost {
        /// A CPU with less than this in hard interrupts does not suffer from them; one with more than that does.
        private static let (cheapShare, costlyShare) = (0.2, 0.5)
        /// The time that the processor and the kernel take for an interrupt besides its handlers: less is rare.
        private static let entryNanoseconds = 500.0

        var isCheap = false
        var isCostly = false

        /// A critical alert holds on to a cost that is a little lower, as it does to its rate.
        init(_ line: LineObservation, _ cpu: CPUObservation?, isCritical: Bool, _ rules: AlertRules) {
            guard let (share, isWhole) = Self.share(line, cpu) else { return }
            let hold = isCritical ? rules.leaveShare : 1
            isCheap = isWhole && share < Self.cheapShare * hold
            isCostly = share >= Self.costlyShare * hold
        }

        /// The share that is known; not `isWhole` if it may be more.
        private static func share(_ line: LineObservation, _ cpu: CPUObservation?) -> (Double, isWhole: Bool)? {
            let rate = line.busiestPerSecond
            // Of what the kernel accounts for, the line has its part.
            if let cpu, let share = cpu.irqShare, share * 1e9 >= rate * StormLimits.leastNanoseconds {
                return (share * min(rate / max(cpu.allPerSecond, rate), 1), true)
            }
            // Handlers that were not called tell nothing. Entry and exit are not in what they take.
            guard let look = line.look, let perSecond = look.callsPerSecond, look.calls > 0 else { return nil }
            return (look.cpuShare + perSecond * entryNanoseconds / 1e9, look.lostEvents == 0)
        }
    }
}
