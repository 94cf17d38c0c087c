/// Errors of the hardware that the processor reports.
enum MachineCheckCheck: DoctorCheck {
    static let about = CheckText(
        "machine-check", title: "the processor reports errors of the hardware",
        meaning: """
            Memory, caches and buses tell of errors, those that were corrected as well. A corrected error costs little, but many \
            of them come before one that is not.
            """,
        reads: ["proc/interrupts rows MCE, THR, DFR, MCP", "dmesg"],
        rule: """
            a new machine check exception is critical; a threshold of corrected errors (THR), a deferred error (DFR) or a storm of \
            corrected errors in the log is a warning
            """,
        exceptions: "MCP counts the kernel's own look at the banks every five minutes: no error",
        trust: "the counts are exact; the cause only the decoder tells", origin: "arch/x86/kernel/cpu/mce")

    private static let words = [
        "MCE": "machine check exceptions", "THR": "thresholds of corrected errors", "DFR": "deferred errors",
    ]

    static let needsCPUs = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        for label in ["MCE", "THR", "DFR"] {
            let counts = box.rows(label).flatMap(\.perCPU)
            let sum = counts.reduce(UInt64(0)) { $0 &+ $1.delta }
            guard sum > 0 else { continue }
            let cpus = CPUSet(counts.map(\.cpu))
            let when = box.isSinceBoot ? "since boot" : "new"
            var result = finding(
                label == "MCE" ? .crit : .warn, cpus.inWords,
                "\(label) \(sum) \(when) on \(cpus.inWords): \(words[label] ?? "")")
            if box.isSinceBoot { result.severity = .note }
            (result.weight, result.cpus) = (Double(sum), cpus)
            findings.append(result)
        }
        // Of 6.12 the first, of 6.1 the second.
        let storms = (box.log ?? []).filter {
            $0.text.has("CMCI storm detected")
        }
        if let last = storms.last {
            let cpu = last.text.number(after: "CPU")
            var result = finding(.warn, cpu.map { "CPU \($0)" } ?? "memory", last.text)
            if storms.count > 1 { result.evidence += " (\(storms.count) such lines)" }
            (result.weight, result.sources) = (Double(storms.count), ["dmesg"])
            result.cpus = CPUSet(cpu.map { [$0] } ?? [])
            findings.append(result)
        }
        guard box.isX86 else { return }
        if box.rows("MCE").isEmpty { throw Unjudged("proc/interrupts has no row MCE") }
        if box.log == nil {
            throw Unjudged("the kernel's log is not there: a storm of corrected errors would be told there")
        }
    }

    private static func finding(_ severity: DoctorSeverity, _ subject: String, _ evidence: String) -> DoctorFinding {
        DoctorFinding(
            severity, subject, evidence, why: "memory, a cache or a bus is about to fail, or does",
            next: ["ras-mc-ctl --summary", "journalctl -k -g 'Hardware Error'", "# replace the part that they name"])
    }
}
