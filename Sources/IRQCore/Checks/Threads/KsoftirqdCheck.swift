/// A ksoftirqd that takes much of its CPU: softirqs do not keep up. The verdict is that of `alert` (`SoftirqCheck`).
enum KsoftirqdCheck: DoctorCheck {
    static let about = CheckText(
        "ksoftirqd-busy", title: "deferred work of interrupts piles up",
        meaning: """
            What a handler leaves for later runs as a softirq. If more comes than is done at once, the kernel hands it to the thread \
            ksoftirqd of that CPU, which then waits for its turn beside programs: packets and requests wait with it.
            """,
        reads: ["proc/PID/stat fields 14 and 15 of ksoftirqd/N", "proc/softirqs"],
        rule: "its share of the CPU: critical from 90 %, a warning from 50 %",
        exceptions: "on PREEMPT_RT and with threadirqs all softirqs run there: a note below 90 %",
        trust: "exact; the kernel counts it by ticks", origin: "kernel/softirq.c")
    static let causes = [
        "one-cpu-device", "storm-line", "storm-acpi", "one-cpu-all", "queues-few", "rps-mask", "queue-skew",
        "blk-queues",
    ]

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard box.tasks?.contains(where: { $0.isKernel && $0.name.hasPrefix("ksoftirqd/") }) == true else {
            throw Unjudged("no ksoftirqd can be seen in proc")
        }
        var found: [DoctorFinding] = []
        for verdict in box.verdicts(.softirq, .ksoftirqd) {
            guard let cpu = verdict.subject.cpu, var severity = DoctorSeverity(verdict.level),
                let share = verdict.evidence.ksoftirqdShare
            else { continue }
            if box.kernel.areHandlersThreaded, severity < .crit { severity = .note }
            var evidence = "ksoftirqd/\(cpu) \(Units.percent(share)) of CPU \(cpu)"
            if let name = verdict.evidence.softirq, let rate = box.softirqRate(name, cpu: cpu) {
                evidence += ", \(name) \(Units.rate(rate))/s"
            }
            var finding = DoctorFinding(
                severity, "CPU \(cpu)", evidence, why: "more deferred work comes than this CPU does beside it",
                next: ["irqscope record --cpu \(cpu) --duration 5s -o - | irqscope report"])
            (finding.isRate, finding.weight, finding.cpus) = (true, share, CPUSet([cpu]))
            found.append(finding)
        }
        findings += found.most("CPUs")
    }
}
