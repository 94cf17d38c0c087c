/// An interrupt that comes more often than the box can want.
///
/// The rate is that on the busiest CPU. It is not enough by itself: `Work` says what follows the line, and `StormLimits` which
/// levels it has therefore. A look through tracefs fills in what the counters do not tell: the share of unhandled interrupts,
/// and what they cost where the kernel does not account for it. It never speaks against the counters.
enum StormCheck: Check {
    // The levels themselves are the user's: `AlertRules.rates`, 20,000 and 100,000 a second unless told otherwise.

    /// Below this rate on a CPU an interrupt's own history does not matter, per second.
    static let historyFloor = 2_000.0
    /// A line at which nothing follows is a storm from here on, or from a quarter of a higher level that the user set.
    static let nothingPerSecond = 5_000.0
    /// No event of the firmware is wanted that often.
    static let firmwarePerSecond = 1_000.0
    /// A line that takes half of a CPU is one at this rate already.
    static let costlyPerSecond = 1_000.0
    /// So many intervals make a long history.
    static let longHistoryCount = 30
    /// From this share on unhandled interrupts take away every excuse.
    static let unhandledShare = 0.1

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
        // Timers and calls between CPUs are the CPU's own wish, with a number or without.
        guard line.irq != nil, levels.isOwn || !line.isPerCPU else { return nil }
        let (rules, memory) = (run.rules, run.memory)
        let rate = line.busiestPerSecond
        let key = AlertKey(.storm, id: line.key)
        let isActive = memory.alerts[key] != nil
        let least = min(levels.rates.warn, line.role == .firmware ? firmwarePerSecond : costlyPerSecond)
        guard rate > 0, rate >= least * rules.leaveShare || isActive else { return nil }
        var evidence = run.evidence(line)
        (evidence.handler, evidence.handlerProblem) = (line.look, line.look == nil ? run.seen.lookProblem : nil)
        if line.role == .firmware { addEvent(run.seen, rate, &evidence) }
        let limits = StormLimits(line, levels, evidence, run)
        guard let warn = limits.warn else { return nil }
        evidence.isAgainstHistory = limits.isHistory && rate < levels.rates.warn
        return Measurement(key, line, rate, warn, limits.crit, evidence)
    }

    /// Names the firmware's event that makes most of the line's interrupts.
    private static func addEvent(_ seen: BoxInterval, _ rate: Double, _ evidence: inout AlertEvidence) {
        guard let most = seen.eventRates?.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
            most.value >= rate * Work.enoughShare
        else { return }
        (evidence.event, evidence.eventPerSecond) = (most.key, most.value)
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
        if let event = finding.evidence.event {
            return
                "the firmware raises \(event): echo mask >/sys/firmware/acpi/interrupts/\(event) (undo: unmask), then a"
                + " newer BIOS"
        }
        if finding.evidence.role == .unseen {
            return "irqscope top --irq \(irq); a rule 'irq \(irq) warn RATE' if such a rate is wanted"
        }
        let followsNothing = finding.evidence.work?.verdict == .nothing
        switch finding.evidence.role {
        case .firmware:
            return "grep . /sys/firmware/acpi/interrupts/* twice: which event moves?"
        // Where no packets or requests follow, no program wants them: it is the device or its driver.
        case .network where !followsNothing:
            return "see ethtool -c for interrupt coalescing, and irqscope top for the other CPUs"
        case .storage where !followsNothing:
            return "see which program reads (iotop, pidstat -d); a rule 'irq \(irq) warn RATE' if that is wanted"
        default: return "irqscope top --irq \(irq); check the device and its driver, then dmesg"
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
