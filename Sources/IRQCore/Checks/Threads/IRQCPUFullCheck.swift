/// A CPU that does nothing but interrupts while others have none.
enum IRQCPUFullCheck: DoctorCheck {
    /// The share of a CPU in interrupts and softirqs that is full, and that of one which could help.
    static let (fullShare, idleShare) = (0.8, 0.2)

    static let about = CheckText(
        "irq-cpu-full", title: "one CPU is full of interrupts while others have hardly any",
        meaning: """
            Interrupts and softirqs come before programs. A CPU that spends nearly all of its time in them has none left for programs, and \
            what comes more has to wait; other CPUs could take a part of it.
            """,
        reads: ["proc/stat", "proc/PID/stat of ksoftirqd/N", "proc/interrupts"],
        rule: "irq and softirq are 80 % or more of a CPU's time, and 20 % or less of another's that is not isolated",
        exceptions: "there is no other CPU that is not isolated",
        trust: """
            where the kernel does not account interrupt time, irq reads 0, and softirq is sampled at ticks and has what ksoftirqd did \
            (irqtime-hidden)
            """,
        origin: "kernel/sched/cputime.c")
    static let causes = [
        "one-cpu-device", "one-cpu-all", "storm-line", "storm-acpi", "irqbalance-bans", "queues-few", "queue-skew",
        "rps-mask", "blk-queues", "coalescing",
    ]

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        try box.requireTimes()
        var full: [(cpu: Int, share: Double)] = []
        var idle: [Int] = []
        for cpu in box.cpus.online.cpus {
            guard let share = box.interruptShare(cpu) else { continue }
            if share >= fullShare { full.append((cpu, share)) }
            if share <= idleShare, box.cpus.housekeeping.contains(cpu) { idle.append(cpu) }
        }
        guard !full.isEmpty, !idle.isEmpty else { return }
        full.sort { ($1.share, $0.cpu) < ($0.share, $1.cpu) }
        let (first, others) = (full[0].cpu, CPUSet(idle))
        var evidence = full.prefix(4).map { "CPU \($0.cpu): \(box.interruptWords($0.cpu))" }.joined(separator: ", ")
        if full.count > 4 { evidence += ", \(full.count - 4) more CPUs likewise" }
        evidence += "; \(others.inWords): \(range(box, idle))"
        let lines = box.lines(on: first)
        let busiest = lines.prefix(3).map { "\($0.line.title) \(Units.rate($0.perSecond))/s" }
        var finding = DoctorFinding(
            .warn, "CPU \(first)", evidence,
            why: busiest.isEmpty
                ? "no interrupt of a device came to CPU \(first) meanwhile: it is polled, or other CPUs send it work"
                : "its busiest: \(busiest.joined(separator: ", "))",
            next: ["irqscope record --cpu \(first) --duration 5s -o - | irqscope report"])
        if lines.count > 1 { finding.next.insert(box.spreadCommand(for: first), at: 0) }
        (finding.isRate, finding.weight) = (true, full[0].share)
        finding.cpus = CPUSet(full.map(\.cpu))
        findings.append(finding)
    }

    private static func range(_ box: Examination, _ cpus: [Int]) -> String {
        let shares = cpus.compactMap { box.interruptShare($0) }.map { ($0 * 100).rounded() }
        let (low, high) = (Units.fixed(shares.min() ?? 0, 0), Units.fixed(shares.max() ?? 0, 0))
        return low == high ? "\(low)%" : "\(low)-\(high)%"
    }
}
