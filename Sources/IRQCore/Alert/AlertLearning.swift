/// What a run adds to the memory of each row.
enum AlertLearning {
    /// While a line is above its own history it is learnt this much more slowly: a new use of a device becomes usual
    /// within hours, not minutes.
    private static let slowly: Float = 0.125

    /// Learns from an interval, after the verdicts. Rows that are gone are forgotten.
    static func learn(_ memory: inout AlertMemory, _ seen: BoxInterval, _ rules: AlertRules) {
        var rows: [RowMemories.Entry] = []
        rows.reserveCapacity(min(seen.lines.count, AlertMemory.rowLimit))
        for line in seen.lines {
            guard rows.count < AlertMemory.rowLimit else { break }
            let known = memory.rows[line.key]
            var row = known ?? RowMemory()
            note(line, &row, seconds: seen.seconds)
            if line.isKnown { learn(line, &row, memory, rules) }
            rows.append(RowMemories.Entry(key: line.key, row: row))
        }
        memory.rows = RowMemories(rows)
    }

    private static func learn(
        _ line: LineObservation, _ row: inout RowMemory, _ memory: AlertMemory, _ rules: AlertRules
    ) {
        let storm = memory.alerts[AlertKey(.storm, id: line.key)]
        let isAlerting = (storm?.level ?? .ok) > .ok || storm?.overWarnNanoseconds != nil
        // What is above the absolute level never becomes usual by itself.
        if isAlerting, line.busiestPerSecond >= rules.rates.warn * rules.leaveShare { return }
        if (memory.alerts[AlertKey(.unhandled, id: line.key)]?.level ?? .ok) > .ok { return }
        row.baseline.learn(line.busiestPerSecond, weight: isAlerting ? slowly : 1)
    }

    /// Notes what was looked up, for the next run to compare with.
    static func note(_ line: LineObservation, _ row: inout RowMemory, seconds: Double?) {
        guard let details = line.details else {
            // Not looked at: it stood still, or moved little. What was known of its mask may be old by now.
            if line.delta > 0 { row.maskHash = 0 }
            return
        }
        let lost = UnhandledSeen(line, row, seconds: seconds)
        if line.isKnown {
            let stays = row.mayBeDisabled && line.delta == 0 && details.spurious == row.spurious
            row.mayBeDisabled = details.isSpuriousDisabled ?? (stays || (lost?.disabling ?? .none) != .none)
        }
        if let spurious = details.spurious { row.spurious = spurious }
        row.maskHash = details.affinity?.hash ?? 0
    }
}
