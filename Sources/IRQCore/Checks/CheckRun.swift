/// Something that may be wrong with a box, in one place: the rule with its limits, the evidence, and the next step.
///
/// A check that is quick has a mark in `top`. `alert` asks all that have a verdict, and `AlertEngine` takes what they measure
/// through levels that have a history.
protocol Check: SendableMetatype {
    /// The verdict of its findings; nil for a check that only marks.
    static var verdict: Verdict? { get }
    /// The ways of the verdict that it finds.
    static var aspects: [AlertAspect] { get }
    /// The mark of its quick form.
    static var mark: CheckMark? { get }
    /// The condition of a row, if it is or may be above a level, or holds on to one.
    static func measure(_ line: LineObservation, _ levels: LineLevels, _ run: CheckRun) -> Measurement?
    /// The conditions of the box as a whole, or of its CPUs.
    static func measure(_ run: CheckRun) -> [Measurement]
    /// The next step for whoever reads the finding: half a sentence, in which no foreign names stand.
    static func next(_ finding: AlertFinding) -> String
}

extension Check {
    static var aspects: [AlertAspect] { [.plain] }
    static var mark: CheckMark? { nil }
    static func measure(_ line: LineObservation, _ levels: LineLevels, _ run: CheckRun) -> Measurement? { nil }
    static func measure(_ run: CheckRun) -> [Measurement] { [] }
    static func next(_ finding: AlertFinding) -> String { "" }
}

/// A condition as one run measured it.
struct Measurement {
    let key: AlertKey
    var subject: AlertSubject
    /// The value that is compared.
    let value: Double
    /// The value from which on it is a warning.
    let warn: Double
    /// The value from which on it is critical; infinite if it never is.
    let crit: Double
    /// True if one interval is not enough.
    var needsTwo = false
    /// The start of what was measured; nil for that of the interval.
    var start: BoxTime?
    var evidence = AlertEvidence()

    init(_ key: AlertKey, _ subject: AlertSubject, value: Double, warn: Double, crit: Double = .infinity) {
        (self.key, self.subject, self.value, self.warn, self.crit) = (key, subject, value, warn, crit)
    }
}

/// All checks over an interval.
struct CheckRun {
    let memory: AlertMemory
    let seen: BoxInterval
    let rules: AlertRules
    /// The work that follows each line.
    let work: WorkTable

    init(memory: AlertMemory, seen: BoxInterval, rules: AlertRules) {
        (self.memory, self.seen, self.rules) = (memory, seen, rules)
        work = WorkTable(seen)
    }

    /// The checks, in the order of their marks.
    static let all: [any Check.Type] = [
        StormCheck.self, OutsideMaskCheck.self, CrowdedCPUCheck.self, RemoteNodeCheck.self, UnhandledCheck.self,
        IsolatedCPUCheck.self, SoftirqCheck.self, StealCheck.self, ErrorsCheck.self,
    ]

    /// All conditions that are or may be above a level, or hold on to one.
    func measurements() -> [Measurement] {
        var result: [Measurement] = []
        for line in seen.lines { measure(line, into: &result) }
        for check in Self.all {
            if let verdict = check.verdict, !rules.ignoredVerdicts.contains(verdict) { result += check.measure(self) }
        }
        return result
    }

    /// The conditions of a line.
    func measure(_ line: LineObservation, into result: inout [Measurement]) {
        guard line.isKnown, line.delta > 0 || line.details != nil else { return }
        let levels = levels(line)
        for check in Self.all {
            guard let verdict = check.verdict, !levels.ignored.contains(verdict) else { continue }
            if let found = check.measure(line, levels, self) { result.append(found) }
        }
    }

    /// The levels that the rules give a line.
    func levels(_ line: LineObservation) -> LineLevels {
        let devices = line.details?.devices ?? []
        return rules.resolve(
            irq: line.irq, actions: line.details?.actions ?? [],
            devices: devices.flatMap { [$0.name, $0.driver, $0.address].compactMap { $0 } })
    }

    /// The usual rate of a line; nil without a history.
    func usualPerSecond(_ line: LineObservation) -> Double? {
        memory.rows[line.key]?.baseline.isKnown == true ? memory.rows[line.key]?.baseline.usualRate : nil
    }

    /// The evidence that all checks of a line have in common.
    func evidence(_ line: LineObservation) -> AlertEvidence {
        var evidence = AlertEvidence()
        evidence.perSecond = line.busiestPerSecond
        evidence.totalPerSecond = line.perSecond
        evidence.delta = line.delta
        evidence.usualPerSecond = usualPerSecond(line)
        evidence.affinity = line.details?.affinity?.list
        evidence.isManaged = line.details?.isKnownManaged
        evidence.role = line.role
        evidence.work = work.of(line)
        let lost = UnhandledSeen(line, memory.rows[line.key], evidence.work, seconds: seen.seconds)
        evidence.unhandledShare = lost.flatMap { $0.isCertain ? $0.share : nil }
        addCPU(line.busiestCPU, to: &evidence)
        return evidence
    }

    /// Adds what is known of a CPU.
    func addCPU(_ cpu: Int?, to evidence: inout AlertEvidence) {
        guard let cpu, let found = seen.cpus[cpu] else { return }
        evidence.irqTimeShare = found.irqShare
        evidence.softirqTimeShare = found.softirqShare
        evidence.ksoftirqdShare = found.ksoftirqdShare
        evidence.softirq = found.busiestSoftirq
    }
}

extension AlertFinding {
    /// The next step for whoever reads it.
    public var next: String {
        let check = CheckRun.all.first { $0.verdict == key.verdict && $0.aspects.contains(key.aspect) }
        return check?.next(self) ?? ""
    }
}

extension LineObservation {
    /// The names of findings about the line.
    var subject: AlertSubject {
        var subject = AlertSubject()
        subject.irq = irq
        subject.label = AlertSubject.cut(irq.map { "\($0)" } ?? self.label)
        subject.action = AlertSubject.cut(self.details?.name ?? "")
        subject.device = AlertSubject.cut(self.details?.deviceName ?? "")
        subject.cpu = busiestCPU
        return subject
    }

    /// The purpose of the line's device.
    public var role: DeviceRole {
        guard let details = self.details else { return .other }
        return DeviceRole(devices: details.devices, actions: details.actions ?? [])
    }
}
