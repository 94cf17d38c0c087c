/// A line that is served where its mask does not allow. Limits are those of `alert` (`OutsideMaskCheck`).
enum ServedOutsideCheck: DoctorCheck {
    static let about = CheckText(
        "outside-mask", title: "an interrupt is delivered where its mask does not allow",
        meaning: """
            The mask of a line in /proc/irq is a wish: the controller may not be able to follow it. Where the counts grow on \
            CPUs outside of the mask, CPUs that were to be spared are interrupted, whatever the mask says.
            """,
        reads: [
            "proc/interrupts", "proc/irq/N/smp_affinity", "proc/irq/N/effective_affinity", "sys/kernel/irq/N/chip_name",
        ],
        rule: """
            from 10 a second and 1 % of the line on, on CPUs outside of its masks in both samples; without interrupt remapping, \
            where a line moves when it comes next, only if the mask stayed the same
            """,
        exceptions: """
            lines that each CPU has for itself, lines that nobody can move, and those of controllers that hand interrupts on by \
            software (VMD, DesignWare PCIe)
            """,
        trust: "counts are deliveries: exact", origin: "raspberrypi/linux#7275, #6077; Irqbalance/irqbalance#303, #340")
    static let causes = ["vectors-full", "irqbalance-moves"]

    static let needsCPUs = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        try box.requireMasks()
        var found: [DoctorFinding] = []
        for line in box.lines where line.mobility.isFree && line.isKnown && !isHandedOn(line) {
            guard let mask = line.mask, !mask.isEmpty, isLasting(line, box) else { continue }
            let allowed = mask.union(line.maskBefore ?? mask)
            let outside = line.perSecond - line.perSecond(on: allowed)
            guard outside >= OutsideMaskCheck.warnPerSecond, outside >= line.perSecond * OutsideMaskCheck.leastShare
            else {
                continue
            }
            found.append(finding(line, mask, allowed, outside, box))
        }
        findings += found.most("lines")
        if box.isSinceBoot { throw Unjudged("one sample does not tell where a line came since its mask was written") }
    }

    /// True if what came outside did not come before the mask was what it is.
    private static func isLasting(_ line: ExaminedLine, _ box: Examination) -> Bool {
        if box.isSinceBoot {
            // Counts are older than masks; the controller's word is not.
            guard line.movesAtOnce, let mask = line.mask, let effective = line.effective else { return false }
            return mask.isDisjoint(with: effective)
        }
        return line.movesAtOnce || line.maskBefore == nil || line.maskBefore == line.mask
    }

    /// True for lines that a controller's own handler takes and may run elsewhere.
    private static func isHandedOn(_ line: ExaminedLine) -> Bool {
        let chip = line.details.chip ?? ""
        return ["VMD", "DWC", "dw_pcie", "dw-pcie"].contains { chip.contains($0) }
    }

    private static func finding(
        _ line: ExaminedLine, _ mask: CPUSet, _ allowed: CPUSet, _ outside: Double, _ box: Examination
    ) -> DoctorFinding {
        let places = line.servedOn.subtracting(allowed)
        let isAll = outside >= line.perSecond * 0.995
        let amount =
            isAll ? "all \(Units.rate(outside))/s" : "\(Units.rate(outside))/s of \(Units.rate(line.perSecond))/s"
        var evidence = "\(line.title): mask \(mask.list), \(amount) on \(places.inWords)"
        let told =
            box.log?.contains { $0.text.contains("did not update eff. affinity mask of irq \(line.irq)") } == true
        if told { evidence += "; its chip does not tell where it is" }
        let folder = "/proc/irq/\(line.irq)"
        var finding = DoctorFinding(
            .warn, line.title, evidence,
            why:
                "the controller \(line.details.chip ?? "of this line") does not follow the mask, or had no vector left there",
            next: [
                "head \(folder)/smp_affinity_list \(folder)/effective_affinity_list",
                "# where the chip ignores masks, keep what must not be interrupted off \(places.inWords)",
            ])
        (finding.isRate, finding.weight) = (true, outside)
        (finding.lines, finding.cpus, finding.device) = ([line.irq], places, line.device?.title)
        return finding
    }
}
