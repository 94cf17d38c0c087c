/// Packets that found a CPU's backlog full. The limits per second are those of `alert` (`SoftirqCheck`).
enum BacklogDropsCheck: DoctorCheck {
    /// The share of a CPU's packets that makes it critical.
    static let critShare = 0.01

    static let about = CheckText(
        "backlog-drops", title: "the backlog of a CPU is full, and packets are lost",
        meaning: """
            Packets that another CPU steers to this one (RPS), and those of lo, veth, tun and old drivers, wait in a queue of the CPU. If \
            it does not get to them, the queue fills up to net.core.netdev_max_backlog, and what comes then is lost.
            """,
        reads: ["proc/net/softnet_stat columns 1 and 2"],
        rule: "column 2 moves: a warning from 1 a second; critical from 1,000 a second or 1 % of the CPU's packets",
        exceptions: "a value that stands still",
        trust:
            "only RPS, lo, veth, tun and old drivers use that queue: what a card drops is counted elsewhere (ring-drops)",
        origin: "net/core/dev.c, net/core/net-procfs.c")
    static let causes = ["one-cpu-device", "one-cpu-all", "queues-few", "rps-mask", "queue-skew", "storm-line"]

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let path = "proc/sys/net/core/netdev_max_backlog"
        var found: [DoctorFinding] = []
        for rate in try box.softnetRates() where rate.dropped >= SoftirqCheck.dropsWarn {
            let share = rate.processed > 0 ? rate.dropped / rate.processed : 1
            let isGrave = rate.dropped >= SoftirqCheck.dropsCrit || share >= critShare
            var finding = DoctorFinding(
                isGrave ? .crit : .warn, "CPU \(rate.cpu)",
                "CPU \(rate.cpu): \(Units.rate(rate.dropped)) dropped/s"
                    + " (\(Units.percent(share)) of \(Units.rate(rate.processed))/s)",
                why: "more packets are handed to this CPU than it takes off its backlog",
                next: [box.spreadCommand(for: rate.cpu)])
            if let limit = box.number(path), limit > 0, limit < 1_000_000 {
                finding.next.append("sysctl net.core.netdev_max_backlog=\(limit * 4)")
                finding.undo = "sysctl net.core.netdev_max_backlog=\(limit)"
            }
            (finding.isRate, finding.weight, finding.cpus) = (true, rate.dropped, CPUSet([rate.cpu]))
            found.append(finding)
        }
        findings += found.most("CPUs")
    }
}
