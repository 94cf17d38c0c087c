/// A row of errors that starts to move.
///
/// NMIs are also what performance counters interrupt with: as many as PMI counts are explained. A row that has always moved
/// is quiet after a while: its own history is compared.
enum ErrorsCheck: Check {
    /// Rows that count errors: x86's ERR, MIS, MCE, SPU, NMI, and the Err of arm. Machine check polls (MCP) and
    /// the thermal and threshold rows follow events that are no errors.
    static let critical: Set<String> = ["MCE"]
    static let warning: Set<String> = ["ERR", "Err", "MIS", "SPU", "NMI", "BAD"]
    /// A usual rate above this one is a history to compare with, per second.
    static let historyPerSecond = 0.005

    static var verdict: Verdict? { .errors }

    static func measure(_ line: LineObservation, _ levels: LineLevels, _ run: CheckRun) -> Measurement? {
        let isCritical = critical.contains(line.label)
        guard line.irq == nil, line.delta > 0, isCritical || warning.contains(line.label) else { return nil }
        if line.label == "NMI" {
            let counted = run.seen.lines.filter { $0.label == "PMI" && $0.isKnown }.reduce(0) { $0 &+ $1.delta }
            if line.delta <= counted { return nil }
        }
        if !isCritical, let baseline = run.memory.rows[line.key]?.baseline, baseline.isKnown,
            baseline.usualRate > historyPerSecond, line.busiestPerSecond <= baseline.highestRate
        {
            return nil
        }
        var measurement = Measurement(
            AlertKey(.errors, id: line.key), line.subject, value: Double(line.delta), warn: 1,
            crit: isCritical ? 1 : .infinity)
        measurement.evidence.perSecond = line.perSecond
        measurement.evidence.delta = line.delta
        if line.busiestCPU != nil, line.busiestPerSecond < line.perSecond {
            measurement.evidence.cpuShare = line.busiestPerSecond / line.perSecond
        }
        measurement.evidence.usualPerSecond = run.usualPerSecond(line)
        return measurement
    }

    static func next(_ finding: AlertFinding) -> String {
        "look at dmesg and the hardware's own log (rasdaemon, ipmitool sel list)"
    }
}
