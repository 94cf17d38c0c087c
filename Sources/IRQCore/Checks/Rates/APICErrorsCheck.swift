/// Errors that a PC's interrupt controllers report.
enum APICErrorsCheck: DoctorCheck {
    static let about = CheckText(
        "apic-errors", title: "the interrupt controller reports errors",
        meaning: """
            The controllers of a PC count what goes wrong with messages between them: broken ones, level interrupts that were \
            lost, interrupts that nobody sent.
            """,
        reads: ["proc/interrupts rows ERR, MIS, SPU, RTR"],
        rule: "a count moves: a warning; it has moved since boot: a note",
        exceptions: "Err of Arm counts unknown numbers of interrupts, which is another thing",
        trust: "the counts are exact; the cause is not known", origin: "arch/x86/kernel/apic")

    private static let words = [
        "ERR": "errors on the way to or from an APIC", "MIS": "level interrupts lost by the IO-APIC, repaired",
        "SPU": "interrupts that nobody sent", "RTR": "commands to other CPUs that had to be repeated",
    ]

    static let needsCPUs = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard box.isX86 else { return }
        var isThere = false
        for label in ["ERR", "MIS", "SPU", "RTR"] {
            for row in box.rows(label) {
                isThere = true
                let isNow = !box.isSinceBoot && row.delta > 0
                guard isNow || row.total > 0 else { continue }
                let cpus = CPUSet(isNow ? row.perCPU.map(\.cpu) : [])
                var evidence = isNow ? "\(label) +\(row.delta)" : "\(label) \(Units.count(row.total)) since boot"
                evidence += ": \(words[label] ?? "")" + (cpus.isEmpty ? "" : ", on \(cpus.inWords)")
                var finding = DoctorFinding(
                    isNow ? .warn : .note, label, evidence,
                    why:
                        "messages of interrupts are damaged or lost: by the firmware's setup, or by a wire that storms",
                    next: next(box, label))
                (finding.weight, finding.cpus) = (Double(isNow ? row.delta : row.total), cpus)
                findings.append(finding)
            }
        }
        // Kernels from 7 on show these rows only when they count.
        if isThere || box.kernel.isAtLeast(7, 0) == true { return }
        throw Unjudged("proc/interrupts has none of the rows ERR, MIS, SPU and RTR")
    }

    private static func next(_ box: Examination, _ label: String) -> [String] {
        var next = label == "MIS" ? [] : ["dmesg | grep -i apic"]
        let wired = box.lines.filter { $0.details.delivery == .wired && $0.perSecond > 0 }
        if let most = wired.max(by: { ($0.perSecond, $1.irq) < ($1.perSecond, $0.irq) }), label == "MIS" {
            next.append("irqscope top --irq \(most.irq)")
        }
        return next + ["# a newer BIOS"]
    }
}
