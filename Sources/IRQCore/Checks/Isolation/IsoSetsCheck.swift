/// Boot options for isolated CPUs that do not fit each other, or that the kernel did not take.
enum IsoSetsCheck: DoctorCheck {
    static let about = CheckText(
        "iso-sets", title: "boot options for isolated CPUs do not fit",
        meaning: """
            isolcpus= keeps tasks off CPUs, nohz_full= stops their tick, rcu_nocbs= moves the work of RCU away. They belong together, \
            and the kernel drops a list that it cannot read or that contradicts another one, with no more than a line in its log.
            """,
        reads: ["proc/cmdline", "sys/devices/system/cpu/isolated", "sys/devices/system/cpu/nohz_full", "dmesg"],
        rule: """
            what the kernel isolated is not what the command line asks for, or its log says that an option was dropped or changed: a \
            warning; nohz_full= without isolcpus=, isolcpus= without nohz_full=, or isolated CPUs that are in neither nohz_full= nor \
            rcu_nocbs=: a note
            """,
        exceptions: "cpuset partitions instead of isolcpus=",
        trust: "the log may be gone; the files are the kernel's word", origin: "kernel/sched/isolation.c")
    private static let system = "sys/devices/system/cpu"

    /// The words of the kernel about such options.
    private static let complaints = [
        "nohz_full= must match isolcpus=", "must include one present CPU, using boot CPU", "incorrect CPU range",
        "nohz unsupported.", "isolcpus: Skipped unknown flag", "isolcpus: Invalid flag",
    ]

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard box.kernel.commandLine != nil else {
            _ = try box.require("proc/cmdline")
            return
        }
        let wanted = BootIsolation(box)
        guard wanted.isolcpus != nil || wanted.nohzText != nil || wanted.callbacks != nil else { return }
        let reasons = Self.reasons(box)
        var faults: [String] = []
        if let text = wanted.isolcpus, let real = box.cpus.bootIsolated {
            if let domain = wanted.domain {
                if let fault = difference("isolcpus=\(text)", possible(domain, box), real, "isolated", reasons) {
                    faults.append(fault)
                }
            } else {
                faults.append("isolcpus=\(text) is no list of CPUs" + because(reasons))
            }
        }
        if let text = wanted.nohzText, let real = box.cpus.nohzFull {
            if let nohz = wanted.nohz {
                var cpus = possible(nohz, box)
                // The boot CPU keeps time for all, and is taken out.
                if cpus.contains(0), !real.contains(0) { cpus = cpus.subtracting(CPUSet([0])) }
                if let fault = difference("nohz_full=\(text)", cpus, real, "nohz_full", reasons) {
                    faults.append(fault)
                }
            } else {
                faults.append("nohz_full=\(text) is no list of CPUs" + because(reasons))
            }
        }
        if faults.isEmpty { faults = reasons }
        if !faults.isEmpty {
            findings.append(finding(.warn, faults, wanted, box))
        } else {
            let gaps = gaps(wanted, box)
            if !gaps.isEmpty { findings.append(finding(.note, gaps, wanted, box)) }
        }
        if wanted.isolcpus != nil, box.cpus.bootIsolated == nil { _ = try box.require("\(system)/isolated") }
        if wanted.nohzText != nil, box.cpus.nohzFull == nil { _ = try box.require("\(system)/nohz_full") }
    }

    private static func possible(_ cpus: CPUSet, _ box: Examination) -> CPUSet {
        box.cpus.possible.map { cpus.intersection($0) } ?? cpus
    }

    /// The kernel's reasons, as its log has them.
    private static func reasons(_ box: Examination) -> [String] {
        var result: [String] = []
        for line in box.log ?? [] where complaints.contains(where: { line.text.contains($0) }) {
            var text = line.text
            if text.hasPrefix("Housekeeping: ") { text = String(text.dropFirst(14)) }
            if !result.contains(text), result.count < 4 { result.append(text) }
        }
        return result
    }

    private static func because(_ reasons: [String]) -> String {
        reasons.isEmpty ? "" : ": " + reasons.joined(separator: ", ")
    }

    private static func difference(
        _ option: String, _ wanted: CPUSet, _ real: CPUSet, _ file: String, _ reasons: [String]
    ) -> String? {
        guard wanted != real else { return nil }
        if real.isEmpty {
            return reasons.isEmpty
                ? "\(option) was not taken: \(file) has no CPU" : "\(option) was rejected" + because(reasons)
        }
        return "\(option) became \(real.list)" + because(reasons)
    }

    /// The things that are missing beside what is there.
    private static func gaps(_ wanted: BootIsolation, _ box: Examination) -> [String] {
        let isolated = box.cpus.bootIsolated ?? wanted.domain ?? CPUSet()
        let nohz = box.cpus.nohzFull ?? wanted.nohz ?? CPUSet()
        let apart = isolated.union(box.cpus.partitions ?? CPUSet())
        var result: [String] = []
        let shared = nohz.subtracting(apart)
        if !shared.isEmpty, box.cpus.bootIsolated != nil {
            result.append(
                "nohz_full= has \(shared.list), isolcpus= has not: tasks are still balanced onto \(shared.count == 1 ? "it" : "them")"
            )
        }
        let ticking = isolated.subtracting(nohz)
        if !ticking.isEmpty, box.cpus.nohzFull != nil {
            result.append("isolcpus= has \(ticking.list), nohz_full= has not: the tick goes on there")
            let busy = ticking.subtracting(wanted.callbacks ?? CPUSet())
            if !busy.isEmpty { result.append("rcu_nocbs= has not \(busy.list)") }
        }
        return result
    }

    private static func finding(
        _ severity: DoctorSeverity, _ faults: [String], _ wanted: BootIsolation, _ box: Examination
    ) -> DoctorFinding {
        var finding = DoctorFinding(
            severity, "isolcpus", faults.joined(separator: "; "),
            why: "CPUs are only as quiet as the options agree")
        let last = box.cpus.last.map { CPUSet(0...max($0, 0)) }
        var cpus = (wanted.domain ?? CPUSet()).union(wanted.nohz ?? CPUSet()).union(box.cpus.bootIsolated ?? CPUSet())
        cpus = cpus.union(box.cpus.nohzFull ?? CPUSet())
        if let last { cpus = cpus.intersection(last) }
        let boot = box.cpus.online.lowest ?? 0
        if let all = last, all.isSubset(of: cpus) { cpus = cpus.subtracting(CPUSet([boot])) }
        let rest = (last ?? box.cpus.online).subtracting(cpus)
        if !cpus.isEmpty, !rest.isEmpty {
            finding.next = [
                "# at boot: isolcpus=managed_irq,domain,\(cpus.list) nohz_full=\(cpus.list) rcu_nocbs=\(cpus.list) irqaffinity=\(rest.list)"
            ]
        }
        finding.cpus = cpus
        return finding
    }
}
