/// Threads of handlers that may run where their interrupt does not come.
enum IRQThreadMaskCheck: DoctorCheck {
    static let about = CheckText(
        "irq-thread-mask", title: "threads of handlers may run where their interrupts do not come",
        meaning: """
            The thread of a handler follows its interrupt: the kernel gives it the CPUs that the controller has. Others may write its mask \
            too, and then it runs on CPUs that were to be left alone, or far from its data.
            """,
        reads: ["proc/PID/status Cpus_allowed_list of irq/N-x", "proc/irq/N/effective_affinity"],
        rule: "they differ: a warning on a box with isolated CPUs, PREEMPT_RT or threadirqs, else a note",
        exceptions: """
            effective_affinity is empty; a line that was moved and has not come since, whose thread follows when it does
            """,
        trust: """
            any change of a cpuset partition writes the CPUs of the root group into all such threads, and taking it back does not; \
            or taskset, tuna, tuned; or a chip that does not tell the kernel what it did
            """,
        origin: "kernel/irq/manage.c, kernel/cgroup/cpuset.c (measured on 6.1 and 6.12); raspberrypi/linux#7301")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        var missing: String?
        var wrong: [Wrong] = []
        for thread in try box.handlerThreads() {
            guard let line = box.line(thread.irq) else { continue }
            guard let told = line.details.effectiveAffinity else {
                missing = missing ?? box.problem("proc/irq/\(thread.irq)/effective_affinity")
                continue
            }
            guard !told.isEmpty else { continue }
            guard let allowed = box.allowedCPUs(of: thread.task) else {
                missing = missing ?? "\(thread.task.folder)/status does not tell the CPUs of \(thread.task.name)"
                continue
            }
            guard allowed != told, online(box, allowed) != online(box, told) else { continue }
            // A line that was moved and has not come since: its thread follows when it does.
            if allowed.count == 1, line.delta == 0, line.isKnown { continue }
            wrong.append(Wrong(thread: thread, line: line, allowed: allowed, effective: told))
        }
        if let finding = finding(box, wrong) { findings.append(finding) }
        if let missing { throw Unjudged(missing) }
    }

    private struct Wrong {
        let thread: HandlerTask
        let line: ExaminedLine
        let allowed, effective: CPUSet
    }

    private static func online(_ box: Examination, _ cpus: CPUSet) -> CPUSet {
        box.cpus.online.isEmpty ? cpus : cpus.intersection(box.cpus.online)
    }

    private static func finding(_ box: Examination, _ wrong: [Wrong]) -> DoctorFinding? {
        let sorted = wrong.sorted { ($1.line.perSecond, $0.thread.irq) < ($0.line.perSecond, $1.thread.irq) }
        guard let first = sorted.first else { return nil }
        var evidence =
            "\(first.thread.task.name) may run on \(first.allowed.list), its interrupt comes to \(first.effective.list)"
        if sorted.count > 1 {
            let named = sorted.dropFirst().prefix(3).map { $0.thread.task.name }.joined(separator: ", ")
            evidence +=
                "; \(sorted.count - 1) more \(sorted.count == 2 ? "thread" : "threads") likewise: \(named)"
                + (sorted.count > 4 ? ", …" : "")
        }
        let isGrave = !box.cpus.isolated.isEmpty || box.kernel.areHandlersThreaded
        var finding = DoctorFinding(
            isGrave ? .warn : .note, first.line.title, evidence,
            why: "the mask of the interrupt does not hold its thread: it may run on any of these CPUs",
            next: commands(sorted))
        finding.lines = Set(sorted.map(\.thread.irq))
        finding.cpus = first.allowed.subtracting(first.effective)
        finding.weight = first.line.perSecond
        return finding
    }

    /// Writing a mask once more makes the kernel set the thread's, with the next interrupt; masks of managed lines cannot be written.
    private static func commands(_ wrong: [Wrong]) -> [String] {
        let free = Set(wrong.filter { !$0.line.mobility.isManaged && $0.line.mobility != .fixed }.map(\.thread.irq))
            .sorted()
        var result: [String] = []
        if free.count == 1 {
            result.append("cat /proc/irq/\(free[0])/smp_affinity >/proc/irq/\(free[0])/smp_affinity")
        } else if free.count > 1 {
            let list = free.map { "\($0)" }.joined(separator: " ")
            result.append(
                "for n in \(list); do cat /proc/irq/$n/smp_affinity >/proc/irq/$n/smp_affinity; done")
        }
        if !free.isEmpty { result.append("# a thread follows with the next interrupt of its line") }
        for other in wrong.filter({ !free.contains($0.thread.irq) }).prefix(5) {
            result.append("taskset -pc \(other.effective.list) \(other.thread.task.pid)")
        }
        return result
    }
}
