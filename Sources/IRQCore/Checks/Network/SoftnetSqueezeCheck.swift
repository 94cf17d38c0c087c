/// Rounds of the network softirq that ended with packets left. The limit per second is that of `alert` (`SoftirqCheck`).
enum SoftnetSqueezeCheck: DoctorCheck {
    /// The share of the CPU's rounds from which on it matters.
    static let leastShare = 0.01

    static let about = CheckText(
        "softnet-squeeze", title: "polling for packets ran out of time",
        meaning: """
            The network softirq stops after netdev_budget packets or netdev_budget_usecs and lets others run; what is left waits for the \
            next round. A few such squeezes are how it is meant; many mean that a CPU has more packets than time.
            """,
        reads: ["proc/net/softnet_stat column 3", "proc/softirqs NET_RX", "proc/sys/net/core/netdev_budget"],
        rule: "100 squeezes a second or more, and 1 % or more of the CPU's NET_RX: a warning",
        exceptions: "less is usual", trust: "exact", origin: "net/core/dev.c; netdata/netdata#984, #1076")
    static let causes = ["one-cpu-device", "one-cpu-all", "queues-few", "queue-skew", "storm-line"]

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        var found: [DoctorFinding] = []
        for rate in try box.softnetRates() where rate.squeezed >= SoftirqCheck.squeezesWarn {
            guard let rounds = box.softirqRate("NET_RX", cpu: rate.cpu) else {
                _ = try box.require("proc/softirqs")
                throw Unjudged("proc/softirqs does not tell the NET_RX of CPU \(rate.cpu)")
            }
            // Both are quotients: what is equal may differ in its last digit.
            guard rate.squeezed >= rounds * leastShare * 0.999_999 else { continue }
            var finding = DoctorFinding(
                .warn, "CPU \(rate.cpu)",
                "CPU \(rate.cpu): \(Units.rate(rate.squeezed)) squeezes/s of \(Units.rate(rounds)) NET_RX/s",
                why: "its packets take more time than the softirq may have at once",
                next: [box.spreadCommand(for: rate.cpu)])
            if let budget = setting(box, "netdev_budget"), let time = setting(box, "netdev_budget_usecs") {
                func command(_ factor: Int) -> String {
                    "sysctl net.core.netdev_budget=\(budget * factor) net.core.netdev_budget_usecs=\(time * factor)"
                }
                // More packets alone change nothing where the time was used up.
                finding.next.append(command(2))
                finding.undo = command(1)
            }
            (finding.isRate, finding.weight, finding.cpus) = (true, rate.squeezed, CPUSet([rate.cpu]))
            found.append(finding)
        }
        findings += found.most("CPUs")
    }

    private static func setting(_ box: Examination, _ name: String) -> Int? {
        box.number("proc/sys/net/core/\(name)").flatMap { (1..<1_000_000_000).contains($0) ? $0 : nil }
    }
}
