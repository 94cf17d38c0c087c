internal import IRQCore

/// The lane of a CPU around a slow moment: a box for each span, nested ones below, and what was waited for above.
struct MomentPicture {
    let moment: SlowMoment
    let report: Report
    let units: Units
    /// The stretches of which events are missing, of all CPUs.
    let gaps: [TimelineGap]

    private static let (leastWidth, leastWordWidth) = (0.0006, 0.04)
    /// The height of a row of boxes in rem.
    private static let rowHeight = 1.4

    /// "irq 36 virtio1-req.0 12.3 µs".
    func words(_ span: SlowMoment.Span) -> String {
        "\(PageSubject(report: report).label(span.subject)) \(units.duration(span.durationNanoseconds))"
    }

    /// True for the span that the moment is about.
    static func isSlow(_ span: SlowMoment.Span, _ moment: SlowMoment) -> Bool {
        span.startNanoseconds == moment.startNanoseconds && span.subject == moment.subject
    }

    private var isWait: Bool { PageSubject.isWait(moment.subject) }
    private var length: UInt64 {
        max(moment.window.upperBound, moment.window.lowerBound + 1) - moment.window.lowerBound
    }

    private func place(_ time: UInt64) -> Double {
        time <= moment.window.lowerBound ? 0 : min(Double(time - moment.window.lowerBound) / Double(length), 1)
    }

    private static func sides(_ start: Double, _ end: Double) -> String {
        "left:\(PageText.percent(start));width:\(PageText.percent(end - start))"
    }

    /// Writes the lane and its axis, on which 0 is the begin of what was slow.
    func write(to output: inout ByteOutput) {
        let depth = (moment.spans.map(\.depth).max() ?? 0) + 1
        let height = Double(depth + (isWait ? 1 : 0)) * Self.rowHeight + 0.2
        let missing = gaps.filter {
            $0.cpu == moment.cpu && $0.endNanoseconds > moment.window.lowerBound
                && $0.startNanoseconds < moment.window.upperBound
        }
        var label = "CPU \(moment.cpu) around it: \(moment.spans.count) spans in \(units.duration(length))"
        if !missing.isEmpty { label += ", of which events are missing" }
        output.put("<div class=\"lane\" role=\"img\" aria-label=\"\(PageText.escaped(label)).\" ")
        output.put("style=\"height:\(PageText.number(height))rem\">")
        for gap in missing {
            let sides = Self.sides(place(gap.startNanoseconds), place(gap.endNanoseconds))
            output.put("<i class=\"gaps wide\" style=\"\(sides)\" title=\"events lost\"></i>")
        }
        if isWait { writeWait(to: &output) }
        var ends = [Double](repeating: -1, count: depth)
        for span in moment.spans { write(span, &ends, to: &output) }
        output.put("</div>\n")
        PagePlot.writeX(
            LinearAxis.times(length, zero: moment.startNanoseconds &- moment.window.lowerBound), to: &output)
    }

    private func write(_ span: SlowMoment.Span, _ ends: inout [Double], to output: inout ByteOutput) {
        let start = place(span.startNanoseconds)
        let end = place(span.startNanoseconds &+ span.durationNanoseconds)
        let isSlow = Self.isSlow(span, moment)
        // What lies within a pixel of the one before cannot be told from it.
        if !isSlow, end - ends[span.depth] < Self.leastWidth, end - start < Self.leastWidth { return }
        ends[span.depth] = end
        let top = PageText.number(Double(span.depth + (isWait ? 1 : 0)) * Self.rowHeight)
        output.put("<span class=\"box \(PageSubject.style(span.subject))\(isSlow ? " slow" : "")\" ")
        output.put("style=\"\(Self.sides(start, end));top:\(top)rem\"")
        // Words that cannot be read are left to the pointer and to the list below.
        let words = PageText.escaped(words(span))
        output.put(end - start < Self.leastWordWidth ? " data-t=\"\(words)\"></span>" : ">\(words)</span>")
    }

    private func writeWait(to output: inout ByteOutput) {
        let sides = Self.sides(
            place(moment.startNanoseconds), place(moment.startNanoseconds &+ moment.durationNanoseconds))
        output.put("<span class=\"wait\" style=\"\(sides)\">waits \(units.duration(moment.durationNanoseconds))</span>")
    }
}
