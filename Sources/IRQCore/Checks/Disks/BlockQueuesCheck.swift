/// Queues of a disk that one CPU serves, or too few of them.
enum BlockQueuesCheck: DoctorCheck {
    /// A disk with less than one interrupt a second says nothing.
    static let leastPerSecond = 1.0
    /// The part of the CPUs below which queues are few, and the rate from which on that matters.
    static let (fewPart, fewPerSecond) = (4, 1_000.0)

    static let about = CheckText(
        "blk-queues", title: "one CPU serves all queues of a disk, or they are few",
        meaning: """
            A fast disk has a queue for each CPU or for some of them, and the interrupt of a queue comes to a CPU of its own. Where all \
            come to one CPU whatever their masks say, that CPU finishes the requests of all others.
            """,
        reads: ["proc/interrupts", "proc/irq/N/smp_affinity", "sys/block/*/mq/N/cpu_list", "proc/stat"],
        rule: """
            two or more queues had interrupts, all on one CPU, though their masks differ: a warning. Fewer queues than a quarter of the \
            CPUs, and the CPU that serves most spends 70 % or more in interrupts and softirqs: a note
            """,
        exceptions: "one busy program uses the queue of its CPU: then one queue has all",
        trust: "exact", origin: "scylladb/scylladb#5181")

    static let needsCPUs = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let disks = queues(box)
        if disks.isEmpty, box.files.names("sys/block") == nil, box.files.names("sys/class/block") == nil {
            throw Unjudged("sys/block is not there, and no line is called as a queue of a disk")
        }
        var found: [DoctorFinding] = []
        var unknown: String?
        for disk in disks {
            do throws(Unjudged) {
                if let finding = try together(disk) {
                    found.append(finding)
                } else if let finding = try few(box, disk) {
                    found.append(finding)
                }
            } catch {
                unknown = unknown ?? error.reason
            }
        }
        findings += found.most("disks")
        if let unknown { throw Unjudged(unknown) }
    }

    /// A disk, or what serves several.
    private struct Disk {
        let name: String
        let lines: [ExaminedLine]
        let queueCount: Int
        var perSecond: Double { lines.reduce(0) { $0 + $1.perSecond } }
    }

    private static func queues(_ box: Examination) -> [Disk] {
        var result: [Disk] = []
        for group in box.groups where group.queues.first?.queue?.kind == .block {
            let owner = group.queues.first?.queue?.owner
            result.append(Disk(name: owner ?? group.title, lines: group.queues, queueCount: group.queueCount))
        }
        let grouped = Set(result.flatMap { $0.lines.map(\.irq) })
        for line in box.lines where !grouped.contains(line.irq) && !line.parts.disks.isEmpty {
            guard !(line.details.actions ?? []).contains(where: { QueueName.isAdmin($0) }) else { continue }
            // A disk tells how many queues it has; without that its one line is one.
            let counts = line.parts.disks.compactMap { disk in
                box.files.names("sys/block/\(disk)/mq").map { $0.count { Int($0) != nil } }
            }
            guard let count = counts.max(), count > 0 else { continue }
            let lines = box.lines.filter { $0.parts.disks == line.parts.disks && !grouped.contains($0.irq) }
            guard lines.first?.irq == line.irq else { continue }
            result.append(Disk(name: line.parts.disks[0], lines: lines, queueCount: count))
        }
        return result
    }

    /// All queues that came, on one CPU.
    private static func together(_ disk: Disk) throws(Unjudged) -> DoctorFinding? {
        let used = disk.lines.filter { $0.delta > 0 }
        guard used.count > 1, disk.perSecond >= leastPerSecond,
            let cpu = used[0].perCPU.first?.cpu, used.allSatisfy({ $0.perCPU.allSatisfy { $0.cpu == cpu } })
        else { return nil }
        let masks = used.compactMap(\.mask)
        guard masks.count == used.count else {
            throw Unjudged("proc/irq/\(used.first { $0.mask == nil }?.irq ?? used[0].irq)/smp_affinity is not there")
        }
        guard let first = masks.first, let other = masks.last(where: { $0 != first }) else { return nil }
        var finding = DoctorFinding(
            .warn, disk.name,
            "\(disk.name): \(used.count) queues, \(Units.rate(disk.perSecond))/s, 100% on CPU \(cpu),"
                + " masks \(first.list) … \(other.list)",
            why: "the controller or the host sends all of them to one CPU, whatever their masks say",
            next: [
                "irqscope list",
                "# a fault of the hypervisor or the kernel: newer versions of both; reading by polling (nvme.poll_queues=) needs programs"
                    + " that use io_uring with IOPOLL",
            ])
        finish(&finding, disk, cpu)
        return finding
    }

    private static func few(_ box: Examination, _ disk: Disk) throws(Unjudged) -> DoctorFinding? {
        let count = box.cpus.online.count
        guard disk.queueCount * fewPart < count, disk.perSecond >= fewPerSecond else { return nil }
        try box.requireTimes()
        var rates: [Int: Double] = [:]
        for line in disk.lines { for (cpu, rate) in line.perCPU { rates[cpu, default: 0] += rate } }
        guard let most = rates.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
            let share = box.interruptShare(most.key), share >= QueuesFewCheck.busyShare
        else { return nil }
        let all = box.lines(on: most.key).reduce(0) { $0 + $1.perSecond }
        guard most.value >= all * QueuesFewCheck.ownShare else { return nil }
        var finding = DoctorFinding(
            .note, disk.name,
            "\(disk.name): \(disk.queueCount) queue\(disk.queueCount == 1 ? "" : "s") for \(count) CPUs,"
                + " CPU \(most.key) \(box.interruptWords(most.key))",
            why: "one CPU finishes the requests of many",
            next: [
                "# more queues: a guest gets them from its host (num-queues=), others by an option of the driver (modinfo -p)"
            ])
        finish(&finding, disk, most.key)
        return finding
    }

    private static func finish(_ finding: inout DoctorFinding, _ disk: Disk, _ cpu: Int) {
        (finding.isRate, finding.weight, finding.device) = (true, disk.perSecond, disk.name)
        (finding.cpus, finding.lines) = (CPUSet([cpu]), Set(disk.lines.map(\.irq)))
    }
}
