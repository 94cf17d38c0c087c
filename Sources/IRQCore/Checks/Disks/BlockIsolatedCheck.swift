/// Managed interrupts of disks on CPUs that were set aside.
enum BlockIsolatedCheck: DoctorCheck {
    /// Interrupts on isolated CPUs per second.
    static let warnPerSecond = 10.0

    static let about = CheckText(
        "blk-isolated", title: "managed interrupts of queues come to isolated CPUs",
        meaning: """
            The kernel spreads the queues of a disk over all CPUs and lets nobody move their interrupts. A queue whose CPUs are all \
            isolated interrupts them only for requests that are made there; one that has others too can be kept away by a boot option.
            """,
        reads: ["proc/interrupts", "proc/irq/N/smp_affinity", "sys/devices/system/cpu/isolated", "proc/cmdline"],
        rule: "a managed line has 10 interrupts a second or more on isolated CPUs: a warning",
        exceptions: "a queue of isolated CPUs only that had none",
        trust: "rates are exact; irqscope record --deep tells which tasks the interrupts wake: who waits there",
        origin: "kernel/irq/manage.c; measured on 6.1 and 6.12")

    static let needsCPUs = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let isolated = try box.requireIsolated()
        guard !isolated.isEmpty else { return }
        var order: [String] = []
        var members: [String: [(line: ExaminedLine, perSecond: Double)]] = [:]
        for line in box.lines where line.mobility.isManaged {
            let rate = line.perSecond(on: isolated)
            guard rate >= warnPerSecond else { continue }
            let key = line.deviceKey ?? line.title
            if members[key] == nil { order.append(key) }
            members[key, default: []].append((line, rate))
        }
        var found: [DoctorFinding] = []
        for key in order {
            let lines = (members[key] ?? []).sorted { ($1.perSecond, $0.line.irq) < ($0.perSecond, $1.line.irq) }
            if let finding = finding(box, lines, isolated) { found.append(finding) }
        }
        findings += found.most("devices")
    }

    private static func finding(
        _ box: Examination, _ lines: [(line: ExaminedLine, perSecond: Double)], _ isolated: CPUSet
    ) -> DoctorFinding? {
        guard let first = lines.first else { return nil }
        let served = CPUSet(first.line.perCPU.map(\.cpu)).intersection(isolated)
        let isOnlyThere = first.line.mask.map { $0.subtracting(isolated).isEmpty }
        var evidence = "\(first.line.name) on isolated \(served.inWords): \(Units.rate(first.perSecond))/s"
        if isOnlyThere == true { evidence += ", submitted there" }
        if isOnlyThere == false, let mask = first.line.mask { evidence += ", mask \(mask.list)" }
        if lines.count > 1 {
            let sum = lines.dropFirst().reduce(0) { $0 + $1.perSecond }
            evidence += "; \(lines.count - 1) more of its queues \(Units.rate(sum))/s"
        }
        let list = (box.cpus.bootIsolated.flatMap { $0.isEmpty ? nil : $0 } ?? isolated).list
        var finding = DoctorFinding(
            .warn, first.line.title, evidence,
            why: isOnlyThere == true
                ? "its mask has isolated CPUs only: somebody there reads or writes"
                : "nobody may move it; isolcpus=managed_irq lets it go to the other CPUs of its mask",
            next: ["irqscope record --deep --duration 5s -o - | irqscope report --deep"])
        let option = "# at boot: isolcpus=managed_irq,domain,\(list); cpuset partitions never move these lines"
        if isOnlyThere == true {
            finding.next.append("# keep reading and writing off \(isolated.inWords)")
        } else if box.kernel.option("isolcpus")?.contains("managed_irq") != true {
            finding.next.insert(option, at: 0)
        }
        (finding.isRate, finding.weight, finding.device) = (true, first.perSecond, first.line.deviceKey)
        (finding.lines, finding.cpus) = (Set(lines.map(\.line.irq)), served)
        return finding
    }
}
