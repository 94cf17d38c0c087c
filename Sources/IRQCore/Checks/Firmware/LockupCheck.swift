/// CPUs that were stuck.
enum LockupCheck: DoctorCheck {
    /// So soon after the box slept it says nothing, in seconds.
    static let resumeSeconds = 60.0

    static let about = CheckText(
        "lockup", title: "a CPU was stuck",
        meaning: """
            The kernel watches each of its CPUs. If one runs no task for twenty seconds, or does not even take interrupts, it says \
            so: a storm of interrupts, a driver that waits for a broken device, or a lock.
            """,
        reads: ["dmesg"],
        rule: """
            a soft or hard lockup or a stall of RCU in the log of this boot; the list of most frequent interrupts below it names \
            the line
            """,
        exceptions: "within a minute after the box woke from sleep, or after a guest was paused",
        trust: "the list is there only with IRQ_TIME_ACCOUNTING; a host that pauses its guest makes such lines too",
        origin: "kernel/watchdog.c, kernel/rcu/tree_stall.h")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let log = try box.requireLog()
        var stuck: [(cpu: Int?, words: String)] = []
        var irqs: [(irq: Int, count: Int)] = []
        var (wokenAt, isList): (Double?, Bool) = (nil, false)
        for line in log {
            let text = line.text
            if isWakeUp(text) { wokenAt = line.seconds }
            let isSoon = wokenAt.flatMap { woken in line.seconds.map { $0 - woken <= resumeSeconds } } ?? false
            if let found = lockup(text), !isSoon { stuck.append(found) }
            if text.has("Most frequent HardIRQs") {
                isList = !isSoon
            } else if isList, let irq = text.number(after: "irq#") {
                irqs.append((irq, text.number(after: ": ") ?? 0))
            }
        }
        guard !stuck.isEmpty || !irqs.isEmpty else { return }
        let cpus = CPUSet(stuck.compactMap(\.cpu))
        var evidence = stuck.last?.words ?? "a CPU was in interrupts for most of the time"
        let most = irqs.max { $0.count < $1.count }
        if let most {
            evidence += ", irq \(most.irq) came \(Units.rate(Double(most.count))) times"
        }
        if stuck.count > 1 { evidence += "; \(stuck.count) such lines" }
        var next = ["dmesg | grep -B3 -A30 -iE 'lockup|stall'"]
        if let most {
            next.insert("irqscope record --irq \(most.irq) --duration 5s -o - | irqscope report", at: 0)
        }
        var finding = DoctorFinding(
            .crit, cpus.isEmpty ? "CPUs" : cpus.inWords, evidence,
            why: "nothing else ran there; what waited for that CPU waited as long", next: next)
        (finding.weight, finding.cpus, finding.lines) = (Double(stuck.count), cpus, Set(most.map { [$0.irq] } ?? []))
        findings.append(finding)
    }

    private static func lockup(_ text: String) -> (cpu: Int?, words: String)? {
        if text.has("BUG: soft lockup - CPU#") {
            let cpu = text.number(after: "soft lockup - CPU#") ?? 0
            return (cpu, "CPU \(cpu) stuck" + (text.number(after: "stuck for ").map { " \($0) s" } ?? ""))
        }
        if text.has("Watchdog detected hard LOCKUP on cpu ") {
            let cpu = text.number(after: "hard LOCKUP on cpu ") ?? 0
            return (cpu, "CPU \(cpu) stuck, interrupts off")
        }
        if text.has("self-detected stall on CPU") { return (nil, "RCU: a CPU stalled") }
        return text.has("detected stalls on CPUs/tasks") ? (nil, "RCU: CPUs or tasks stalled") : nil
    }

    private static func isWakeUp(_ text: String) -> Bool {
        text.has("suspend exit") || text.has("hibernation exit") || text.has("Restarting tasks")
    }
}
