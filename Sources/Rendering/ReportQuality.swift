import IRQCore

/// The foot of a report: how far its numbers can be trusted.
struct ReportQuality {
    private let report: Report
    private let style: Style

    init(_ report: Report, style: Style) {
        self.report = report
        self.style = style
    }

    /// One line on events and pairs, then one for each thing a reader must know.
    func lines() -> [String] {
        let ledger = report.ledger
        var parts = ["\(Units.count(ledger.events)) events read, \(Units.count(ledger.usedEvents)) used"]
        var isGood = ledger.gaps == 0
        if ledger.gaps == 0 {
            parts.append("none lost")
        } else {
            let count =
                ledger.gapsOfUnknownSize > 0
                ? "at least \(Units.count(ledger.lostEvents))" : Units.count(ledger.lostEvents)
            let gaps = "\(Units.count(ledger.gaps)) gap\(ledger.gaps == 1 ? "" : "s")"
            parts.append("LOST \(count) in \(gaps), \(Units.count(ledger.spansDroppedAtGaps)) open spans dropped there")
        }
        var odd: [(UInt64, String)] = [
            (ledger.unmatchedEntries, "entries without exit"), (ledger.unmatchedExits, "exits without entry"),
            (ledger.openAtEnd, "still open at the end"), (ledger.unmatchedWorkEnds, "work ends without start"),
            (ledger.workDroppedAtGaps, "work items dropped at gaps"),
        ]
        odd.removeAll { $0.0 == 0 }
        parts += odd.isEmpty ? ["all paired"] : odd.map { "\(Units.count($0.0)) \($0.1)" }

        var warnings: [String] = []
        if let overrun = report.overrunEvents, overrun > 0 {
            warnings.append(
                "\(Units.count(overrun)) events were overwritten or dropped in the kernel's buffer (its own count)")
        }
        let damages: [(UInt64, String)] = [
            (ledger.damagedPages, "pages are damaged and were read up to the damage"),
            (ledger.damagedChunks, "compressed chunks do not unpack and are missing"),
            (ledger.malformedEvents, "events carry impossible numbers and were left out"),
            (ledger.spansTooDeep, "spans were nested too deeply to be followed"),
            (ledger.callsBeyondRowLimit, "calls are in no row: there are too many different ones"),
            (ledger.stormsBeyondLimit, "further high rates are not listed"),
        ]
        for (count, text) in damages where count > 0 { warnings.append("\(Units.count(count)) \(text)") }
        warnings += report.notes
        if !warnings.isEmpty { isGood = false }
        let line = "Quality: " + parts.joined(separator: "; ") + "."
        return [isGood ? style.good(line) : style.alarm(line)] + warnings.map { "  note: \($0)" } + threads()
    }

    /// With threaded interrupts the measured handlers are stubs; say so.
    private func threads() -> [String] {
        let calls = report.irqs.reduce(0) { $0 + $1.duration.count }
        let woken = report.irqs.reduce(0) { $0 + $1.wakeThread }
        guard calls > 0, woken * 2 > calls else { return [] }
        return [
            "  note: \(Units.percent(Double(woken) / Double(calls))) of the handler calls only woke their thread "
                + "(threadirqs or PREEMPT_RT): the work is in the irq/N threads, not in these durations"
        ]
    }
}
