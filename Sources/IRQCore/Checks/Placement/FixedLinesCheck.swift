/// Lines whose masks nobody can write: a fact that explains errors of tools, not a trouble of its own.
enum FixedLinesCheck: DoctorCheck {
    static let about = CheckText(
        "fixed-lines", title: "lines that nobody can move",
        meaning: """
            The kernel itself spreads the queues of many disks over the CPUs (managed interrupts), and refuses other masks: \
            tools that try report EPERM (since Linux 6.12) or EIO (before). Nothing is wrong with that; such lines follow the \
            programs that submit requests.
            """,
        reads: ["the mode of proc/irq/N/smp_affinity", "sys/kernel/debug/irq/irqs/N", "proc/interrupts"],
        rule: """
            the file's mode is 0444, or debugfs says IRQD_AFFINITY_MANAGED; where neither tells, the names of queues of nvme, \
            virtio-blk and virtio-scsi, and drivers that ask for such interrupts (PCI_IRQ_AFFINITY)
            """,
        exceptions: "a PC whose only such lines are the timer and the cascade (0 and 2)",
        trust: "by name only it is probable, and says so",
        origin: "kernel/irq/proc.c; Irqbalance/irqbalance#271, #336, #349; scylladb/seastar#3003")

    static let isBackground = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let managed = box.lines.filter { $0.mobility == .managed }
        let likely = box.lines.filter { $0.mobility == .probablyManaged }
        let fixed = box.lines.filter { $0.mobility == .fixed }
        let all = managed + likely + fixed
        if fixed.contains(where: { $0.irq != 0 && $0.irq != 2 }) || !managed.isEmpty || !likely.isEmpty {
            var parts: [String] = []
            if !managed.isEmpty { parts.append("\(NameList.ranges(managed.map(\.name))) managed") }
            if !likely.isEmpty { parts.append("\(NameList.ranges(likely.map(\.name))) probably managed") }
            if !fixed.isEmpty { parts.append("irq \(numbers(fixed))") }
            let isOne = all.count == 1
            var finding = DoctorFinding(
                .note, isOne ? "1 line" : "\(all.count) lines",
                "\(all.count) \(isOne ? "line is" : "lines are") fixed: \(parts.joined(separator: ", "))",
                why:
                    "a write to such a mask gives EPERM (EIO before Linux 6.12); the lines follow the programs that use the device",
                next: next(box, managed + likely))
            finding.lines = Set(all.map(\.irq))
            if likely.isEmpty {
                finding.trust = "the mode of the file, or debugfs, is the kernel's word"
            } else if managed.isEmpty {
                finding.trust = "by their names only: the modes of proc/irq/N/smp_affinity do not tell"
            }
            findings.append(finding)
        }
        try box.requireMasks()
    }

    private static func next(_ box: Examination, _ managed: [ExaminedLine]) -> [String] {
        let isolated = box.cpus.isolated
        guard !managed.isEmpty, !isolated.isEmpty, box.kernel.option("isolcpus")?.contains("managed_irq") != true else {
            return []
        }
        return ["# the only lever, at boot: isolcpus=managed_irq,domain,\(isolated.list)"]
    }

    private static func numbers(_ lines: [ExaminedLine]) -> String {
        let words = lines.prefix(6).map { "\($0.irq)" }
        let rest = lines.count > 6 ? " and \(lines.count - 6) more" : ""
        guard rest.isEmpty, words.count > 1, let last = words.last else { return words.joined(separator: ", ") + rest }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }
}
