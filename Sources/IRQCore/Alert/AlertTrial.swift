/// Measures all conditions of an interval: the five verdicts, each in a file of its own.
struct AlertTrial {
    let memory: AlertMemory
    let seen: AlertObservation
    let rules: AlertRules

    /// All conditions that are or may be above a level, or hold on to one.
    func measurements() -> [Measurement] {
        var result: [Measurement] = []
        for line in seen.lines { measure(line, into: &result) }
        if !rules.ignoredVerdicts.contains(.softirq) { result += softirqs() }
        if !rules.ignoredVerdicts.contains(.placement) { result += crowding() }
        return result
    }

    /// The conditions of a line.
    func measure(_ line: LineObservation, into result: inout [Measurement]) {
        guard line.isKnown else { return }
        guard line.irq != nil else {
            if let error = errors(line) { result.append(error) }
            return
        }
        guard line.delta > 0 || line.details != nil else { return }
        let (actions, devices) = Self.names(line)
        let levels = rules.resolve(irq: line.irq, actions: actions, devices: devices)
        if !levels.ignored.contains(.storm), let storm = storm(line, levels) { result.append(storm) }
        if !levels.ignored.contains(.unhandled), let lost = unhandled(line) { result.append(lost) }
        if !levels.ignored.contains(.placement) { result += placement(line) }
    }

    /// The names of a line that rules may use.
    static func names(_ line: LineObservation) -> (actions: [String], devices: [String]) {
        guard let details = line.details else { return ([], []) }
        return (
            details.actions ?? [],
            details.devices.flatMap { [$0.name, $0.driver, $0.address].compactMap { $0 } }
        )
    }

    /// What findings about a line name.
    static func subject(_ line: LineObservation) -> AlertSubject {
        var subject = AlertSubject()
        subject.irq = line.irq
        subject.label = AlertSubject.cut(line.irq.map { "\($0)" } ?? line.label)
        subject.action = AlertSubject.cut(line.details?.name ?? "")
        subject.device = AlertSubject.cut(line.details?.deviceName ?? "")
        subject.cpu = line.busiestCPU
        return subject
    }

    /// What a line's device is for.
    static func role(_ line: LineObservation) -> DeviceRole {
        guard let details = line.details else { return .other }
        let names = (details.actions ?? []) + details.devices.compactMap(\.name)
        return DeviceRole(classCodes: details.devices.compactMap(\.classCode), names: names)
    }

    /// What the evidence of all verdicts about a line has in common.
    func evidence(_ line: LineObservation) -> AlertEvidence {
        var evidence = AlertEvidence()
        evidence.perSecond = line.busiestPerSecond
        evidence.totalPerSecond = line.perSecond
        evidence.delta = line.delta
        if let baseline = memory.rows[line.key]?.baseline, baseline.isKnown {
            evidence.usualPerSecond = baseline.usualRate
        }
        evidence.affinity = line.details?.affinity?.list
        evidence.role = Self.role(line)
        let lost = UnhandledSeen(line, memory.rows[line.key], seconds: seen.seconds)
        evidence.unhandledShare = lost.flatMap { $0.isCertain ? $0.share : nil }
        addCPU(line.busiestCPU, to: &evidence)
        return evidence
    }

    /// What is known of a CPU.
    func addCPU(_ cpu: Int?, to evidence: inout AlertEvidence) {
        guard let cpu, let found = seen.cpus[cpu] else { return }
        evidence.irqTimeShare = found.irqShare
        evidence.softirqTimeShare = found.softirqShare
        evidence.ksoftirqdShare = found.ksoftirqdShare
        evidence.softirq = found.busiestSoftirq
    }
}
