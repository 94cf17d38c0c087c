/// A network card that interrupts for each packet, or waits too long for those who need it at once.
enum CoalescingCheck: DoctorCheck {
    /// Interrupts for a packet, and packets per second on a CPU, from which on waiting a little would pay.
    static let (ratio, packetsPerSecond) = (0.8, 50_000.0)
    /// The wait after a packet up to which the card hardly waits, and from which on it costs latency, in microseconds.
    static let (shortWait, longWait) = (1, 50)

    static let about = CheckText(
        "coalescing", title: "an interrupt for each packet, or a long wait before it",
        meaning: """
            A network card may wait some microseconds after a packet, so that one interrupt tells of several (coalescing). Without the \
            wait, many packets cost many interrupts; with a long one, each packet comes late.
            """,
        reads: [
            "proc/interrupts", "sys/class/net/*/statistics/rx_packets", "proc/sys/net/core/busy_poll",
            "ethtool netlink COALESCE_GET (live)",
        ],
        rule: """
            0.8 interrupts for a packet or more at 50,000 packets a second or more on a CPU, where rx-usecs is 1 or less or unknown: a \
            note, and a warning where that CPU spends 70 % in interrupts. On a box with isolated CPUs or PREEMPT_RT rx-usecs of 50 \
            or more: a note
            """,
        exceptions: "programs poll the card (busy_poll, busy_read)",
        trust: "the ratio needs lines that serve one interface alone; transmit interrupts of shared queues count too",
        origin: "linuxcnc-ethercat/linuxcnc-ethercat#180")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard box.interfaces != nil else { throw Unjudged("sys/class/net is not there") }
        var missing: String?
        var found: [DoctorFinding] = []
        for network in box.networks where !network.lines.isEmpty {
            if let finding = slow(box, network) { found.append(finding) }
            let path = "\(network.folder)/statistics/rx_packets"
            guard let packets = box.delta(path) else {
                missing = missing ?? box.problem(path)
                continue
            }
            if let finding = busy(box, network, box.perSecond(packets)) { found.append(finding) }
        }
        findings += found.most("interfaces")
        if let missing { throw Unjudged(missing) }
    }

    private static func busy(
        _ box: Examination, _ network: ExaminedInterface, _ packets: Double
    ) -> DoctorFinding? {
        let interrupts = network.receivingPerSecond
        guard !network.sharesLines, packets > 0, interrupts >= packets * ratio,
            let most = network.receivingCPUs.first, packets * most.perSecond / interrupts >= packetsPerSecond
        else { return nil }
        for name in ["busy_poll", "busy_read"] {
            if let time = box.number("proc/sys/net/core/\(name)"), time > 0 { return nil }
        }
        let settings = box.coalescing(network.name)
        if settings?.isReceiveAdaptive == true { return nil }
        if let wait = settings?.receiveMicroseconds, wait > shortWait { return nil }
        let share = box.interruptShare(most.cpu)
        var evidence =
            "\(network.name): \(Units.rate(interrupts)) interrupts/s for \(Units.rate(packets)) packets/s"
        if let wait = settings?.receiveMicroseconds { evidence += ", rx-usecs \(wait)" }
        if share != nil { evidence += ", CPU \(most.cpu) \(box.interruptWords(most.cpu))" }
        let name = ShellWord.quoted(network.name)
        var finding = DoctorFinding(
            (share ?? 0) >= QueuesFewCheck.busyShare ? .warn : .note, network.name, evidence,
            why: "each packet costs an interrupt; a wait of some microseconds lets one tell of several",
            next: ["ethtool -C \(name) adaptive-rx on"])
        finding.undo = "ethtool -C \(name) adaptive-rx off"
        (finding.isRate, finding.weight, finding.device) = (true, interrupts, network.name)
        (finding.cpus, finding.lines) = (CPUSet([most.cpu]), Set(network.receiving.map(\.irq)))
        return finding
    }

    private static func slow(_ box: Examination, _ network: ExaminedInterface) -> DoctorFinding? {
        guard !box.cpus.isolated.isEmpty || box.kernel.isRealtime == true,
            let settings = box.coalescing(network.name), let wait = settings.receiveMicroseconds, wait >= longWait
        else { return nil }
        let name = ShellWord.quoted(network.name)
        let goal = box.kernel.isRealtime == true ? "a PREEMPT_RT kernel" : "isolated CPUs"
        var finding = DoctorFinding(
            .note, network.name, "\(network.name): rx-usecs \(wait) on a box with \(goal)",
            why: "a packet may wait so long in the card before its interrupt comes",
            next: ["ethtool -C \(name) adaptive-rx off rx-usecs 0"])
        finding.undo =
            "ethtool -C \(name)\(settings.isReceiveAdaptive == true ? " adaptive-rx on" : "") rx-usecs \(wait)"
        finding.device = network.name
        return finding
    }
}
