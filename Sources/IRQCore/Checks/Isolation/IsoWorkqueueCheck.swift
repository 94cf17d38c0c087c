/// Work of the kernel that may run on isolated CPUs.
enum IsoWorkqueueCheck: DoctorCheck {
    private static let path = "sys/devices/virtual/workqueue/cpumask"

    static let about = CheckText(
        "iso-workqueue", title: "the kernel's unbound work may run on isolated CPUs",
        meaning: """
            Drivers and file systems hand work to threads of the kernel (kworker/u*). Those that are bound to no CPU may run where the \
            workqueue mask allows.
            """,
        reads: [path, "sys/devices/system/cpu/isolated"],
        rule: "CPUs are isolated, and the workqueue mask has some of them",
        exceptions: "masks of single workqueues: only what is in both masks counts",
        trust: """
            isolation by isolcpus= takes its CPUs out by itself, and a later write brings them back; work that is bound to a CPU is not \
            covered
            """,
        origin: "kernel/workqueue.c; measured on Linux 6.1 and 6.12")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let isolated = try box.requireIsolated()
        guard !isolated.isEmpty else { return }
        let text = try box.require(path)
        guard let mask = CPUSet.parse(mask: text) else { throw Unjudged("\(path) holds no mask") }
        let common = mask.intersection(isolated)
        guard !common.isEmpty else { return }
        let wanted = mask.subtracting(isolated).isEmpty ? box.cpus.housekeeping : mask.subtracting(isolated)
        var finding = DoctorFinding(
            .warn, "workqueue", "workqueue cpumask \(text) has isolated \(common.list)",
            why: "threads of the kernel (kworker/u*) may run there")
        if !wanted.isEmpty {
            finding.next = ["echo \(wanted.mask) >/\(path)"]
            finding.undo = "echo \(text) >/\(path)"
        }
        finding.cpus = common
        findings.append(finding)
    }
}
