/// A kernel that does not count the time of hard interrupts.
enum IRQTimeHiddenCheck: DoctorCheck {
    /// Before this nothing may have come, in seconds after boot.
    static let leastUptimeSeconds = 3600.0

    static let about = CheckText(
        "irqtime-hidden", title: "the time of hard interrupts is not counted",
        meaning: """
            Many kernels, those of Debian among them, book the time of handlers on whatever was interrupted: /proc/stat shows no \
            hard interrupts, and a busy line looks like a busy program.
            """,
        reads: ["proc/stat field 6", "proc/uptime", "boot/config-RELEASE"],
        rule: "field 6 is 0 on all CPUs an hour after boot",
        exceptions: "with VIRT_CPU_ACCOUNTING_GEN it is counted on nohz_full CPUs only",
        trust: "sure", origin: "kernel/sched/cputime.c (IRQ_TIME_ACCOUNTING)")

    static let isBackground = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let times = ProcStatTimes(try box.require("proc/stat")).cpus
        guard !times.isEmpty else { throw Unjudged("proc/stat has no lines of CPUs") }
        guard let uptime = box.uptimeSeconds else { throw Unjudged("proc/uptime does not tell how long the box runs") }
        guard uptime >= leastUptimeSeconds, times.allSatisfy({ $0.times.count > 5 && $0.times[5] == 0 }) else { return }
        var evidence = "this kernel does not account interrupt time"
        let isNotSet =
            box.text("boot/config-\(box.kernel.release)")?.has("# CONFIG_IRQ_TIME_ACCOUNTING is not set") == true
        if isNotSet { evidence += " (IRQ_TIME_ACCOUNTING is not set)" }
        findings.append(
            DoctorFinding(
                .note, "kernel", evidence,
                why: "checks go by softirqs, ksoftirqd and rates instead; what handlers take is seen by a look at them",
                next: ["irqscope record --duration 5s -o - | irqscope report"]))
    }
}
