public import IRQCore

/// A report as one page that loads nothing, for those who would rather see it.
public struct ReportHTML {
    private var report: Report
    private let units: Units
    private let sort: SortKey
    private let isWhole: Bool

    /// The bytes up to which a page grows by rows; pictures and the busiest rows are always there.
    private static let byteLimit = 1_700_000

    /// Creates the page of a report.
    ///
    /// - Parameter isWhole: false if rows were left out: then the shares of CPUs are not those of all interrupts.
    public init(_ report: Report, sort: SortKey = .total, isWhole: Bool = true) {
        (self.report, self.sort, self.isWhole) = (report, sort, isWhole)
        // Ticks have no course over time.
        if !report.source.isClockNanoseconds { self.report.timeline = nil }
        units = Units(isTime: report.source.isClockNanoseconds)
    }

    /// The bytes that such a page begins with.
    public static let magic = Array(PageDocument.magic.utf8)

    /// Writes the page.
    public func write(to output: inout ByteOutput) {
        let start = output.byteCount
        let time = report.timeline.flatMap { $0.columnCount > 0 ? PageTime($0, report) : nil }
        let document = PageDocument(title: "irqscope: " + PageHead.title(report), style: time?.gapStyle ?? "")
        document.begin(to: &output)
        PageHead(report: report, units: units, isWhole: isWhole).write(to: &output)
        writeContents(time, to: &output)
        output.put("<main>\n")
        PageFindings(report: report, units: units, isWhole: isWhole).write(to: &output)
        PageTrust(report: report, units: units, isWhole: isWhole).write(to: &output)
        if let time, time.timeline.heatMaps.contains(where: { !$0.cells.isEmpty }) {
            PageHeatMaps(report: report, time: time, units: units, hasCounts: true, isWhole: isWhole).write(to: &output)
        } else {
            output.put("<h2 id=\"heat\">Latency over time</h2>\n<p>\(PageText.escaped(absence))</p>\n")
        }
        if let time, !time.timeline.lanes.isEmpty { PageLanes(report: report, time: time).write(to: &output) }
        if let time, hasMoments(time) { PageMoments(report: report, time: time, units: units).write(to: &output) }
        let room = max(Self.byteLimit - (output.byteCount - start), Self.byteLimit / 5)
        PageRows(report: report, units: units, sort: sort, byteLimit: room).write(to: &output)
        PageTables(report: report, units: units).write(to: &output)
        output.put("</main>\n")
        document.end(hasScript: true, to: &output)
    }

    /// The reason why there is no picture over time.
    private var absence: String {
        if !report.parts.isEmpty {
            let file = report.parts[0].source.file
            return
                "Pictures over time are those of one recording, for clocks have nothing in common. This makes them of the first: "
                + "irqscope report --format html \(ShellWord.quoted(file))"
        }
        if !report.source.isClockNanoseconds {
            let clock = report.source.clock.map { " \"\($0)\"" } ?? ""
            return "The clock of this recording\(clock) counts ticks, not time, so there is nothing to draw over time."
        }
        if report.rows.isEmpty { return "There is no interrupt in this recording." }
        if !isWhole {
            return
                "No call, run or wait of what was chosen was seen from its begin to its end, so there is nothing to draw."
        }
        return "No call, run or wait was seen from its begin to its end, so there is nothing to draw."
    }

    /// True if there are moments, or none at all, which is worth a word.
    private func hasMoments(_ time: PageTime) -> Bool { isWhole || !time.timeline.moments.isEmpty }

    private func writeContents(_ time: PageTime?, to output: inout ByteOutput) {
        var links = [("findings", "What matters"), ("trust", "Trust"), ("heat", "Latency over time")]
        if let time {
            if !time.timeline.lanes.isEmpty { links.append(("cpus", "CPU time")) }
            if hasMoments(time) { links.append(("moments", "Slowest moments")) }
        }
        links.append(("rows", "All rows"))
        if PageTables.isAny(report) { links.append(("tables", "High rates and tasks")) }
        output.put("<nav aria-label=\"Contents\">")
        for (id, words) in links { output.put("<a href=\"#\(id)\">\(words)</a>") }
        output.put("</nav>\n")
    }
}
