/// Real-time tasks that leave a CPU nothing, and the limit that is to prevent that.
enum RTThrottleCheck: DoctorCheck {
    /// The share of a CPU that a real-time task takes who leaves nothing. Ticks tell 95 % as a little less.
    static let spinShare = 0.949
    /// The share of ksoftirqd that is work.
    static let workShare = 0.01

    static let about = CheckText(
        "rt-throttle", title: "a real-time task takes a whole CPU that has other work too",
        meaning: """
            A FIFO task that never sleeps lets nothing else run on its CPU: no softirqs that were handed to ksoftirqd, no workers. The \
            kernel leaves 50 ms of each second to others (sched_rt_runtime_us 950000), unless that is switched off with -1.
            """,
        reads: [
            "proc/sys/kernel/sched_rt_runtime_us", "dmesg: sched: RT throttling activated", "proc/PID/stat",
            "proc/interrupts",
        ],
        rule: """
            the kernel's message: a warning. A FIFO task that takes 95 % or more of a CPU with lines of devices or work for ksoftirqd: a \
            warning where sched_rt_runtime_us is -1, else a note
            """,
        trust: "sure; kernels from 6.12 on have another way to let others run (fair server), and no such message",
        origin: "kernel/sched/rt.c, deadline.c")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let spinners = spinners(box)
        if let line = box.logLines(with: "sched: RT throttling activated")?.last {
            findings.append(throttled(box, line, spinners))
        }
        let path = "proc/sys/kernel/sched_rt_runtime_us"
        let text = try box.require(path)
        guard let limit = Int(text) else { throw Unjudged("\(path) holds no number") }
        guard let tasks = box.tasks else { throw Unjudged("no processes can be seen in proc") }
        var found: [DoctorFinding] = []
        for task in spinners where hasOtherWork(box, task.lastCPU) { found.append(spinning(box, task, limit)) }
        findings += found.most("tasks")
        if let task = tasks.first(where: { $0.policy == 1 && !$0.isKernel && $0.cpuShare == nil }) {
            throw box.shareIsUnknown(of: task)
        }
    }

    private static func spinners(_ box: Examination) -> [ExaminedTask] {
        (box.tasks ?? []).filter { $0.policy == 1 && ($0.cpuShare ?? 0) >= spinShare }
    }

    /// True if lines of devices come to a CPU or are set to, or softirqs wait there.
    private static func hasOtherWork(_ box: Examination, _ cpu: Int) -> Bool {
        if !box.lines(on: cpu).isEmpty { return true }
        if (box.seen.cpus[cpu]?.ksoftirqdShare ?? 0) >= workShare { return true }
        return box.lines.contains { line in
            line.mobility != .perCPU && line.mobility != .chained && line.total > 0
                && line.effective == CPUSet([cpu])
        }
    }

    private static func spinning(_ box: Examination, _ task: ExaminedTask, _ limit: Int) -> DoctorFinding {
        let cpu = task.lastCPU
        let share = Units.percent(task.cpuShare)
        let isOff = limit < 0
        let rest = isOff ? "nothing else runs there" : "others get what is left of each second"
        var finding = DoctorFinding(
            isOff ? .warn : .note, "CPU \(cpu)",
            "\(task.name) \(task.policyText) takes \(share) of CPU \(cpu); sched_rt_runtime_us \(limit): \(rest)",
            why: "interrupts of devices come to that CPU, and what they leave for later waits for the task", next: [])
        finding.next =
            (isOff ? ["sysctl kernel.sched_rt_runtime_us=950000"] : []) + box.isolateCommands(with: cpu)
        if isOff { finding.undo = "sysctl kernel.sched_rt_runtime_us=\(limit)" }
        (finding.cpus, finding.weight) = (CPUSet([cpu]), task.cpuShare ?? 0)
        return finding
    }

    private static func throttled(_ box: Examination, _ line: LogLine, _ spinners: [ExaminedTask]) -> DoctorFinding {
        var evidence = "the kernel stopped real-time tasks for a while (sched: RT throttling activated)"
        if let seconds = line.seconds { evidence += " at \(Units.fixed(seconds, 0)) s after boot" }
        let most = spinners.max { ($0.cpuShare ?? 0) < ($1.cpuShare ?? 0) }
        if let most {
            evidence += "; \(most.name) \(most.policyText) takes \(Units.percent(most.cpuShare)) of CPU \(most.lastCPU)"
        }
        var finding = DoctorFinding(
            .warn, "RT throttling", evidence, why: "a real-time task ran for 950 ms of a second without sleeping",
            next: [
                "ps -eLo pid,tid,class,rtprio,psr,pcpu,comm --sort=-pcpu",
                "# let that task sleep, or keep all interrupts off its CPU and leave the limit at 950000",
            ])
        finding.device = "RT throttling"
        if let most { finding.cpus = CPUSet([most.lastCPU]) }
        return finding
    }
}
