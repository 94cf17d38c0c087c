/// The timer tick on CPUs of nohz_full= that are busy with one task.
enum IsoTickCheck: DoctorCheck {
    /// The share of a CPU that a task keeps busy, and the timer interrupts per second that are too many then.
    static let (busyShare, leastPerSecond) = (0.9, 10.0)
    /// Two tasks with so much of a CPU share it: then the tick is needed.
    static let otherShare = 0.05

    static let about = CheckText(
        "iso-tick", title: "the tick is not off on nohz_full CPUs",
        meaning: """
            On CPUs of nohz_full= the kernel stops the tick while one task runs alone: one timer interrupt a second remains. \
            Something that depends on the tick keeps it on, 100 to 1,000 times a second.
            """,
        reads: ["proc/interrupts, row LOC or the timer's line", "proc/stat", "sys/devices/system/cpu/nohz_full"],
        rule: "a CPU of nohz_full= is 90 % busy and gets 10 timer interrupts a second or more",
        exceptions: "idle CPUs; CPUs that two tasks share; isolcpus= without nohz_full=",
        trust: "the rate is exact; the cause needs the trace of timer:tick_stop",
        origin: "kernel/time/tick-sched.c; NVIDIA/NV-Kernels#400")

    static let needsCPUs = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard let wanted = box.cpus.nohzFull else {
            // A kernel that cannot stop the tick has no such file beside the others.
            if box.cpus.bootIsolated != nil { return }
            _ = try box.require("sys/devices/system/cpu/nohz_full")
            throw Unjudged("sys/devices/system/cpu/nohz_full holds no list")
        }
        let cpus = wanted.intersection(box.cpus.online)
        guard !cpus.isEmpty else { return }
        guard let rates = timerRates(box) else { throw Unjudged("proc/interrupts has no row of the CPUs' own timers") }
        try box.requireTimes()
        var found: [(cpu: Int, perSecond: Double, task: ExaminedTask?)] = []
        for cpu in cpus.cpus {
            guard let busy = box.busyShare(cpu), busy >= busyShare, let rate = rates[cpu], rate >= leastPerSecond else {
                continue
            }
            let tasks = (box.tasks ?? []).filter { $0.lastCPU == cpu && ($0.cpuShare ?? 0) >= otherShare }
            guard tasks.count < 2 else { continue }
            found.append((cpu, rate, tasks.first))
        }
        guard let worst = found.max(by: { ($0.perSecond, $1.cpu) < ($1.perSecond, $0.cpu) }) else { return }
        var evidence = "CPU \(worst.cpu): \(Units.rate(worst.perSecond)) timer interrupts/s"
        if let task = worst.task { evidence += ", \(task.name) \(Units.percent(task.cpuShare))" }
        let others = CPUSet(found.map(\.cpu).filter { $0 != worst.cpu })
        if !others.isEmpty { evidence += "; \(others.inWords) too" }
        let events = "/sys/kernel/tracing/events/timer/tick_stop/enable"
        var finding = DoctorFinding(
            .warn, CPUSet(found.map(\.cpu)).inWords, evidence,
            why: """
                something needs the tick: a second task, a POSIX timer, perf, RCU, an unstable clock source, or the fair server of \
                Linux 6.12 and later
                """,
            next: [
                "echo 1 >\(events); sleep 3; echo 0 >\(events); grep -F '[\(digits(worst.cpu))]' /sys/kernel/tracing/trace | tail -5"
            ])
        if box.kernel.isAtLeast(6, 12) == true {
            let server = "/sys/kernel/debug/sched/fair_server/cpu\(worst.cpu)/runtime"
            finding.next.append("echo 0 >\(server)")
            finding.undo = "echo 50000000 >\(server)"
        }
        (finding.isRate, finding.weight, finding.cpus) = (true, worst.perSecond, CPUSet(found.map(\.cpu)))
        findings.append(finding)
    }

    /// The number of a CPU as a trace has it: `006`.
    private static func digits(_ cpu: Int) -> String {
        let text = "\(cpu)"
        return String(repeating: "0", count: max(0, 3 - text.utf8.count)) + text
    }

    /// The interrupts of each CPU's own timer, per second; nil where no row has them.
    private static func timerRates(_ box: Examination) -> [Int: Double]? {
        var rates: [Int: Double] = [:]
        let rows = box.rows("LOC")
        for row in rows { for (cpu, delta) in row.perCPU { rates[cpu, default: 0] += box.perSecond(delta) } }
        let lines = box.lines.filter { $0.mobility == .perCPU && $0.name.lowercased().contains("timer") }
        for line in lines { for (cpu, rate) in line.perCPU { rates[cpu, default: 0] += rate } }
        return rows.isEmpty && lines.isEmpty ? nil : rates
    }
}
