/// A line that is served outside of its affinity mask.
enum OutsideMaskCheck: Check {
    /// Interrupts outside of the mask per second, from which on it is a warning.
    static let warnPerSecond = 10.0
    /// A smaller share outside of the mask is what a move of the mask leaves.
    static let leastShare = 0.01
    /// The share outside from which on no move of the mask explains it: one that was moved away and back between two runs, as
    /// irqbalance does every ten seconds, leaves less.
    static let certainShare = 0.9
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
        guard line.irq != nil, let details = line.details, !line.isPerCPU, details.canBeMoved,
            let outside = line.outsidePerSecond, outside >= warnPerSecond * run.rules.leaveShare,
            outside >= line.perSecond * (isDeliveredOutside(details) ? leastShare : certainShare)
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

    /// True if the kernel itself says that the line is delivered where its mask does not let it go.
    private static func isDeliveredOutside(_ details: InterruptDetails) -> Bool {
        guard let effective = details.effectiveAffinity, let mask = details.affinity else { return false }
        return effective.cpus.contains { !mask.contains($0) }
    }

    static func next(_ finding: AlertFinding) -> String {
        let irq = finding.subject.irq.map { "\($0)" } ?? "N"
        return "compare /proc/irq/\(irq)/smp_affinity with effective_affinity; is irqbalance moving it?"
    }
}
