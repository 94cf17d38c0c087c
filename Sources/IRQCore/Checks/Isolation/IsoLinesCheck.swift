/// Interrupts of devices on CPUs that were set aside.
enum IsoLinesCheck: DoctorCheck {
    /// The rate on isolated CPUs from which on a line is felt, per second.
    static let leastPerSecond = 1.0

    static let about = CheckText(
        "iso-lines", title: "devices interrupt isolated CPUs",
        meaning: """
            isolcpus=, nohz_full= and cpuset partitions keep tasks and ticks away from CPUs, but no interrupts: drivers spread their \
            queues over all CPUs that are online. Each interrupt takes the CPU away from the program that it was set aside for.
            """,
        reads: [
            "proc/interrupts", "proc/irq/N/effective_affinity", "sys/devices/system/cpu/isolated",
            "sys/devices/system/cpu/nohz_full",
            "sys/fs/cgroup/cpuset.cpus.isolated",
        ],
        rule: """
            a line whose mask can be written comes once a second or more on isolated CPUs, or on those of --latency-cpus: a warning; it \
            comes elsewhere, less often or not at all, but may come there: a note
            """,
        exceptions: """
            lines of vfio, which a guest takes; a line with a mask of one CPU on which a real-time task is pinned, which may wait for it: a \
            note; managed lines, which blk-isolated is about
            """,
        trust: "counts are deliveries: exact",
        origin: "drivers/virtio/virtio_net.c; Xilinx-CNS/onload#50, seapath/ansible#865")
    static let causes = ["irqbalance-bans", "irqbalance-moves", "irqbalance-conflict"]

    static let needsCPUs = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let isolated = try box.requireIsolated()
        guard !isolated.isEmpty else { return }
        let lines = box.lines.filter { $0.mobility.isFree && !isPassedOn($0) }
        let pinned = pinnedTasks(box, isolated)
        var devices: [(name: String, lines: [ExaminedLine])] = []
        var kept: [(line: ExaminedLine, task: String)] = []
        var possible: [ExaminedLine] = []
        for line in lines {
            if line.isKnown, line.perSecond(on: isolated) >= leastPerSecond {
                if let task = waiter(line, pinned, lines, isolated) {
                    kept.append((line, task))
                    continue
                }
                let name = line.parts.links.first ?? line.device?.title ?? line.queue?.owner ?? line.name
                if let place = devices.firstIndex(where: { $0.name == name }) {
                    devices[place].lines.append(line)
                } else {
                    devices.append((name, [line]))
                }
            } else if let effective = line.effective, !effective.isDisjoint(with: isolated) {
                possible.append(line)
            }
        }
        findings += devices.map { busy($0.name, $0.lines, isolated, box) }.most("devices")
        if !kept.isEmpty { findings.append(note(kept, isolated)) }
        if !possible.isEmpty { findings.append(waiting(possible, isolated, box)) }
        try box.requireMasks()
    }

    private static func isPassedOn(_ line: ExaminedLine) -> Bool {
        (line.details.actions ?? []).contains { $0.hasPrefix("vfio") }
            || line.details.devices.contains { $0.driver?.hasPrefix("vfio") == true }
    }

    /// The real-time tasks of user space that may run on one isolated CPU only, by that CPU.
    private static func pinnedTasks(_ box: Examination, _ isolated: CPUSet) -> [Int: String] {
        var result: [Int: String] = [:]
        for task in box.tasks ?? [] where !task.isKernel && task.isRealtime && isolated.contains(task.lastCPU) {
            guard let allowed = box.allowedCPUs(of: task), allowed.count == 1, let cpu = allowed.lowest else {
                continue
            }
            result[cpu] = task.name
        }
        return result
    }

    /// The task that a line was put beside, as far as that shows: the line has that CPU alone, its driver did not wish that, and no
    /// other line of its device is on an isolated CPU without such a task.
    private static func waiter(
        _ line: ExaminedLine, _ pinned: [Int: String], _ lines: [ExaminedLine], _ isolated: CPUSet
    ) -> String? {
        guard let mask = line.mask, mask.count == 1, let cpu = mask.lowest, let task = pinned[cpu],
            line.details.affinityHint != mask
        else { return nil }
        let isAmongOthers = lines.contains { other in
            guard other.irq != line.irq, line.deviceKey != nil, other.deviceKey == line.deviceKey,
                let place = other.effective, !place.isDisjoint(with: isolated)
            else { return false }
            return !place.cpus.allSatisfy { pinned[$0] != nil }
        }
        return isAmongOthers ? nil : task
    }

    private static func busy(
        _ name: String, _ lines: [ExaminedLine], _ isolated: CPUSet, _ box: Examination
    ) -> DoctorFinding {
        let ordered = lines.sorted {
            ($0.perSecond(on: isolated), $1.irq) > ($1.perSecond(on: isolated), $0.irq)
        }
        let cpus = lines.reduce(CPUSet()) { $0.union($1.servedOn.intersection(isolated)) }
        let sum = lines.reduce(0) { $0 + $1.perSecond(on: isolated) }
        var evidence = ""
        if let first = ordered.first {
            let own = first.servedOn.intersection(isolated)
            let place = own.count == 1 ? "CPU" : "CPUs"
            evidence = "\(first.name): \(Units.rate(first.perSecond(on: isolated)))/s on isolated \(place) \(own.list)"
        }
        if lines.count > 1 { evidence += "; \(lines.count) lines of \(name) \(Units.rate(sum))/s on \(cpus.inWords)" }
        let device = lines.contains { $0.queue != nil } ? name : nil
        let commands = box.affinityCommands("isolate", device: device)
        var finding = DoctorFinding(
            .warn, name, evidence,
            why: "drivers spread over all CPUs that are online; isolation does not keep interrupts away",
            next: commands.next)
        (finding.undo, finding.isRate, finding.weight) = (commands.undo, true, sum)
        (finding.lines, finding.cpus, finding.device) = (Set(lines.map(\.irq)), cpus, name)
        return finding
    }

    private static func note(_ kept: [(line: ExaminedLine, task: String)], _ isolated: CPUSet) -> DoctorFinding {
        let parts = kept.map { item in
            let cpu = item.line.mask?.list ?? ""
            return
                "\(item.line.name): \(Units.rate(item.line.perSecond(on: isolated)))/s on isolated CPU \(cpu), where \(item.task) is pinned"
        }
        var finding = DoctorFinding(
            .note, kept.count == 1 ? kept[0].line.title : "\(kept.count) lines", NameList.few(parts),
            why: "it has that CPU alone, so it was most likely put there for the program that waits for it")
        finding.isRate = true
        finding.lines = Set(kept.map(\.line.irq))
        for item in kept { finding.cpus = finding.cpus.union(item.line.mask ?? CPUSet()) }
        return finding
    }

    private static func waiting(_ lines: [ExaminedLine], _ isolated: CPUSet, _ box: Examination) -> DoctorFinding {
        let cpus = lines.reduce(CPUSet()) { $0.union(($1.effective ?? CPUSet()).intersection(isolated)) }
        let parts = Presence.allCases.compactMap { presence in
            let names = lines.filter { Presence($0, isolated) == presence }.map(\.title)
            return names.isEmpty ? nil : "\(NameList.few(names)): \(presence.rawValue)"
        }
        let commands = box.affinityCommands("isolate", device: nil)
        var finding = DoctorFinding(
            .note, lines.count == 1 ? lines[0].title : "\(lines.count) lines",
            "\(parts.joined(separator: "; ")), but may come to isolated \(cpus.inWords)",
            why: "an interrupt of such a line that comes there disturbs what the CPU was set aside for",
            next: commands.next)
        finding.undo = commands.undo
        (finding.lines, finding.cpus) = (Set(lines.map(\.irq)), cpus)
        return finding
    }

    /// The words for a line that may come to isolated CPUs and does not come there often.
    private enum Presence: String, CaseIterable {
        case rare = "less than once a second on isolated CPUs now"
        case elsewhere = "comes to other CPUs now"
        case silent = "silent now"
        case unknown = "how often it comes is unknown"

        init(_ line: ExaminedLine, _ isolated: CPUSet) {
            guard line.isKnown else {
                self = .unknown
                return
            }
            // None is none, whatever the time in which it was counted.
            let isElsewhere = line.servedOn.isDisjoint(with: isolated)
            self = line.delta == 0 ? .silent : isElsewhere ? .elsewhere : .rare
        }
    }
}
