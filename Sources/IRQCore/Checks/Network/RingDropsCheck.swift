/// Packets that a card had no room for: nobody emptied its ring in time.
enum RingDropsCheck: DoctorCheck {
    /// Packets lost per second.
    static let warnPerSecond = 1.0
    private static let counters = [
        (file: "rx_missed_errors", word: "missed"), (file: "rx_fifo_errors", word: "lost in the FIFO"),
        (file: "rx_over_errors", word: "overran"),
    ]

    static let about = CheckText(
        "ring-drops", title: "the card had no room for packets",
        meaning: """
            A network card puts packets into a ring in memory that a CPU must empty. Where the CPU comes too late, the ring is full and \
            the card throws packets away, before the kernel sees them.
            """,
        reads: counters.map { "sys/class/net/*/statistics/\($0.file)" },
        rule: "one of these counts moves by 1 a second or more: a warning; with one sample a note",
        exceptions: "rx_dropped alone: VLANs, unknown protocols and the backlog count there",
        trust: "drivers differ in which of these they use; ethtool -S has the card's own")
    static let sampled = counters.map { "sys/class/net/*/statistics/\($0.file)" }
    static let causes = [
        "one-cpu-device", "one-cpu-all", "queues-few", "queue-skew", "coalescing", "storm-line", "irq-cpu-full",
    ]

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard box.interfaces != nil else { throw Unjudged("sys/class/net is not there") }
        var missing: String?
        var found: [DoctorFinding] = []
        for network in box.networks {
            // Some drivers count one loss in two of them.
            var most: (word: String, perSecond: Double)?
            for counter in counters {
                let path = "\(network.folder)/statistics/\(counter.file)"
                guard let delta = box.delta(path) else {
                    // The others are newer or rarer: a copy without them tells enough.
                    if counter.file == counters[0].file { missing = missing ?? box.problem(path) }
                    continue
                }
                let rate = box.perSecond(delta)
                if rate > most?.perSecond ?? 0 { most = (counter.word, rate) }
            }
            if let most, most.perSecond >= warnPerSecond { found.append(lost(box, network, most)) }
        }
        findings += found.most("interfaces")
        if let missing { throw Unjudged(missing) }
    }

    private static func lost(
        _ box: Examination, _ network: ExaminedInterface, _ most: (word: String, perSecond: Double)
    ) -> DoctorFinding {
        var evidence = "\(network.name): \(Units.rate(most.perSecond)) \(most.word)/s"
        if most.word != "missed" { evidence = "\(network.name): \(Units.rate(most.perSecond))/s \(most.word)" }
        let name = ShellWord.quoted(network.name)
        var finding = DoctorFinding(
            .warn, network.name, evidence, why: "the ring was full: the CPU that empties it came too late",
            next: [
                "ethtool -g \(name)", "# then ethtool -G \(name) rx MAX, the maximum that it shows",
                "ethtool -S \(name)",
            ])
        if let (cpu, share) = box.busiestQueueCPU(network), share >= QueuesFewCheck.busyShare {
            finding.evidence += ", CPU \(cpu) of its queue \(box.interruptWords(cpu))"
            finding.cpus = CPUSet([cpu])
        }
        (finding.isRate, finding.weight, finding.device) = (true, most.perSecond, network.name)
        return finding
    }
}
