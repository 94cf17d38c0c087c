import IRQCore
import Rendering

/// Checks what holds for the report of any recording; of one in eight also what is written of it, which takes longer.
func check(_ report: Report, of bytes: RawSpan) {
    precondition(report.ledger.usedEvents <= report.ledger.events)
    for row in report.rows { check(row) }
    for (slower, faster) in zip(report.slowest, report.slowest.dropFirst()) {
        precondition(slower.durationNanoseconds >= faster.durationNanoseconds)
    }
    if isChosen(bytes, one: 8) { checkOutputs(report) }
    // A page has pictures where the course over time was wanted.
    if report.timeline != nil || isChosen(bytes, one: 16) { checkText(written { ReportHTML(report).write(to: &$0) }) }
}

private func check(_ row: ReportRow) {
    precondition(row.unhandled <= row.calls && row.wokeThread <= row.calls)
    precondition(zip(row.cpus, row.cpus.dropFirst()).allSatisfy { $0.cpu < $1.cpu })
    precondition(row.cpus.reduce(0) { $0 &+ $1.calls } == row.calls)
    precondition(row.cpus.reduce(0) { $0 &+ $1.totalNanoseconds } == row.duration.totalNanoseconds)
    for measure in Measure.allCases {
        let summary = row[measure]
        precondition(summary.histogram.count == summary.count)
        guard let shortest = summary.minimumNanoseconds, let longest = summary.maximumNanoseconds else {
            precondition(summary.count == 0)
            continue
        }
        precondition(summary.count > 0 && shortest <= longest)
        let percentiles = [500, 900, 990, 999].compactMap { summary.percentile(perMille: $0) }
        precondition(percentiles == percentiles.sorted() && percentiles.allSatisfy { (shortest...longest).contains($0) })
    }
}

/// Checks the forms in which a report is written.
private func checkOutputs(_ report: Report) {
    for isUnicode in [true, false] {
        var options = ReportText.Options()
        (options.showsHistograms, options.showsCPUs, options.showsSlowest, options.showsLoads) = (true, true, true, true)
        (options.showsDeep, options.width) = (true, isUnicode ? 80 : nil)
        let text = ReportText(report, style: Style(isUnicode: isUnicode), options: options)
        checkText(written { text.write(to: &$0) })
    }
    checkJSON(written { ReportJSON.write(report, to: &$0) })
    for table in ReportCSV.all { checkCSV(written { table.write(report, to: &$0) }) }
    if report.source.isClockNanoseconds {
        var sums = HandlerSums()
        sums.add(report, nanoseconds: report.windowNanoseconds ?? 0, lostEvents: 0, limit: HandlerSums.defaultLimit)
        checkText(Array(HandlerFamilies.text(sums).utf8))
    }
}
