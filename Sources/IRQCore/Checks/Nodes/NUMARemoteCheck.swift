/// A device whose interrupts are served on CPUs far from it.
enum NUMARemoteCheck: DoctorCheck {
    /// The rate from which on distance matters, and the share on far CPUs.
    static let (leastPerSecond, leastShare) = (1_000.0, 0.9)

    static let about = CheckText(
        "numa-remote", title: "a device is served far from its memory node",
        meaning: """
            A device writes what it received into memory, best into that of the node it is attached to. CPUs of another node read it \
            through the link between them, which takes longer and is shared.
            """,
        reads: [
            "proc/interrupts", "sys/bus/pci/devices/*/numa_node", "proc/irq/N/node",
            "sys/devices/system/node/node*/cpulist",
            "sys/devices/system/node/node*/distance",
        ],
        rule: """
            two nodes or more have CPUs, and of a device's lines, 1,000 interrupts a second or more, 90 % are served on CPUs of nodes \
            farther than 12 from its own
            """,
        exceptions: """
            no CPU of the device's node may serve interrupts; lines that the kernel places; accelerators, which gpu-lines is about; a device \
            without a node cannot be judged
            """,
        trust: "the firmware may lie about the node", origin: "Irqbalance/irqbalance#175, #169")
    static let causes = ["irqbalance-bans", "irqbalance-moves"]

    static let needsCPUs = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        if try !MemoryNodes.areSeveral(box) { return }
        var found: [DoctorFinding] = []
        var unplaced: [String] = []
        var isDistanceUnknown = false
        for group in devices(box) {
            let sum = group.perSecond
            guard sum >= leastPerSecond else { continue }
            guard let node = group.node else {
                unplaced.append(group.title)
                continue
            }
            guard let own = box.cpus.nodeCPUs[node], !own.isDisjoint(with: box.cpus.housekeeping) else { continue }
            var far: [Int: Double] = [:]
            for (cpu, rate) in group.perCPU {
                guard let there = box.cpus.node(of: cpu) else { continue }
                guard let isFar = box.isFar(node, there) else {
                    isDistanceUnknown = true
                    continue
                }
                if isFar { far[cpu] = rate }
            }
            let remote = far.values.reduce(0, +)
            if remote >= sum * leastShare { found.append(finding(group, node, far, remote / sum, box)) }
        }
        findings += found.most("devices")
        if isDistanceUnknown {
            throw Unjudged("sys/devices/system/node/node*/distance does not tell how far nodes are")
        }
        if !unplaced.isEmpty { throw Unjudged("\(NameList.few(unplaced)): no memory node is known (numa_node -1)") }
    }

    /// The devices with the lines that may be moved, those of one line too.
    private static func devices(_ box: Examination) -> [QueueGroup] {
        var result = box.groups
        for line in box.lines where line.queue == nil && line.mobility.isFree && line.device?.numaNode != nil {
            guard !result.contains(where: { $0.key == line.deviceKey }) else { continue }
            var group = QueueGroup(
                title: line.parts.links.first ?? line.device?.title ?? line.name, key: line.deviceKey ?? "",
                queues: [line],
                admins: [])
            group.node = line.device?.numaNode
            result.append(group)
        }
        return result.compactMap { group in
            var group = group
            group.queues = group.queues.filter { $0.isKnown && $0.mobility.isFree && !GPULinesCheck.isAccelerator($0) }
            return group.queues.isEmpty ? nil : group
        }
    }

    private static func finding(
        _ group: QueueGroup, _ node: Int, _ far: [Int: Double], _ share: Double, _ box: Examination
    ) -> DoctorFinding {
        let cpus = CPUSet(far.keys)
        let nodes = CPUSet(far.keys.compactMap { box.cpus.node(of: $0) })
        let place = nodes.count == 1 ? "node \(nodes.list)" : "nodes \(nodes.list)"
        let commands = box.affinityCommands("numa", device: group.title)
        var finding = DoctorFinding(
            .warn, group.title,
            "\(group.title) on node \(node): \(Units.rate(group.perSecond))/s, \(Units.percent(share)) on CPUs of \(place) (\(cpus.list))",
            why: "what the device writes is near node \(node): these CPUs fetch each packet or block from there",
            next: commands.next)
        (finding.undo, finding.isRate, finding.weight) = (commands.undo, true, group.perSecond)
        (finding.lines, finding.cpus, finding.device) = (Set(group.queues.map(\.irq)), cpus, group.title)
        return finding
    }
}

/// The memory nodes of a box.
enum MemoryNodes {
    /// True if two nodes or more have CPUs.
    ///
    /// - Throws: the reason why that cannot be told.
    static func areSeveral(_ box: Examination) throws(Unjudged) -> Bool {
        if !box.cpus.nodeCPUs.isEmpty { return box.cpus.nodeCPUs.count > 1 }
        // A kernel without such nodes has no such directory.
        if box.isLive { return false }
        throw Unjudged("sys/devices/system/node is not there: no memory nodes, or not in this copy")
    }
}
