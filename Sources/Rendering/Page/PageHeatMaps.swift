internal import IRQCore

/// The section of latencies over time.
struct PageHeatMaps {
    let report: Report
    let time: PageTime
    let units: Units
    /// True if the counts of cells are written too, for scripts.
    let hasCounts: Bool
    /// False if rows were chosen.
    let isWhole: Bool

    private var maps: [HeatMap] { time.timeline.heatMaps.filter { !$0.cells.isEmpty } }

    /// Writes the section.
    func write(to output: inout ByteOutput) {
        let maps = maps
        output.put("<h2 id=\"heat\">Latency over time</h2>\n")
        let levels = HeatLevels(most: maps.flatMap(\.cells).map(\.count).max() ?? 1)
        output.put(
            "<p class=\"small soft\">Time goes to the right, the time that each took goes up on a logarithmic scale, and colour "
                + "counts. Below each picture is the rate. \(choice)</p>\n")
        writeLegend(levels, to: &output)
        output.put("<div class=\"grid\">\n")
        for (place, map) in maps.enumerated() { write(map, place, levels, to: &output) }
        output.put("</div>\n")
    }

    private var choice: String {
        isWhole
            ? "The busiest of each kind are shown."
            : "The chosen rows are shown, and the wake-ups of tasks that nothing else woke."
    }

    private func writeLegend(_ levels: HeatLevels, to output: inout ByteOutput) {
        output.put("<div class=\"legend\">")
        if levels.most == 1 { output.put("<span>each mark is one</span>") } else { writeRamp(levels, to: &output) }
        writeSigns(to: &output)
        output.put("</div>\n")
    }

    private func writeRamp(_ levels: HeatLevels, to output: inout ByteOutput) {
        output.put(
            "<span>1 <svg class=\"ramp\" viewBox=\"0 0 16 1\" preserveAspectRatio=\"none\" ")
        output.put("role=\"img\" aria-label=\"The scale of colours, from 1 to \(levels.most) in a cell\">")
        for level in 0..<HeatLevels.count {
            output.put("<path class=\"h\(level)\" d=\"M\(level) .5h1.05\"/>")
        }
        output.put("</svg> \(Units.count(levels.most)) in a cell, each colour as many times the one before</span>")
    }

    private func writeSigns(to output: inout ByteOutput) {
        if !time.gaps.isEmpty {
            output.put("<span><i class=\"chip\"><i class=\"gaps\"></i></i> events lost on one or more CPUs</span>")
        }
        if !report.storms.isEmpty {
            output.put("<span><i class=\"chip\"><i class=\"storm\" style=\"width:100%\"></i></i> high rate</span>")
        }
        if report.triggerNanoseconds != nil {
            output.put("<span><i class=\"chip\"><i class=\"trigger\"></i></i> what triggered the recording</span>")
        }
    }

    private func write(_ map: HeatMap, _ place: Int, _ levels: HeatLevels, to output: inout ByteOutput) {
        let steps = map.cells.map { Int($0.step) }
        let axis = LatencyAxis(steps.min() ?? 0, steps.max() ?? 0, units: units)
        let ticks = axis.ticks
        let (columns, height) = (time.columns, Double(axis.steps.count))
        output.put("<figure id=\"heat-\(place)\"><figcaption>\(caption(map))</figcaption>\n<div class=\"plot\">")
        PagePlot.writeY(ticks, to: &output)
        output.put("<div class=\"pic heat\">")
        output.put(
            PagePlot.svg(
                columns, height, left: time.left, label: sentence(map),
                attributes:
                    " class=\"map\" tabindex=\"0\" shape-rendering=\"crispEdges\" data-s=\"\(axis.steps.upperBound)\" "
                    + "data-w=\"\(time.timeline.columnNanoseconds)\" data-u=\"\(PageSubject.things(map.subject).many)\""
            ))
        output.put(PagePlot.net(across: ticks, columns, height))
        HeatDrawing(map, levels, axis, hasCounts: hasCounts).write(to: &output)
        output.put("</svg>")
        if !time.gaps.isEmpty { output.put("<i class=\"gaps cut\"></i>") }
        writeStorms(map, to: &output)
        writeTrigger(to: &output)
        output.put("</div>")
        writeRate(map, to: &output)
        PagePlot.writeX(time.ticks, to: &output)
        output.put("</div></figure>\n")
    }

    // MARK: Words

    private func caption(_ map: HeatMap) -> String {
        let things = PageSubject.things(map.subject)
        let count = map.cells.reduce(0) { $0 &+ $1.count }
        var parts = [PageSubject.finished(count, of: calls(map.subject), things)]
        if let summary = PageSubject(report: report).summary(map.subject), summary.count > 0 {
            parts.append("half within \(units.duration(summary.percentile(perMille: 500)))")
            parts.append("99% within \(units.duration(summary.percentile(perMille: 990)))")
            parts.append("longest \(units.duration(summary.maximumNanoseconds))")
        }
        return "<b><bdi>\(PageText.escaped(PageSubject(report: report).label(map.subject)))</bdi></b>, "
            + "\(PageSubject.statistic(map.subject))<br>" + PageText.escaped(parts.joined(separator: ", "))
    }

    /// All calls of a row whose time is drawn, the unfinished ones as well; nil where there are none.
    private func calls(_ subject: HeatMap.Subject) -> UInt64? {
        guard case .row(let key, .duration) = subject else { return nil }
        return report.rows.first { PageKey($0.key) == PageKey(key) }?.calls
    }

    /// The sentence that says what is seen.
    private func sentence(_ map: HeatMap) -> String {
        var bySteps: [UInt8: UInt64] = [:]
        for cell in map.cells { bySteps[cell.step, default: 0] += cell.count }
        let statistic = PageSubject.statistic(map.subject)
        var text =
            "\(PageSubject(report: report).label(map.subject)), \(statistic) over \(units.duration(time.nanoseconds))"
        if let most = bySteps.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) {
            text += ": most around \(units.duration(HeatScale.lowest(most.key)))"
        }
        if let longest = map.cells.max(by: { ($0.step, $1.column) < ($1.step, $0.column) }) {
            let start = time.words(time.start(ofColumn: Int(longest.column)))
            text += ", the longest from \(units.duration(HeatScale.lowest(longest.step))) on at \(start)"
        }
        if !time.gaps.isEmpty { text += "; events are missing in \(time.gaps.count) stretches" }
        return text + "."
    }

    // MARK: Rate and storms

    private func writeRate(_ map: HeatMap, to output: inout ByteOutput) {
        let counts = map.counts(columnCount: time.timeline.columnCount)
        let rates = counts.enumerated().map { Double($1) * 1e9 / Double(max(time.length(ofColumn: $0), 1)) }
        let roof = LinearAxis.roof(rates.max() ?? 0)
        PagePlot.writeY([PageTick(place: 1, label: LinearAxis.short(roof) + "/s")], "rate", to: &output)
        output.put("<div class=\"pic rate\">")
        let peak = Units.rate(rates.max() ?? 0)
        output.put(PagePlot.svg(time.columns, 50, left: time.left, label: "The rate, up to \(peak) a second."))
        output.put("<path class=\"area\" d=\"\(AreaDrawing.path(rates.map { $0 / roof }, height: 50))\"/></svg>")
        if !time.gaps.isEmpty { output.put("<i class=\"gaps cut\"></i>") }
        output.put("</div>")
    }

    /// Marks the time at which the recording was triggered.
    private func writeTrigger(to output: inout ByteOutput) {
        guard let trigger = report.triggerNanoseconds, trigger >= time.startNanoseconds else { return }
        output.put(
            "<i class=\"trigger\" style=\"left:\(PageText.percent(time.place(trigger)))\" "
                + "title=\"triggered at \(PageText.escaped(time.words(trigger)))\"></i>")
    }

    private static let stormLimit = 40

    private func writeStorms(_ map: HeatMap, to output: inout ByteOutput) {
        guard case .row(let key, _) = map.subject else { return }
        for storm in report.storms.filter({ PageKey($0.row) == PageKey(key) }).prefix(Self.stormLimit) {
            let (start, end) = (time.place(storm.startNanoseconds), time.place(storm.endNanoseconds))
            let words = "up to \(Units.rate(Double(storm.peakPerSecond))) a second on CPU \(storm.cpu)"
            output.put(
                "<i class=\"storm\" style=\"left:\(PageText.percent(start));width:\(PageText.percent(end - start))\" "
                    + "title=\"\(PageText.escaped(words))\"></i>")
        }
    }
}
