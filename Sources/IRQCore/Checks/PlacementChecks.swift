/// A line that is served outside of its affinity mask.
enum OutsideMaskCheck: Check {
    /// Interrupts outside of the mask per second, from which on it is a warning.
    static let warnPerSecond = 10.0
    /// A smaller share outside of the mask is what a move of the mask leaves.
    static let leastShare = 0.01
    /// For the mark so many interrupts outside of the mask at least.
    static let leastCount: UInt64 = 10

    static var verdict: Verdict? { .placement }
    static var aspects: [AlertAspect] { [.outsideMask] }
    static let mark: CheckMark? = CheckMark(
        .outsideMask, "M", "outside_mask", "served on CPUs outside of its affinity mask")

    static func isMarked(_ served: Deliveries) -> Bool {
        served.outside >= leastCount && Double(served.outside) > Double(served.total) * leastShare
    }

    static func measure(_ line: LineObservation, _ levels: LineLevels, _ run: CheckRun) -> Measurement? {
        guard line.irq != nil, let details = line.details, details.delivery?.isPerCPU != true,
            let outside = line.outsidePerSecond, outside >= warnPerSecond * run.rules.leaveShare,
            outside >= line.perSecond * leastShare
        else { return nil }
        var measurement = Measurement(
            AlertKey(.placement, .outsideMask, id: line.key), line.subject, value: outside, warn: warnPerSecond)
        // A mask may have been there and back between two looks.
        measurement.needsTwo = true
        measurement.evidence = run.evidence(line)
        measurement.evidence.perSecond = outside
        measurement.evidence.cpuShare = line.perSecond > 0 ? outside / line.perSecond : nil
        return measurement
    }

    static func next(_ finding: AlertFinding) -> String {
        let irq = finding.subject.irq.map { "\($0)" } ?? "N"
        return "compare /proc/irq/\(irq)/smp_affinity with effective_affinity; is irqbalance moving it?"
    }
}

/// A line of a device that is served on a CPU that was to be left alone (isolcpus=, nohz_full=).
enum IsolatedCPUCheck: Check {
    /// Interrupts of a device per second on an isolated CPU, from which on it is a warning.
    static let warnPerSecond = 10.0

    static var verdict: Verdict? { .placement }
    static var aspects: [AlertAspect] { [.isolatedCPU] }

    static func measure(_ line: LineObservation, _ levels: LineLevels, _ run: CheckRun) -> Measurement? {
        guard line.irq != nil, let details = line.details, details.delivery?.isPerCPU != true,
            line.isolatedPerSecond >= warnPerSecond * run.rules.leaveShare
        else { return nil }
        var measurement = Measurement(
            AlertKey(.placement, .isolatedCPU, id: line.key), line.subject, value: line.isolatedPerSecond,
            warn: warnPerSecond)
        measurement.subject.cpu = line.isolatedCPU
        measurement.evidence = run.evidence(line)
        measurement.evidence.perSecond = line.isolatedPerSecond
        return measurement
    }

    static func next(_ finding: AlertFinding) -> String {
        let irq = finding.subject.irq.map { "\($0)" } ?? "N"
        return "write another list to /proc/irq/\(irq)/smp_affinity_list, or set irqaffinity="
    }
}
