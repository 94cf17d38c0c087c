/// The two lines of a queue on two CPUs.
enum PairSplitCheck: DoctorCheck {
    /// Slower lines do not matter, per second.
    static let leastPerSecond = 100.0

    static let about = CheckText(
        "pair-split", title: "both lines of a queue are on two CPUs",
        meaning: """
            Some drivers have one interrupt for what a queue receives and one for what it has sent. They work on the same memory: \
            on two CPUs each takes it out of the other's cache.
            """,
        reads: ["proc/interrupts", "proc/irq/N/effective_affinity", "proc/irq/N/affinity_hint"],
        rule: "the receiving and the sending line of a queue come 100 times a second or more each, on different CPUs",
        exceptions: "the driver's hints say so; lines that nobody can move",
        trust: "exact", origin: "scylladb/seastar#1165")
    static let causes = ["irqbalance-moves", "mask-lost"]

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        var found: [DoctorFinding] = []
        for group in box.groups {
            var pairs: [(receive: ExaminedLine, send: ExaminedLine)] = []
            for receive in group.queues where receive.queue?.direction == .receive && isBusy(receive) {
                let send = group.queues.first {
                    $0.queue?.direction == .send && $0.queue?.number == receive.queue?.number && isBusy($0)
                }
                guard let send, let first = receive.place, let second = send.place, first != second,
                    !isWanted(receive, first, send, second)
                else { continue }
                pairs.append((receive, send))
            }
            if !pairs.isEmpty { found.append(finding(pairs, group, box)) }
        }
        findings += found.most("devices")
        if box.groups.contains(where: { $0.queues.contains { $0.queue?.direction == .send } }) {
            try box.requireMasks()
        }
    }

    private static func isBusy(_ line: ExaminedLine) -> Bool {
        line.isKnown && line.perSecond >= leastPerSecond && line.mobility.isFree
    }

    private static func isWanted(_ receive: ExaminedLine, _ first: Int, _ send: ExaminedLine, _ second: Int) -> Bool {
        guard let wish = receive.details.affinityHint, let other = send.details.affinityHint else { return false }
        return wish != other && wish.contains(first) && other.contains(second)
    }

    private static func finding(
        _ pairs: [(receive: ExaminedLine, send: ExaminedLine)], _ group: QueueGroup, _ box: Examination
    ) -> DoctorFinding {
        let words = pairs.map { pair in
            let isVirtio = pair.receive.name.contains("-input.")
            let (rx, tx) = isVirtio ? ("input", "output") : ("receive", "send")
            let number = pair.receive.queue?.number.map { "queue \($0)" } ?? "queue"
            return "\(number): \(rx) on \(pair.receive.place ?? 0), \(tx) on \(pair.send.place ?? 0)"
        }
        var finding = DoctorFinding(
            .note, group.title,
            "\(group.title): \(words.prefix(5).joined(separator: "; "))"
                + (words.count > 5 ? " and \(words.count - 5) more queues" : ""),
            why: "both lines work on the memory of the same queue: on one CPU it stays in that one's cache",
            next: pairs.prefix(4).compactMap { pair in
                pair.receive.place.map { box.maskCommand(pair.send, CPUSet([$0])) }
            })
        if pairs.count == 1, let pair = pairs.first, let mask = pair.send.mask {
            finding.undo = box.maskCommand(pair.send, mask)
        }
        finding.isRate = true
        finding.weight = pairs.reduce(0) { $0 + $1.receive.perSecond + $1.send.perSecond }
        finding.lines = Set(pairs.flatMap { [$0.receive.irq, $0.send.irq] })
        finding.device = group.title
        return finding
    }
}
