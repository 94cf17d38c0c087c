/// A guest that waits for its host: what it does then takes longer than it says, handlers too.
///
/// One finding for the box: a host that is full takes from all CPUs of a guest.
enum StealCheck: Check {
    /// The share of a CPU's time that the host takes, from which on it is a warning.
    static let warnShare = AlertRules.stealShare

    static var verdict: Verdict? { .steal }

    static func measure(_ run: CheckRun) -> [Measurement] {
        let shares = run.seen.cpus.compactMap { cpu, seen in seen.stealShare.map { (cpu: cpu, share: $0) } }
        guard let most = shares.max(by: { ($0.share, $1.cpu) < ($1.share, $0.cpu) }),
            most.share >= warnShare * run.rules.leaveShare
        else { return [] }
        var subject = AlertSubject()
        subject.cpu = most.cpu
        var measurement = Measurement(AlertKey(.steal, id: 0), subject, value: most.share, warn: warnShare)
        run.addCPU(most.cpu, to: &measurement.evidence)
        measurement.evidence.stealShare = most.share
        measurement.evidence.cpuCount = shares.count { $0.share >= warnShare }
        return [measurement]
    }

    static func next(_ finding: AlertFinding) -> String {
        "look at the host, which has too many guests or a limit for this one; slow handlers here are slow for that"
    }
}
