/// Non-maskable interrupts that no performance counter explains, or very many.
enum NMIRateCheck: DoctorCheck {
    /// Unexplained ones on a CPU, and all of them, per second.
    static let (warnPerSecond, profilerPerSecond) = (1.0, 1_000.0)

    static let about = CheckText(
        "nmi-rate", title: "non-maskable interrupts that no counter explains",
        meaning: """
            A non-maskable interrupt stops a CPU even where interrupts are off. Performance counters use it, the watchdog \
            among them; the rest are hardware errors, management controllers, and buttons.
            """,
        reads: [
            "proc/interrupts rows NMI, PMI", "proc/sys/kernel/nmi_watchdog",
            "proc/sys/kernel/perf_event_max_sample_rate",
            "dmesg",
        ],
        rule: """
            NMI less PMI is 1 a second or more on a CPU: a warning. 1,000 NMIs a second that counters explain: a note, a \
            profiler runs.
            """,
        exceptions: "about one in ten seconds on each CPU with as many PMIs is the watchdog",
        trust: "those of AMD's IBS and of perf count as PMI; a hypervisor may swallow some",
        origin: "arch/x86/kernel/nmi.c")

    static let needsCPUs = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let rows = box.rows("NMI")
        guard !rows.isEmpty else {
            if !box.isX86 { return }
            throw Unjudged("proc/interrupts has no row NMI")
        }
        var all: [Int: UInt64] = [:]
        for row in rows { for (cpu, delta) in row.perCPU { all[cpu, default: 0] &+= delta } }
        let counterRows = box.rows("PMI")
        var counted: [Int: UInt64] = [:]
        for row in counterRows { for (cpu, delta) in row.perCPU { counted[cpu, default: 0] &+= delta } }
        // A CPU may be between the two counts.
        let strange = all.compactMap { cpu, delta -> (cpu: Int, perSecond: Double)? in
            let own = counted[cpu] ?? 0
            return delta > own ? (cpu, box.perSecond(delta - own)) : nil
        }
        guard !counterRows.isEmpty else {
            if all.isEmpty { return }
            throw Unjudged("proc/interrupts has no row PMI: NMIs of counters cannot be told")
        }
        let bad = strange.filter { $0.perSecond >= warnPerSecond }
        if let most = bad.max(by: { ($0.perSecond, $1.cpu) < ($1.perSecond, $0.cpu) }) {
            findings.append(unexplained(box, most, all[most.cpu] ?? 0, CPUSet(bad.map(\.cpu))))
            return
        }
        let many = all.filter { box.perSecond($0.value) >= profilerPerSecond }
        guard let most = many.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return }
        let cpus = CPUSet(Array(many.keys))
        var evidence = "NMI \(Units.rate(box.perSecond(most.value)))/s on CPU \(most.key): a profiler runs"
        if let limit = box.number("proc/sys/kernel/perf_event_max_sample_rate") {
            evidence += " (perf_event_max_sample_rate \(limit))"
        }
        var finding = DoctorFinding(
            .note, cpus.inWords, evidence, why: "each sample stops the CPU for microseconds, handlers included",
            next: ["ps -eo pid,args | grep -E '[p]erf (record|top)|[b]pftrace|[p]rofiler'"])
        (finding.isRate, finding.weight, finding.cpus) = (true, box.perSecond(most.value), cpus)
        findings.append(finding)
    }

    private static func unexplained(
        _ box: Examination, _ most: (cpu: Int, perSecond: Double), _ all: UInt64, _ cpus: CPUSet
    ) -> DoctorFinding {
        let isAll = most.perSecond >= box.perSecond(all) * 0.99
        var evidence = "NMI \(Units.rate(box.perSecond(all)))/s on CPU \(most.cpu), "
        evidence += isAll ? "none from counters" : "\(Units.rate(most.perSecond))/s of them not from counters"
        if cpus.count > 1 { evidence += "; on \(cpus.inWords)" }
        let messages = box.logLines(with: "Uhhuh. NMI")?.count ?? 0
        if messages > 0 { evidence += "; the log has \(messages) of unknown reason" }
        var next = ["dmesg | grep -iE 'Uhhuh. NMI|GHES|hardware error'"]
        next.append("# the watchdog of a management controller (ipmi_watchdog), memory errors (ghes), a button")
        var finding = DoctorFinding(
            .warn, cpus.inWords, evidence,
            why: "the hardware or its management reports something again and again, where nobody can put it off",
            next: next)
        if box.number("proc/sys/kernel/nmi_watchdog") == 1, !box.cpus.isolated.isEmpty {
            finding.next.append("sysctl -w kernel.nmi_watchdog=0")
            finding.undo = "sysctl -w kernel.nmi_watchdog=1"
        }
        (finding.isRate, finding.weight, finding.cpus) = (true, most.perSecond, cpus)
        return finding
    }
}
