/// Softirqs that do not keep up: a busy ksoftirqd, a CPU that does nothing else, dropped packets, squeezes.
enum SoftirqCheck: Check {
    /// A ksoftirqd above these shares of its CPU is overload.
    static let (warnShare, critShare) = (0.5, 0.9)
    /// Packets dropped per second on a CPU.
    static let (dropsWarn, dropsCrit) = (1.0, 1_000.0)
    /// Squeezes per second on a CPU.
    static let squeezesWarn = 100.0
    /// The share of a CPU in softirqs outside of ksoftirqd that leaves too little to programs.
    static let softirqWarnShare = 0.8

    static var verdict: Verdict? { .softirq }
    static var aspects: [AlertAspect] { [.ksoftirqd, .drops, .squeezes, .softirqShare] }

    static func measure(_ run: CheckRun) -> [Measurement] {
        var result: [Measurement] = []
        for (cpu, found) in run.seen.cpus.sorted(by: { $0.key < $1.key }) {
            var subject = AlertSubject()
            subject.cpu = cpu
            func add(_ aspect: AlertAspect, _ value: Double?, warn: Double, crit: Double = .infinity) {
                guard let value, value >= warn * run.rules.leaveShare else { return }
                let key = AlertKey(.softirq, aspect, id: UInt64(cpu))
                var measurement = Measurement(key, subject, value: value, warn: warn, crit: crit)
                run.addCPU(cpu, to: &measurement.evidence)
                if aspect == .drops || aspect == .squeezes {
                    measurement.evidence.perSecond = value
                    measurement.evidence.softirq = "NET_RX"
                }
                result.append(measurement)
            }
            add(.ksoftirqd, found.ksoftirqdShare, warn: warnShare, crit: critShare)
            // Kernels that count by ticks put the softirqs of ksoftirqd there, too: that one is told then.
            if (found.ksoftirqdShare ?? 0) < warnShare * run.rules.leaveShare {
                add(.softirqShare, found.softirqShare, warn: softirqWarnShare)
            }
            add(.drops, found.dropsPerSecond, warn: dropsWarn, crit: dropsCrit)
            add(.squeezes, found.squeezesPerSecond, warn: squeezesWarn)
        }
        return result
    }

    static func next(_ finding: AlertFinding) -> String {
        switch finding.key.aspect {
        case .drops: "raise net.core.netdev_max_backlog, spread the queues (RSS, RPS)"
        case .squeezes: "raise net.core.netdev_budget and netdev_budget_usecs, spread the queues"
        default: "irqscope top, then move the interrupts behind it to other CPUs"
        }
    }
}
