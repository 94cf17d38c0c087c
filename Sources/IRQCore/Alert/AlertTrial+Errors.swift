extension AlertTrial {
    /// Rows that count errors: x86's ERR, MIS, MCE, SPU, NMI, and the Err of arm. Machine check polls (MCP) and
    /// the thermal and threshold rows follow events that are no errors.
    private static let critical: Set<String> = ["MCE"]
    private static let warning: Set<String> = ["ERR", "Err", "MIS", "SPU", "NMI", "BAD"]

    /// A row of errors that starts to move.
    ///
    /// NMIs are also what performance counters interrupt with: as many as PMI counts are explained. A row that has
    /// always moved is quiet after a while: its own history is compared.
    func errors(_ line: LineObservation) -> Measurement? {
        let isCritical = Self.critical.contains(line.label)
        guard line.delta > 0, isCritical || Self.warning.contains(line.label),
            !rules.ignoredVerdicts.contains(.errors)
        else { return nil }
        if line.label == "NMI" {
            let counted = seen.lines.filter { $0.label == "PMI" && $0.isKnown }.reduce(0) { $0 &+ $1.delta }
            if line.delta <= counted { return nil }
        }
        if !isCritical, let baseline = memory.rows[line.key]?.baseline, baseline.isKnown, baseline.usualRate > 0.005,
            line.busiestPerSecond <= baseline.highestRate
        {
            return nil
        }
        var measurement = Measurement(
            AlertKey(.errors, id: line.key), Self.subject(line), value: Double(line.delta), warn: 1,
            crit: isCritical ? 1 : .infinity)
        measurement.evidence.perSecond = line.perSecond
        measurement.evidence.delta = line.delta
        if let baseline = memory.rows[line.key]?.baseline, baseline.isKnown {
            measurement.evidence.usualPerSecond = baseline.usualRate
        }
        return measurement
    }
}
