/// The verdicts: from what is remembered, what was seen and what counts as trouble to what is told.
///
/// A pure function: no clock, no files. `judge` measures all conditions, then takes each through the levels:
///
///     value   ────────────╱╲──────   enters at a level once it was above it for `--for`,
///     enter   - - - - - -╱- ╲ - -    counted from the start of the interval that was above
///     leave   - - - - - ╱ - -╲- -    leaves below 70 % of it, again for `--for`
public enum AlertEngine {
    /// The outcome of a run.
    public struct Outcome: Sendable {
        /// The memory for the next run.
        public var memory: AlertMemory
        /// The conditions that hold now, and those that are over: the worst first.
        public var findings: [AlertFinding] = []
        /// Conditions beyond `AlertMemory.alertLimit`.
        public var droppedCount = 0

        /// The worst level.
        public var level: AlertLevel { findings.map(\.level).max() ?? .ok }
    }

    /// Judges an interval. Without one (the first run) what is known stays as it is.
    public static func judge(_ memory: AlertMemory, _ seen: BoxInterval, _ rules: AlertRules) -> Outcome {
        var outcome = Outcome(memory: memory)
        var measured: [AlertKey: Measurement] = [:]
        if seen.intervalNanoseconds != nil {
            let run = CheckRun(memory: memory, seen: seen, rules: rules)
            for measurement in run.measurements() { measured[measurement.key] = measurement }
            for (key, burst) in seen.bursts {
                // What holds over the whole interval is told rather, unless the burst is worse.
                let mean = measured[key]
                let isWorse = burst.value >= burst.crit && (mean.map { $0.value < $0.crit } ?? true)
                if mean.map({ $0.value < $0.warn }) ?? true || isWorse { measured[key] = burst }
            }
            let keys = Set(memory.alerts.keys).union(measured.keys).sorted()
            let (present, unknown) = lines(of: keys, seen)
            for key in keys {
                let isLine = key.isAboutLine
                if isLine, measured[key] == nil, unknown.contains(key.id) { continue }
                step(key, measured[key], seen, rules, isGone: isLine && !present.contains(key.id), &outcome)
            }
        }
        if !seen.lines.isEmpty { AlertLearning.learn(&outcome.memory, seen, rules) }
        outcome.findings = findings(&outcome.memory, measured, seen)
        return outcome
    }

    /// True if a line is fast enough for a finding, or has one: then its device and names are wanted.
    public static func isInteresting(_ line: LineObservation, _ memory: AlertMemory, _ rules: AlertRules) -> Bool {
        line.busiestPerSecond >= rules.closePerSecond
            || line.isolatedPerSecond >= IsolatedCPUCheck.warnPerSecond * 0.5
            || memory.rows[line.key]?.mayBeDisabled == true || memory.alerts[AlertKey(.storm, id: line.key)] != nil
            || memory.alerts[AlertKey(.unhandled, id: line.key)] != nil
    }

    /// The rows about which something may be told, and of which nobody has looked for the device yet: rules may name it.
    public static func unnamedRows(_ memory: AlertMemory, _ seen: BoxInterval, _ rules: AlertRules) -> Set<Int> {
        guard seen.intervalNanoseconds != nil else { return [] }
        let run = CheckRun(memory: memory, seen: seen, rules: rules)
        var rows: Set<Int> = []
        var measured: [Measurement] = []
        for line in seen.lines where line.irq != nil && !line.isNamed {
            run.measure(line, into: &measured)
            if !measured.isEmpty { rows.insert(line.row) }
            measured.removeAll(keepingCapacity: true)
        }
        return rows
    }

    /// The lines that are fast and whose work was not seen: their threads, and the firmware's events, may tell of it.
    public static func unfollowedLines(_ seen: BoxInterval, _ rules: AlertRules) -> [Int] {
        guard seen.intervalNanoseconds != nil else { return [] }
        let table = WorkTable(seen)
        let least = min(StormCheck.firmwarePerSecond, rules.rates.warn) * rules.leaveShare
        return seen.lines.indices.filter { index in
            let line = seen.lines[index]
            guard line.isNamed, line.busiestPerSecond >= least, let work = table.of(line) else { return false }
            return work.verdict != .follows
        }
    }

    /// The rest of a memory after the machine was booted: what was told and is over now.
    public static func startOver(_ memory: AlertMemory) -> AlertMemory {
        var fresh = AlertMemory()
        for (key, alert) in memory.alerts where alert.announced > .ok {
            var ended = alert
            ended.level = .ok
            (ended.overWarnNanoseconds, ended.overCritNanoseconds, ended.underNanoseconds) = (nil, nil, nil)
            fresh.alerts[key] = ended
        }
        return fresh
    }

    /// Notes that these findings were told, so that they are not told as changes again.
    public static func acknowledge(_ findings: [AlertFinding], in memory: inout AlertMemory) {
        for finding in findings {
            memory.alerts[finding.key]?.announced = finding.level
            if memory.alerts[finding.key]?.isOver == true { memory.alerts[finding.key] = nil }
        }
    }

    // MARK: One condition

    private static func step(
        _ key: AlertKey, _ measured: Measurement?, _ seen: BoxInterval, _ rules: AlertRules, isGone: Bool,
        _ outcome: inout Outcome
    ) {
        let known = outcome.memory.alerts[key]
        if known == nil, outcome.memory.alerts.count >= AlertMemory.alertLimit {
            outcome.droppedCount += 1
            return
        }
        var alert = known ?? ActiveAlert(key: key, subject: measured?.subject ?? AlertSubject())
        let (start, now) = (measured?.start?.awake ?? seen.start.awake, seen.time.awake)
        let value = measured?.value ?? 0
        func isOver(_ limit: Double?, _ level: AlertLevel) -> Bool {
            guard let limit else { return false }
            return value >= (alert.level >= level ? limit * rules.leaveShare : limit)
        }
        let wasOver = alert.overWarnNanoseconds != nil || alert.overCritNanoseconds != nil
        alert.overWarnNanoseconds = isOver(measured?.warn, .warning) ? alert.overWarnNanoseconds ?? start : nil
        alert.overCritNanoseconds = isOver(measured?.crit, .critical) ? alert.overCritNanoseconds ?? start : nil
        let isOver = alert.overWarnNanoseconds != nil || alert.overCritNanoseconds != nil
        if isOver, !wasOver, alert.level == .ok {
            alert.sinceWallNanoseconds = measured?.start?.wall ?? seen.startWallNanoseconds
        }
        func hasLasted(_ since: UInt64?, _ level: AlertLevel) -> Bool {
            guard let since else { return false }
            if alert.level >= level { return true }
            if measured?.needsTwo == true, since >= start { return false }
            return now - min(since, now) >= rules.forNanoseconds
        }
        var target = AlertLevel.ok
        if hasLasted(alert.overWarnNanoseconds, .warning) { target = .warning }
        if hasLasted(alert.overCritNanoseconds, .critical) { target = .critical }
        if target < alert.level, !isGone {
            let since = alert.underNanoseconds ?? start
            alert.underNanoseconds = since
            if now - min(since, now) < rules.forNanoseconds { target = alert.level }
        }
        if target >= alert.level { if target > alert.level || measured != nil { alert.underNanoseconds = nil } }
        if target > .ok, alert.level == .ok {
            alert.sinceNanoseconds = alert.overWarnNanoseconds ?? alert.overCritNanoseconds ?? start
            alert.peak = 0
        }
        alert.level = target
        if let measured {
            alert.subject = measured.subject
            if value.isFinite { alert.peak = max(alert.peak, value) }
        }
        outcome.memory.alerts[key] = alert.isOver ? nil : alert
    }

    /// The lines that keys are about, as far as they are there, and those of them whose movement is unknown.
    private static func lines(of keys: [AlertKey], _ seen: BoxInterval) -> (Set<UInt64>, unknown: Set<UInt64>) {
        let wanted = Set(keys.lazy.filter(\.isAboutLine).map(\.id))
        var (present, unknown): (Set<UInt64>, Set<UInt64>) = ([], [])
        if wanted.isEmpty { return (present, unknown) }
        for line in seen.lines where wanted.contains(line.key) {
            present.insert(line.key)
            if !line.isKnown { unknown.insert(line.key) }
        }
        return (present, unknown)
    }

    // MARK: Telling

    private static func findings(
        _ memory: inout AlertMemory, _ measured: [AlertKey: Measurement], _ seen: BoxInterval
    ) -> [AlertFinding] {
        var findings: [AlertFinding] = []
        let (present, _) = lines(of: Array(memory.alerts.keys), seen)
        for alert in memory.alerts.values where alert.level > .ok || alert.announced > .ok {
            let measurement = measured[alert.key]
            var finding = AlertFinding(
                key: alert.key, subject: alert.subject, level: alert.level, previousLevel: alert.announced,
                sinceWallNanoseconds: alert.sinceWallNanoseconds,
                lastedNanoseconds: seen.time.awake - min(alert.sinceNanoseconds, seen.time.awake),
                warn: measurement?.warn, crit: measurement.flatMap { $0.crit.isFinite ? $0.crit : nil },
                peak: alert.peak, evidence: measurement?.evidence ?? AlertEvidence())
            if alert.level == .ok {
                if seen.intervalNanoseconds == nil, !seen.lines.isEmpty {
                    finding.ending = .reboot
                    finding.lastedNanoseconds = 0
                } else {
                    finding.ending = alert.key.isAboutLine && !present.contains(alert.key.id) ? .gone : .below
                }
            }
            findings.append(finding)
        }
        findings.sort {
            ($1.level.rawValue, $0.key.verdict.rawValue, $1.peak, $0.key)
                < ($0.level.rawValue, $1.key.verdict.rawValue, $0.peak, $1.key)
        }
        return findings
    }
}

extension AlertKey {
    /// True if its id is a row's key.
    var isAboutLine: Bool {
        switch verdict {
        case .storm, .unhandled, .errors: true
        case .placement: aspect == .outsideMask || aspect == .isolatedCPU
        case .softirq, .steal: false
        }
    }
}

/// What a run adds to the memory of each row.
enum AlertLearning {
    /// While a line is above its own history it is learnt this much more slowly: a new use of a device becomes usual
    /// within hours, not minutes.
    private static let slowly: Float = 0.125

    /// Learns from an interval, after the verdicts. Rows that are gone are forgotten.
    static func learn(_ memory: inout AlertMemory, _ seen: BoxInterval, _ rules: AlertRules) {
        var rows: [RowMemories.Entry] = []
        rows.reserveCapacity(min(seen.lines.count, AlertMemory.rowLimit))
        let work = WorkTable(seen)
        for line in seen.lines {
            guard rows.count < AlertMemory.rowLimit else { break }
            let known = memory.rows[line.key]
            var row = known ?? RowMemory()
            note(line, &row, work.of(line), seconds: seen.seconds)
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
        // Rates above the absolute level are not learned as usual.
        if isAlerting, line.busiestPerSecond >= rules.rates.warn * rules.leaveShare { return }
        if (memory.alerts[AlertKey(.unhandled, id: line.key)]?.level ?? .ok) > .ok { return }
        row.baseline.learn(line.busiestPerSecond, weight: isAlerting ? slowly : 1)
    }

    /// Notes what was looked up, for the next run to compare with.
    static func note(_ line: LineObservation, _ row: inout RowMemory, _ work: Work?, seconds: Double?) {
        guard let details = line.details else {
            // Not looked at: it stood still, or moved little. What was known of its mask may be old by now.
            if line.delta > 0 { row.maskHash = 0 }
            return
        }
        let lost = UnhandledSeen(line, row, work, seconds: seconds)
        if line.isKnown {
            let stays = row.mayBeDisabled && line.delta == 0 && details.spurious == row.spurious
            row.mayBeDisabled = details.isSpuriousDisabled ?? (stays || (lost?.disabling ?? .none) != .none)
        }
        if let spurious = details.spurious { row.spurious = spurious }
        row.maskHash = details.affinity?.hash ?? 0
    }
}
