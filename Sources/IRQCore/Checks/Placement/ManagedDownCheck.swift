/// A managed line all of whose CPUs are offline: its queue is shut down.
enum ManagedDownCheck: DoctorCheck {
    static let about = CheckText(
        "managed-down", title: "a managed line has no CPU left",
        meaning: """
            The kernel spreads managed lines over all CPUs at boot. When the last CPU of such a line goes offline, the line is shut \
            down and its queue is not used, until a CPU comes back. Requests that were in the queue then may hang.
            """,
        reads: [
            "proc/irq/N/smp_affinity", "sys/devices/system/cpu/online", "sys/devices/system/cpu/present", "dmesg",
            "proc/PID/stat",
        ],
        rule: """
            the line is managed and no CPU of its mask is online: a note; critical where the log has a request of that queue that \
            timed out, or a task waits for a device (state D) in both samples
            """,
        exceptions:
            "CPUs that were never there, or that are offline because hyperthreading is switched off: the queue is off by design",
        trust: "requests that hang show as tasks in state D and as `I/O n QID m timeout`",
        origin: "kernel/irq/cpuhotplug.c, block/blk-mq.c")
    private static let system = "sys/devices/system/cpu"

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let managed = box.lines.filter { $0.mobility.isManaged }
        guard !managed.isEmpty else { return try box.requireMasks() }
        guard box.list("\(system)/online") != nil else {
            _ = try box.require("\(system)/online")
            throw Unjudged("\(system)/online holds no list")
        }
        try box.requireMasks()
        let down = managed.filter { line in
            line.mask.map { !$0.isEmpty && $0.isDisjoint(with: box.cpus.online) } ?? false
        }
        guard !down.isEmpty else { return }
        let waiting = waitingTasks(box)
        let threads = box.text("\(system)/smt/control")
        let isByDesign = threads == "off" || threads == "forceoff"
        let present = box.list("\(system)/present")
        var found: [DoctorFinding] = []
        for line in down {
            guard let mask = line.mask else { continue }
            let timeouts = timeouts(line, box)
            let isStuck = !timeouts.isEmpty || !waiting.isEmpty
            if !isStuck, isByDesign || present.map({ $0.isDisjoint(with: mask) }) == true { continue }
            var evidence = "\(line.name): mask \(mask.list) is offline, its queue too"
            if let last = timeouts.last { evidence += "; \(timeouts.count) in the log: \(last)" }
            if timeouts.isEmpty, !waiting.isEmpty {
                evidence += "; waiting for a device: \(NameList.few(waiting, limit: 3))"
            }
            let cpu = mask.cpus.first { present?.contains($0) ?? true }
            var finding = DoctorFinding(
                isStuck ? .crit : .note, line.title, evidence,
                why: "a managed line goes down with its last CPU, and comes back with it",
                next: cpu.map { ["echo 1 >/\(system)/cpu\($0)/online"] } ?? [])
            finding.undo = cpu.map { "echo 0 >/\(system)/cpu\($0)/online" }
            (finding.lines, finding.cpus, finding.device) = ([line.irq], mask, line.device?.title)
            found.append(finding)
        }
        findings += found.most("lines")
    }

    /// The tasks that wait for a device in both samples.
    private static func waitingTasks(_ box: Examination) -> [String] {
        guard let earlier = box.earlier else { return [] }
        return (box.tasks ?? []).filter { task in
            guard task.state == "D", let text = earlier.read("\(task.folder)/stat").text else { return false }
            return ExaminedTask(stat: text, process: task.process)?.state == "D"
        }.map(\.name)
    }

    /// The log's words about requests of the line's queue that were not answered in time.
    private static func timeouts(_ line: ExaminedLine, _ box: Examination) -> [String] {
        guard let queue = line.queue, let log = box.log else { return [] }
        return log.map(\.text).filter { text in
            guard text.contains("timeout"), text.contains("I/O"), text.contains(queue.owner) else { return false }
            guard let number = queue.number, text.contains("QID ") else { return true }
            return text.contains("QID \(number) ") || text.contains("QID \(number),") || text.hasSuffix("QID \(number)")
        }
    }
}
