/// A line that is served mostly on another NUMA node than its device's.
enum RemoteNodeCheck: Check {
    /// The rate from which on distance matters, per second.
    static let leastPerSecond = 100.0

    static var verdict: Verdict? { nil }
    static let mark: CheckMark? = CheckMark(
        .remoteNode, "N", "remote_node", "served mostly on another NUMA node than the device's")

    static func isMarked(_ served: Deliveries, rate: Double) -> Bool {
        rate >= leastPerSecond && served.remote > served.located &- served.remote
    }
}
