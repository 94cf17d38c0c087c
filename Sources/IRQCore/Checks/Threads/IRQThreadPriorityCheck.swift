/// Threads of handlers that cannot run because something of their priority or above has their CPU.
enum IRQThreadPriorityCheck: DoctorCheck {
    /// The share of the thread's CPU that another task must take.
    static let takenShare = 0.5

    static let about = CheckText(
        "irq-thread-prio", title: "a real-time task keeps the thread of a handler from running",
        meaning: """
            Under PREEMPT_RT and with threadirqs handlers run in threads, of FIFO 50 from the start. A real-time task of that priority or \
            above on the same CPU comes first: the device waits as long as the task computes. A thread that is no real-time one waits for all.
            """,
        reads: [
            "proc/PID/stat fields 14, 15, 39, 40, 41", "proc/PID/status of irq/N-x", "proc/version", "proc/cmdline",
        ],
        rule: """
            PREEMPT_RT or threadirqs, and a FIFO or RR task of a priority that is not below the thread's takes half or more of the \
            thread's CPU, or the thread is no real-time one: a warning
            """,
        exceptions: "a program that polls the device of that interrupt itself",
        trust: "handlers with IRQF_NO_THREAD, per-CPU and ONESHOT ones get no forced thread",
        origin: "kernel/irq/manage.c")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        if box.kernel.isRealtime == nil, box.kernel.commandLine == nil {
            throw Unjudged("neither proc/version nor proc/cmdline tells if handlers run in threads")
        }
        guard box.kernel.areHandlersThreaded else { return }
        let threads = try box.handlerThreads()
        var found: [DoctorFinding] = []
        var unmeasured: ExaminedTask?
        for thread in threads {
            if !thread.task.isRealtime {
                // DEADLINE comes before all of them.
                if thread.task.policy != 6 { found.append(ordinary(box, thread)) }
                continue
            }
            let (cpu, rivals) = rivals(box, thread)
            unmeasured = unmeasured ?? rivals.first { $0.cpuShare == nil }
            guard let most = rivals.max(by: { ($0.cpuShare ?? 0) < ($1.cpuShare ?? 0) }),
                let share = most.cpuShare, share >= takenShare
            else { continue }
            found.append(starved(box, thread, most, share, cpu))
        }
        findings += found.most("threads")
        if let unmeasured { throw box.shareIsUnknown(of: unmeasured) }
    }

    /// The CPU of a thread, and the real-time tasks there that come first.
    private static func rivals(_ box: Examination, _ thread: HandlerTask) -> (cpu: Int, tasks: [ExaminedTask]) {
        let allowed = box.allowedCPUs(of: thread.task)
        let cpu = allowed?.count == 1 ? allowed?.lowest ?? thread.task.lastCPU : thread.task.lastCPU
        let tasks = (box.tasks ?? []).filter {
            $0.isRealtime && $0.lastCPU == cpu && $0.pid != thread.task.pid
                && $0.realtimePriority >= thread.task.realtimePriority
        }
        return (cpu, tasks)
    }

    private static func starved(
        _ box: Examination, _ thread: HandlerTask, _ task: ExaminedTask, _ share: Double, _ cpu: Int
    ) -> DoctorFinding {
        let line = box.line(thread.irq)
        var finding = DoctorFinding(
            .warn, line?.title ?? "irq \(thread.irq)",
            "\(thread.task.name) \(thread.task.policyText) waits for \(task.name) \(task.policyText)"
                + " (\(Units.percent(share)) of CPU \(cpu))",
            why: "a task of its priority or above is not interrupted by it",
            next: [])
        if task.realtimePriority < 98 {
            let wanted = min(max(task.realtimePriority + 5, 85), 98)
            finding.next = ["chrt -f -p \(wanted) \(thread.task.pid)"]
            finding.undo = "chrt -f -p \(thread.task.realtimePriority) \(thread.task.pid)"
        }
        let others = box.cpus.housekeeping.subtracting(CPUSet([cpu]))
        if let line, line.mobility.isFree, let other = others.lowest {
            finding.next.append("# or to another CPU: echo \(other) >/proc/irq/\(line.irq)/smp_affinity_list")
        }
        finding.lines = [thread.irq]
        finding.cpus = CPUSet([cpu])
        finding.weight = share
        return finding
    }

    private static func ordinary(_ box: Examination, _ thread: HandlerTask) -> DoctorFinding {
        var finding = DoctorFinding(
            .warn, box.line(thread.irq)?.title ?? "irq \(thread.irq)",
            "\(thread.task.name) is \(thread.task.policyText): it waits for all other tasks of its CPU",
            why: "the kernel starts it with FIFO 50; somebody changed that",
            next: ["chrt -f -p 50 \(thread.task.pid)"])
        finding.lines = [thread.irq]
        return finding
    }
}
