/// A mask for lines to come that has CPUs which were set aside.
enum DefaultMaskCheck: DoctorCheck {
    static let about = CheckText(
        "default-mask", title: "lines to come will go to isolated CPUs",
        meaning: """
            A line that a driver requests without a mask of its own gets default_smp_affinity, which irqaffinity= sets at boot. \
            Where that has isolated CPUs, the next device that appears may interrupt them.
            """,
        reads: ["proc/irq/default_smp_affinity", "proc/cmdline", "sys/devices/system/cpu/isolated"],
        rule: "CPUs are isolated, and the default mask has some of them",
        exceptions:
            "where cri-o or OpenShift keep the default on purpose (tuned: default_irq_smp_affinity=ignore) it is a note",
        trust:
            "sure; irqaffinity= always has the boot CPU too, and unmanaged vectors of managed devices take it as well",
        origin: "kernel/irq/irqdesc.c; seapath/ansible#865, #868")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let isolated = try box.requireIsolated()
        guard !isolated.isEmpty else { return }
        let path = "proc/irq/default_smp_affinity"
        let text = try box.require(path)
        guard let mask = CPUSet.parse(mask: text) else { throw Unjudged("\(path) holds no mask") }
        let common = mask.intersection(isolated)
        guard !common.isEmpty else { return }
        let isKept = !(box.tasks(named: "crio") + box.tasks(named: "kubelet")).isEmpty
        var evidence = "default_smp_affinity \(text) has isolated \(common.list)"
        if let option = box.kernel.option("irqaffinity") { evidence += " (irqaffinity=\(option))" }
        var next: [String] = []
        let wanted = box.cpus.housekeeping
        if !wanted.isEmpty {
            // As many digits as the kernel shows.
            let digits = String(repeating: "0", count: max(0, text.utf8.count - wanted.mask.utf8.count))
            let hex = text.contains(",") ? wanted.mask : digits + wanted.mask
            next = ["echo \(hex) >/proc/irq/default_smp_affinity", "# at boot: irqaffinity=\(wanted.list)"]
        }
        var finding = DoctorFinding(
            isKept ? .note : .warn, "default_smp_affinity", evidence,
            why: "a device that is added or set up anew gets this mask, and its interrupts may go there", next: next)
        finding.undo = next.isEmpty ? nil : "echo \(text) >/proc/irq/default_smp_affinity"
        finding.cpus = common
        findings.append(finding)
    }
}
