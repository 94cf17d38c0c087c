/// Fewer queues of a network card than CPUs that could serve some, and one of those is busy with them.
enum QueuesFewCheck: DoctorCheck {
    /// The share of a CPU in interrupts and softirqs from which on a queue is too much for it.
    static let busyShare = 0.7
    /// The share of the interrupts of devices on a CPU that a device must have there to be what makes it busy.
    static let ownShare = 0.1
    /// Packets per second that make an interface busy where it polls, and interrupts hardly come.
    static let packetsPerSecond = 1_000.0
    /// The share of one of several queues from which on the others are idle: more queues would not help.
    static let loneShare = 0.9

    static let about = CheckText(
        "queues-few", title: "fewer queues than CPUs that could serve them",
        meaning: """
            A network card puts packets into queues, and each queue is served by one CPU. With fewer queues than CPUs, the CPUs of \
            the queues have all the work and the others none.
            """,
        reads: ["sys/class/net/*/queues/rx-*", "proc/stat", "proc/interrupts", "ethtool netlink CHANNELS_GET (live)"],
        rule: """
            fewer receive queues than the driver's maximum and than the cores near the device that are not isolated, and a CPU of a \
            queue spends 70 % or more in interrupts and softirqs: a note, and a warning where that CPU is full (80 %)
            """,
        exceptions: "where one of several queues has all the packets, more of them do not help (queue-skew)",
        trust: "the queues are exact; copies do not tell the driver's maximum",
        origin: "scylladb/seastar#503; ovh/infrastructure-roadmap#171")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard box.interfaces != nil else { throw Unjudged("sys/class/net is not there") }
        try box.requireTimes()
        var unseen: [String] = []
        var found: [DoctorFinding] = []
        for network in box.networks {
            guard let queues = network.receiveQueues, !queues.isEmpty else {
                unseen.append(network.name)
                continue
            }
            if let finding = few(box, network, queues.count) { found.append(finding) }
        }
        findings += found.most("interfaces")
        if let name = unseen.first { throw Unjudged("sys/class/net/\(name)/queues is not there") }
    }

    private static func few(_ box: Examination, _ network: ExaminedInterface, _ count: Int) -> DoctorFinding? {
        let cores = box.cpus.cores(of: box.localHousekeeping(network.node)).count
        let maximum = box.channelMaximum(network.name)
        guard count < min(maximum ?? .max, cores), !isLone(network),
            let (cpu, share) = box.busiestQueueCPU(network), share >= busyShare
        else { return nil }
        let queues =
            maximum.map { "\(count) of \($0) queues on" } ?? "\(count) queue\(count == 1 ? "" : "s") for \(cores) CPUs"
        let name = ShellWord.quoted(network.name)
        let wanted = min(maximum ?? cores, cores)
        var finding = DoctorFinding(
            share >= IRQCPUFullCheck.fullShare ? .warn : .note, network.name,
            "\(network.name): \(queues), CPU \(cpu) \(box.interruptWords(cpu))",
            why: "one CPU serves a queue: with more queues more CPUs share the work")
        if let channels = box.channels(network.name) {
            let kind = channels.maximum.combined > 0 ? "combined" : "rx"
            finding.next = [
                "ethtool -L \(name) \(kind) \(wanted)", "# that resets the link and the masks: plan them anew",
            ]
            finding.undo = "ethtool -L \(name) \(kind) \(kind == "rx" ? channels.now.receive : channels.now.combined)"
        } else {
            finding.next = [
                "ethtool -l \(name)",
                "# if its maximum is higher: ethtool -L \(name) combined \(wanted); that resets the link and the masks",
                "# in a guest the host must give it more queues; with one queue RPS spreads the rest of the work (rps-mask)",
            ]
        }
        (finding.isRate, finding.weight, finding.device) = (true, share, network.name)
        (finding.cpus, finding.lines) = (CPUSet([cpu]), Set(network.lines.map(\.irq)))
        return finding
    }

    /// True if one of several queues has nearly all interrupts.
    static func isLone(_ network: ExaminedInterface) -> Bool {
        let sum = network.receivingPerSecond
        guard network.receiving.count > 1, sum > 0 else { return false }
        return network.receiving.contains { $0.perSecond >= sum * loneShare } || QueueSkewCheck.most(network) != nil
    }
}

extension Examination {
    /// The CPU of a receive queue that spends most of its time in interrupts, where the interface is what makes it do so.
    func busiestQueueCPU(_ network: ExaminedInterface) -> (cpu: Int, share: Double)? {
        let packets = seen.linkRates?[network.name] ?? 0
        var result: (cpu: Int, share: Double)?
        for (cpu, rate) in network.receivingCPUs {
            guard let share = interruptShare(cpu), share > result?.share ?? -1 else { continue }
            let all = lines(on: cpu).reduce(0) { $0 + $1.perSecond }
            let isOwn = rate > 0 && rate >= all * QueuesFewCheck.ownShare
            if isOwn || packets >= QueuesFewCheck.packetsPerSecond { result = (cpu, share) }
        }
        return result
    }

    /// The CPUs near a device that do ordinary work; all that do where none of its node does, or it has no node.
    func localHousekeeping(_ node: Int?) -> CPUSet {
        let housekeeping = cpus.housekeeping
        guard let node, let near = cpus.nodeCPUs[node]?.intersection(housekeeping), !near.isEmpty else {
            return housekeeping
        }
        return near
    }

    /// The highest number of receive queues that a driver allows; nil if that is not told.
    func channelMaximum(_ interface: String) -> Int? {
        channels(interface).map(\.maximum.receiving).flatMap { $0 > 0 ? $0 : nil }
    }
}
