extension AlertTrial {
    /// Softirqs that do not keep up: a busy ksoftirqd, dropped packets, squeezes.
    func softirqs() -> [Measurement] {
        var result: [Measurement] = []
        for (cpu, found) in seen.cpus.sorted(by: { $0.key < $1.key }) {
            var subject = AlertSubject()
            subject.cpu = cpu
            func add(_ aspect: AlertAspect, _ value: Double?, warn: Double, crit: Double) {
                guard let value, value >= warn * rules.leaveShare else { return }
                var measurement = Measurement(
                    AlertKey(.softirq, aspect, id: UInt64(cpu)), subject, value: value, warn: warn, crit: crit)
                addCPU(cpu, to: &measurement.evidence)
                if aspect != .ksoftirqd {
                    measurement.evidence.perSecond = value
                    measurement.evidence.softirq = "NET_RX"
                }
                result.append(measurement)
            }
            add(
                .ksoftirqd, found.ksoftirqdShare, warn: AlertRules.softirqWarn, crit: AlertRules.softirqCrit)
            add(.drops, found.dropsPerSecond, warn: AlertRules.dropsWarn, crit: AlertRules.dropsCrit)
            add(.squeezes, found.squeezesPerSecond, warn: AlertRules.squeezesWarn, crit: .infinity)
        }
        return result
    }
}
