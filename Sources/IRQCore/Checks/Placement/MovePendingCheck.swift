/// A line whose mask was written, and which has not come since: it is still on its old CPU.
enum MovePendingCheck: DoctorCheck {
    static let about = CheckText(
        "move-pending", title: "a move waits for the next interrupt",
        meaning: """
            Without interrupt remapping an x86 PC moves a line when it comes the next time, on its old CPU. A line that is \
            silent stays there, perhaps for days: its next interrupt disturbs the CPU that it was moved away from.
            """,
        reads: ["proc/interrupts", "proc/irq/N/smp_affinity", "proc/irq/N/effective_affinity"],
        rule:
            "the effective CPU is not in the mask, nothing came between the samples, and the chip is PCI-MSI or IO-APIC",
        exceptions: "chips that move a line at once: IR-*, GIC, ITS",
        trust: "sure", origin: "arch/x86/kernel/apic/msi.c, kernel/irq/migration.c; redhat-performance/tuned pull 364")
    static let hiddenBy = ["managed-down"]
    /// More lines that wait for the same move are counted only.
    private static let namedLineCount = 5

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        try box.requireMasks()
        var found: [DoctorFinding] = []
        var waiting: [String: [ExaminedLine]] = [:]
        for line in box.lines where isMovedLate(line) {
            guard let mask = line.mask, let effective = line.effective, mask.isDisjoint(with: effective),
                !mask.isDisjoint(with: box.cpus.online), line.delta == 0 || box.isSinceBoot
            else { continue }
            waiting["\(mask.list) \(effective.list)", default: []].append(line)
        }
        for lines in waiting.values.sorted(by: { $0[0].irq < $1[0].irq }) {
            guard let mask = lines[0].mask, let effective = lines[0].effective else { continue }
            let names = lines.prefix(namedLineCount).map(\.title).joined(separator: ", ")
            let rest = lines.count > namedLineCount ? " and \(lines.count - namedLineCount) more" : ""
            let (still, its) = lines.count == 1 ? ("", "its next interrupt") : (", each", "their next interrupts")
            var finding = DoctorFinding(
                .note, lines[0].title,
                "\(names)\(rest)\(still): mask \(mask.list), still on \(effective.inWords) until \(its)",
                why: "this chip moves a line when it comes, not when its mask is written",
                next: [
                    "# let \(lines[0].device?.title ?? lines[0].name) interrupt once, which moves it, if \(effective.inWords) is to be quiet; for the next boot: irqaffinity=\(mask.list)"
                ])
            (finding.lines, finding.cpus) = (Set(lines.map(\.irq)), effective)
            if lines.count == 1 { finding.device = lines[0].device?.title }
            if !effective.isDisjoint(with: box.cpus.isolated) { finding.weight = 1 }
            found.append(finding)
        }
        findings += found.most("lines")
        guard let first = box.lines.first(where: { isMovedLate($0) }),
            !box.lines.contains(where: { $0.effective != nil })
        else { return }
        _ = try box.require("proc/irq/\(first.irq)/effective_affinity")
    }

    private static func isMovedLate(_ line: ExaminedLine) -> Bool {
        guard line.mobility.isFree, !line.movesAtOnce, let chip = line.details.chip else { return false }
        return chip.hasPrefix("PCI-MSI") || chip.hasPrefix("IO-APIC")
    }
}
