/// Polling of a network card that runs in threads, in places where it disturbs.
enum NAPIThreadCheck: DoctorCheck {
    static let about = CheckText(
        "napi-thread", title: "threads that poll a card may run on isolated CPUs, or before real-time tasks",
        meaning: """
            With threaded polling (threaded is 1) a kernel thread takes packets off a queue instead of the softirq of the CPU that was \
            interrupted. Masks of interrupts do not move such threads: they have CPUs and a priority of their own.
            """,
        reads: ["sys/class/net/*/threaded", "proc/PID/status Cpus_allowed_list of napi/IF-N", "proc/PID/stat"],
        rule: """
            threaded is 1, and a thread napi/IF-N may run on isolated CPUs, or has a real-time priority of at least that of a \
            real-time task of a program on one of its CPUs: a note
            """,
        exceptions: "threaded is 0", trust: "sure", origin: "net/core/dev.c; since Linux 5.12")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard box.interfaces != nil else { throw Unjudged("sys/class/net is not there") }
        var missing: String?
        var found: [DoctorFinding] = []
        for network in box.networks {
            guard let threaded = box.number("\(network.folder)/threaded") else {
                if box.kernel.isAtLeast(5, 12) != false {
                    missing = missing ?? box.problem("\(network.folder)/threaded")
                }
                continue
            }
            guard threaded != 0 else { continue }
            guard let tasks = box.tasks else { throw Unjudged("no processes can be seen in proc") }
            let threads = tasks.filter { $0.isKernel && isThread($0.name, of: network.name) }
            let isolated = try box.requireIsolated()
            if let finding = outside(box, network, threads, isolated) { found.append(finding) }
            if let finding = tooHigh(box, network, threads, tasks) { found.append(finding) }
        }
        findings += found.most("interfaces")
        if let missing { throw Unjudged(missing) }
    }

    /// `napi/eth0-8193`; before 5.17 the kernel shows 15 bytes of a name.
    private static func isThread(_ name: String, of interface: String) -> Bool {
        let prefix = "napi/\(interface)-"
        return name.hasPrefix(prefix) || name.utf8.count == 15 && prefix.hasPrefix(name)
    }

    private static func outside(
        _ box: Examination, _ network: ExaminedInterface, _ threads: [ExaminedTask], _ isolated: CPUSet
    ) -> DoctorFinding? {
        guard !isolated.isEmpty else { return nil }
        let wrong = threads.compactMap { thread -> (task: ExaminedTask, cpus: CPUSet)? in
            guard let allowed = box.allowedCPUs(of: thread)?.intersection(isolated), !allowed.isEmpty else {
                return nil
            }
            return (thread, allowed)
        }
        guard let first = wrong.max(by: { ($0.task.cpuShare ?? 0) < ($1.task.cpuShare ?? 0) }) else { return nil }
        let more = wrong.count > 1 ? "; \(wrong.count - 1) more of \(network.name) likewise" : ""
        let kept = box.cpus.housekeeping
        var finding = DoctorFinding(
            .note, network.name, "\(first.task.name) may run on isolated \(first.cpus.list)\(more)",
            why: "masks of interrupts do not move it",
            next: kept.isEmpty ? [] : wrong.prefix(5).map { "taskset -pc \(kept.list) \($0.task.pid)" })
        (finding.device, finding.cpus) = (network.name, first.cpus)
        return finding
    }

    private static func tooHigh(
        _ box: Examination, _ network: ExaminedInterface, _ threads: [ExaminedTask], _ tasks: [ExaminedTask]
    ) -> DoctorFinding? {
        let programs = tasks.filter { !$0.isKernel && $0.isRealtime }
        guard !programs.isEmpty else { return nil }
        for thread in threads where thread.isRealtime {
            let allowed = box.allowedCPUs(of: thread) ?? CPUSet([thread.lastCPU])
            let beaten = programs.filter {
                allowed.contains($0.lastCPU) && $0.realtimePriority <= thread.realtimePriority
            }
            guard let program = beaten.max(by: { $0.realtimePriority < $1.realtimePriority }) else { continue }
            var finding = DoctorFinding(
                .note, network.name,
                "\(thread.name) \(thread.policyText) runs before \(program.name) \(program.policyText) on CPU \(program.lastCPU)",
                why: "the program waits while packets are taken",
                next: program.realtimePriority > 1
                    ? ["chrt -f -p \(program.realtimePriority - 1) \(thread.pid)"]
                    : ["chrt -o -p 0 \(thread.pid)"])
            finding.undo = "chrt -f -p \(thread.realtimePriority) \(thread.pid)"
            (finding.device, finding.cpus) = (network.name, CPUSet([program.lastCPU]))
            return finding
        }
        return nil
    }
}
