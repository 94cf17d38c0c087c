public import IRQCore

/// The news of a run of `irqscope alert`, before it takes one form or another.
public struct AlertReport: Sendable {
    /// The conditions that hold, and those that are over: the worst first.
    public var findings: [AlertFinding] = []
    /// The problems of the run, a sentence each.
    public var problems: [String] = []
    /// Things that are odd, but no findings, a sentence each.
    public var notes: [String] = []
    /// True if something failed that the verdicts depend on: UNKNOWN, unless a finding is certain.
    public var isUnknown = false
    /// True if all lines were judged: else that there is no finding of a verdict says nothing.
    public var isJudged = false
    /// True if nothing was compared yet: the first run, or the first after a boot.
    public var isFirst = false
    /// True if another run has just judged: its verdicts are repeated.
    public var isRepeat = false
    /// True if a maintenance window keeps all quiet.
    public var isMaintenance = false
    /// The time of the run.
    public var time = BoxTime()
    /// The interval of the rates; nil if there are none.
    public var intervalNanoseconds: UInt64?
    /// The number of rows that were looked at; nil if none could be.
    public var rowCount: Int?
    /// The number of CPUs online; nil if unknown.
    public var cpuCount: Int?
    /// Interrupts of devices per second on all CPUs; nil if unknown.
    public var devicePerSecond: Double?
    /// The fastest row of a device: its number and rate on one CPU; nil if unknown.
    public var busiest: (irq: Int, perSecond: Double)?
    /// The default levels, for perfdata.
    public var rates = AlertRules.Rates.usual
    /// A wall time for people.
    public var clock: @Sendable (UInt64) -> String = { "\($0)" }

    /// Creates a report of nothing.
    public init() {}

    /// The worst level.
    public var level: AlertLevel { findings.map(\.level).max() ?? .ok }
    /// The status of the process: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
    public var exitStatus: Int32 { level > .ok ? Int32(level.rawValue) : isUnknown ? 3 : 0 }
    /// The word for that.
    public var statusName: String { exitStatus == 3 ? "UNKNOWN" : level.name }
    /// The findings that hold now.
    public var active: [AlertFinding] { findings.filter { $0.level > .ok } }
    /// The number of findings of a verdict now; nil if there are none, and not all was judged.
    public func count(_ verdict: Verdict) -> Int? {
        let count = findings.count { $0.key.verdict == verdict && $0.level > .ok }
        return count > 0 || isJudged ? count : nil
    }
    /// The worst level of a verdict's findings; nil if there are none, and not all was judged.
    public func level(_ verdict: Verdict) -> AlertLevel? {
        let level = findings.filter { $0.key.verdict == verdict }.map(\.level).max() ?? .ok
        return level > .ok || isJudged ? level : nil
    }

    /// One sentence when nothing is wrong.
    public var calm: String {
        if isMaintenance { return "maintenance: counted, not judged" }
        if isRepeat { return "another run has just judged" }
        if isFirst { return "collecting a baseline: the next run compares" }
        let interval = intervalNanoseconds.map { " over \(Units().duration(Double($0)))" } ?? ""
        let rate = devicePerSecond.map { ", \(Units.rate($0))/s from devices\(interval)" } ?? ""
        guard let rowCount, let cpuCount else { return "nothing could be read" }
        return "\(rowCount) interrupt\(rowCount == 1 ? "" : "s") on \(cpuCount) CPU\(cpuCount == 1 ? "" : "s")\(rate)"
    }
}
