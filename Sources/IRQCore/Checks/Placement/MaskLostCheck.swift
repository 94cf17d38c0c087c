/// A queue whose mask is unlike those of its siblings: something took it away.
enum MaskLostCheck: DoctorCheck {
    /// The share of a device's queues with a CPU of their own, from which on that is the rule there.
    static let share = 0.75

    static let about = CheckText(
        "mask-lost", title: "one queue has lost its mask",
        meaning: """
            Where each queue of a device has a CPU of its own and one has not, its mask was lost: a CPU that goes offline takes the \
            masks of its lines with it (they become all CPUs, and stay so), and drivers ask for new lines when an interface \
            is set up again.
            """,
        reads: ["proc/irq/N/smp_affinity", "sys/devices/system/cpu/online", "dmesg"],
        rule: """
            three quarters of a device's queues have a CPU of their own in their masks, and this one has half of all CPUs or more, \
            or the CPU of another queue while one is free
            """,
        exceptions: """
            there are more queues than CPUs; queues that the kernel places; where irqbalance runs, queues whose CPUs do not \
            ascend with their numbers: it chose them
            """,
        trust: "what the mask was before is unknown without the state that `irqscope affinity apply` leaves",
        origin: "kernel/irq/cpuhotplug.c, virtio_net; seapath/ansible#984")
    static let causes = ["irqbalance-moves", "irqbalance-conflict"]

    /// A queue without the mask that its siblings have.
    private struct Loss {
        let line: ExaminedLine
        let mask: CPUSet
        /// The queue that has the same CPU; nil for a wide mask.
        let twin: ExaminedLine?
        /// The CPU that no queue has.
        let free: Int?
    }

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        if box.groups.contains(where: { $0.queues.count > 1 }) { try box.requireMasks() }
        var found: [DoctorFinding] = []
        let isMoved = ProcessNames.runs("irqbalance", box)
        for group in box.groups {
            var losses: [Loss] = []
            // Both lines of a queue are on the same CPU, so each direction is looked at by itself.
            for direction in [QueueName.Direction.both, .receive, .send] {
                let lines = group.queues.filter {
                    $0.queue?.direction == direction && $0.mobility.isFree && $0.mask != nil
                }
                if isMoved, !isInOrder(lines) { continue }
                losses += Self.losses(lines, box)
            }
            if !losses.isEmpty { found.append(finding(losses, group, box)) }
        }
        findings += found.most("devices")
    }

    /// True if the CPUs of most queues ascend with their numbers, as people, scripts and drivers place them: what irqbalance
    /// chose has no such order, and it leaves silent queues as they are.
    private static func isInOrder(_ lines: [ExaminedLine]) -> Bool {
        let places = lines.filter { $0.mask?.count == 1 }.compactMap { $0.mask?.lowest }
        let breaks = zip(places, places.dropFirst()).count { $0 >= $1 }
        return breaks <= places.count - Int((Double(lines.count) * share).rounded(.up))
    }

    private static func losses(_ lines: [ExaminedLine], _ box: Examination) -> [Loss] {
        let usable = box.cpus.housekeeping
        guard lines.count > 1, lines.count <= usable.count else { return [] }
        let singles = lines.filter { $0.mask?.count == 1 }
        let taken = CPUSet(singles.compactMap { $0.mask?.lowest })
        guard Double(taken.count) >= Double(lines.count) * share else { return [] }
        var free = usable.subtracting(taken)
        // Of those that share a CPU, the one whose number is the CPU's was there first, else the first one.
        var owners: [Int: ExaminedLine] = [:]
        for line in singles {
            guard let cpu = line.mask?.lowest else { continue }
            if owners[cpu] == nil || line.queue?.number == cpu { owners[cpu] = line }
        }
        var result: [Loss] = []
        for line in lines {
            guard let mask = line.mask else { continue }
            let wide = mask.count > 1 && mask.intersection(box.cpus.online).count * 2 >= box.cpus.online.count
            let owner = mask.count == 1 ? mask.lowest.flatMap { owners[$0] } : nil
            let isSecond = owner.map { $0.irq != line.irq } ?? false
            guard wide || isSecond && !free.isEmpty else { continue }
            let number = line.queue?.number
            let place = number.flatMap { free.contains($0) ? $0 : nil } ?? free.lowest
            if let place { free = free.subtracting(CPUSet([place])) }
            result.append(Loss(line: line, mask: mask, twin: isSecond ? owner : nil, free: place))
        }
        return result
    }

    private static func finding(_ losses: [Loss], _ group: QueueGroup, _ box: Examination) -> DoctorFinding {
        let parts = losses.map { loss in
            "\(loss.line.name): mask \(loss.mask.list)" + (loss.twin.map { " as \($0.name)" } ?? "")
        }
        var evidence = NameList.few(parts)
        let offline = Set((box.log ?? []).compactMap { offlineCPU($0.text) })
        let gone = losses.compactMap(\.free).filter { offline.contains($0) }
        let places = CPUSet(losses.compactMap(\.free))
        if !gone.isEmpty {
            evidence += "; \(CPUSet(gone).inWords) \(Set(gone).count == 1 ? "was" : "were") offline"
        } else if !places.isEmpty {
            evidence += "; \(places.inWords) \(places.count == 1 ? "has" : "have") none"
        }
        let commands = box.affinityCommands("spread", device: group.title)
        let lines = losses.map(\.line)
        var finding = DoctorFinding(
            .warn, group.title, evidence,
            why:
                "the other queues of \(group.title) have a CPU each; a CPU that went offline, or the driver, took this mask away",
            next: losses.compactMap { loss in loss.free.map { box.maskCommand(loss.line, CPUSet([$0])) } })
        finding.next = Array(finding.next.prefix(4))
        if commands.undo != nil, let again = commands.next.last {
            finding.next.append(
                "# or all of them again: \(again); to keep it over ifup and CPU hotplug, run that in a hook")
        }
        if losses.count == 1, let first = losses.first { finding.undo = box.maskCommand(first.line, first.mask) }
        (finding.lines, finding.device) = (Set(lines.map(\.irq)), group.title)
        finding.weight = lines.reduce(0) { $0 + $1.perSecond }
        return finding
    }

    /// The CPU of `smpboot: CPU 7 is now offline`, `psci: CPU7 killed (polled 0 ms)`; nil for other lines.
    static func offlineCPU(_ text: String) -> Int? {
        func number(after prefix: String, before suffix: String) -> Int? {
            guard text.hasPrefix(prefix) else { return nil }
            let rest = text.dropFirst(prefix.count)
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            return rest.dropFirst(digits.count).hasPrefix(suffix) ? Int(digits) : nil
        }
        return number(after: "smpboot: CPU ", before: " is now offline") ?? number(
            after: "psci: CPU", before: " killed")
            ?? number(after: "CPU ", before: " is now offline") ?? number(after: "CPU", before: ": shutdown")
    }
}
