/// A network card whose packets do not spread over its queues.
enum QueueSkewCheck: DoctorCheck {
    /// The number of queues, their rate together, and the share of one from which on they are uneven.
    static let (leastCount, leastPerSecond, skewShare) = (4, 10_000.0, 0.5)
    /// The rate of each of the others at which a queue without any is never used.
    static let usedPerSecond = 1_000.0

    static let about = CheckText(
        "queue-skew", title: "one queue has most of the packets, or one has none",
        meaning: """
            A network card chooses the queue of a packet by a hash of its addresses and ports (RSS) and a table. If the hash does not \
            see the ports, or the table leaves queues out, few queues get all packets, and the CPUs of the others do nothing.
            """,
        reads: ["proc/interrupts", "ethtool netlink RSS_GET (live)"],
        rule: """
            of at least 4 queues with 10,000 interrupts a second together one has half or more: a note, and a warning if a queue is \
            in no entry of the table; a warning too if a queue has none while each of the others has 1,000 a second
            """,
        trust: "interrupts are not packets: a queue that is polled interrupts less; few flows look the same",
        origin: "pcengines/apu2-documentation#190; scylladb/seastar#306")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        if box.isSinceBoot, box.uptimeSeconds == nil { throw Unjudged("proc/uptime is not there: no rates") }
        var found: [DoctorFinding] = []
        for network in box.networks { if let finding = skew(box, network) { found.append(finding) } }
        findings += found.most("interfaces")
    }

    /// The queue that has most, and its share, where that is too much.
    static func most(_ network: ExaminedInterface) -> (line: ExaminedLine, share: Double)? {
        let (queues, sum) = (network.receiving, network.receivingPerSecond)
        guard queues.count >= leastCount, sum >= leastPerSecond,
            let most = queues.max(by: { $0.perSecond < $1.perSecond }), most.perSecond >= sum * skewShare
        else { return nil }
        return (most, most.perSecond / sum)
    }

    private static func skew(_ box: Examination, _ network: ExaminedInterface) -> DoctorFinding? {
        let queues = network.receiving
        guard queues.count >= leastCount, queues.allSatisfy(\.isKnown) else { return nil }
        let name = ShellWord.quoted(network.name)
        var finding: DoctorFinding
        if let (most, share) = most(network) {
            finding = DoctorFinding(
                .note, network.name,
                "\(network.name): \(word(most)) takes \(Units.percent(share)) of \(queues.count)"
                    + " (\(Units.rate(network.receivingPerSecond))/s)",
                why: "the hash or the table puts most packets there, or there are few flows")
            finding.lines = [most.irq]
            if let cpu = most.servingCPU { finding.cpus = CPUSet([cpu]) }
            if let table = box.indirection(network.name) {
                let numbers = Set(queues.compactMap { $0.queue?.number })
                let unused = numbers.subtracting(table).sorted()
                if !unused.isEmpty {
                    finding.severity = .warn
                    finding.evidence +=
                        "; the table leaves out \(unused.count == 1 ? "queue" : "queues") \(CPUSet(unused).list)"
                }
            }
            if let idle = unused(queues) {
                finding.severity = .warn
                finding.evidence += "; \(word(idle)) takes none"
            }
        } else {
            guard let idle = unused(queues) else { return nil }
            finding = DoctorFinding(
                .warn, network.name,
                "\(network.name): \(word(idle)) takes none of \(Units.rate(network.receivingPerSecond))/s,"
                    + " the other \(queues.count - 1) all have some",
                why: "the table leaves it out, or its line does not arrive")
            finding.lines = [idle.irq]
        }
        finding.next = [
            "ethtool -x \(name)", "ethtool -X \(name) equal \(queues.count)",
            "ethtool -N \(name) rx-flow-hash udp4 sdfn",
        ]
        finding.undo = "ethtool -X \(name) default"
        (finding.isRate, finding.weight, finding.device) = (true, network.receivingPerSecond, network.name)
        return finding
    }

    /// The one queue without interrupts, where each of the others has many.
    private static func unused(_ queues: [ExaminedLine]) -> ExaminedLine? {
        let idle = queues.filter { $0.delta == 0 }
        guard idle.count == 1, queues.allSatisfy({ $0.delta == 0 || $0.perSecond >= usedPerSecond }) else { return nil }
        return idle[0]
    }

    private static func word(_ line: ExaminedLine) -> String {
        line.queue?.number.map { "queue \($0)" } ?? "irq \(line.irq)"
    }
}
