/// Calls between CPUs that come often, or to CPUs that were set aside.
enum IPIRateCheck: DoctorCheck {
    /// Calls of all kinds to a CPU, per second.
    static let notePerSecond = 50_000.0
    /// The same on a CPU that was set aside: of pages that are forgotten, and of functions.
    static let (isolatedFlushes, isolatedCalls) = (10.0, 100.0)
    /// A CPU that does less is idle: to wake it is what rescheduling is for.
    static let idleShare = 0.5
    /// So many times as many flushes as calls are no part of them.
    private static let partFactor = 1.2

    static let about = CheckText(
        "ipi-rate", title: "CPUs interrupt each other often, or a CPU that was set aside",
        meaning: """
            CPUs interrupt each other to wake tasks (RES), to run functions (CAL), and to make the others forget pages that one \
            of them unmapped (TLB). A thread on an isolated CPU that shares its memory with busy threads elsewhere is \
            interrupted by all that they unmap.
            """,
        reads: ["proc/interrupts rows RES, CAL, TLB, IWI, IPIn"],
        rule: """
            over 50,000 a second on a CPU: a note. On isolated CPUs 10 flushes of pages or 100 calls a second: a warning.
            """,
        exceptions: """
            RES to CPUs that are idle for half of the time. TLB is a part of CAL since Linux 4.8: it is added only where it cannot be.
            """,
        trust: "which CPU is interrupted is exact; by whom, only the event ipi:ipi_send_cpu tells (Linux 6.4)",
        origin: "arch/x86/kernel/irq.c")

    /// The rates of a CPU.
    private struct Rates {
        var (wakeUps, calls, flushes) = (0.0, 0.0, 0.0)
    }

    static let needsCPUs = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        var rates: [Int: Rates] = [:]
        var isThere = false
        for row in box.rows {
            guard let part = part(of: row) else { continue }
            isThere = true
            for (cpu, delta) in row.perCPU { rates[cpu, default: Rates()][keyPath: part] += box.perSecond(delta) }
        }
        guard isThere else {
            // One CPU calls nobody.
            if box.cpus.online.count == 1 { return }
            throw Unjudged("proc/interrupts has no rows of calls between CPUs")
        }
        let isolated = box.cpus.isolated
        addIsolated(box, rates.filter { isolated.contains($0.key) }, &findings)
        let busy = rates.map { (cpu: $0.key, perSecond: sum($0.value, $0.key, box)) }
            .filter { $0.perSecond > notePerSecond && !isolated.contains($0.cpu) }
            .sorted { ($1.perSecond, $0.cpu) < ($0.perSecond, $1.cpu) }
        if let most = busy.first, let parts = rates[most.cpu] {
            let cpus = CPUSet(busy.map(\.cpu))
            var evidence =
                "\(Units.rate(most.perSecond))/s calls to CPU \(most.cpu): wake-ups \(Units.rate(parts.wakeUps))/s,"
                + " functions \(Units.rate(parts.calls))/s, TLB shootdowns \(Units.rate(parts.flushes))/s"
            if cpus.count > 1 { evidence += "; over \(Units.rate(notePerSecond))/s on \(cpus.inWords)" }
            var finding = DoctorFinding(
                .note, cpus.inWords, evidence, why: "each takes the CPU about a microsecond from what it does",
                next: [record(most.cpu)])
            (finding.isRate, finding.weight, finding.cpus) = (true, most.perSecond, cpus)
            findings.append(finding)
        }
        _ = try box.requireIsolated()
    }

    private static func addIsolated(_ box: Examination, _ rates: [Int: Rates], _ findings: inout [DoctorFinding]) {
        let hit = rates.filter { $0.value.flushes >= isolatedFlushes || $0.value.calls >= isolatedCalls }
        guard
            let most = hit.max(by: {
                ($0.value.flushes + $0.value.calls, $1.key) < ($1.value.flushes + $1.value.calls, $0.key)
            })
        else { return }
        let cpus = CPUSet(Array(hit.keys))
        var parts: [String] = []
        if most.value.flushes >= isolatedFlushes { parts.append("TLB shootdowns \(Units.rate(most.value.flushes))/s") }
        if most.value.calls >= isolatedCalls { parts.append("function calls \(Units.rate(most.value.calls))/s") }
        var evidence = parts.joined(separator: ", ") + " on isolated CPU \(most.key)"
        if cpus.count > 1 { evidence += "; of the isolated, \(cpus.inWords) have such" }
        var next = [record(most.key)]
        if (box.number("proc/sys/kernel/numa_balancing") ?? 0) > 0 { next.append("sysctl -w kernel.numa_balancing=0") }
        if box.number("sys/kernel/mm/ksm/run") == 1 { next.append("echo 0 >/sys/kernel/mm/ksm/run") }
        next.append(
            "# in the program there: no munmap or madvise while it works, prctl(PR_SET_THP_DISABLE), mlockall()")
        var finding = DoctorFinding(
            .warn, cpus.inWords, evidence,
            why: "a thread there shares memory with busy threads elsewhere, or the kernel runs functions on all CPUs",
            next: next)
        (finding.isRate, finding.weight, finding.cpus) = (true, most.value.flushes + most.value.calls, cpus)
        findings.append(finding)
    }

    private static func record(_ cpu: Int) -> String {
        "irqscope record --events ipi,csd --cpu \(cpu) --duration 5s -o - | irqscope report"
    }

    /// All calls to a CPU, none counted twice: flushes are calls where there are no more of them than of calls.
    private static func sum(_ rates: Rates, _ cpu: Int, _ box: Examination) -> Double {
        let isApart = rates.flushes > rates.calls * partFactor || box.kernel.isAtLeast(4, 8) == false
        let calls = isApart ? rates.calls + rates.flushes : max(rates.calls, rates.flushes)
        let isIdle = box.busyShare(cpu).map { $0 < idleShare } ?? false
        return calls + (isIdle ? 0 : rates.wakeUps)
    }

    /// Arm's numbers of such rows differ between versions: the words count.
    private static func part(of row: ExaminedRow) -> WritableKeyPath<Rates, Double>? {
        switch row.label {
        case "RES": return \.wakeUps
        case "CAL": return \.calls
        case "TLB": return \.flushes
        default: break
        }
        guard row.label.hasPrefix("IPI") else { return nil }
        if row.text.contains("Rescheduling") { return \.wakeUps }
        return row.text.contains("Function call") || row.text.contains("function call") ? \.calls : nil
    }
}
