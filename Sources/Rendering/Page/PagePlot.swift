internal import IRQCore

/// A picture whose labels stay readable however wide the page is: text stands beside a drawing that is stretched.
enum PagePlot {
    /// Writes the labels at the left; places go up.
    static func writeY(_ ticks: [PageTick], _ style: StaticString = "heat", to output: inout ByteOutput) {
        output.put("<div class=\"y \(style)\" aria-hidden=\"true\">")
        for tick in ticks {
            let edge = tick.place > 0.96 ? " class=\"top\"" : tick.place < 0.04 ? " class=\"bot\"" : ""
            output.put(
                "<span\(edge) style=\"top:\(PageText.percent(1 - tick.place))\">\(PageText.escaped(tick.label))</span>")
        }
        output.put("</div>")
    }

    /// Writes the labels below.
    static func writeX(_ ticks: [PageTick], to output: inout ByteOutput) {
        output.put("<div class=\"x\" aria-hidden=\"true\">")
        for tick in ticks {
            let edge = tick.place < 0.03 ? " class=\"l\"" : tick.place > 0.97 ? " class=\"r\"" : ""
            output.put(
                "<span\(edge) style=\"left:\(PageText.percent(tick.place))\">\(PageText.escaped(tick.label))</span>")
        }
        output.put("</div>")
    }

    /// The begin of a drawing of so many units that is stretched to its place.
    ///
    /// - Parameter left: the units at its left edge.
    static func svg(
        _ width: Double, _ height: Double, left: Double = 0, label: String, attributes: String = ""
    ) -> String {
        "<svg viewBox=\"\(PageText.number(left, decimals: 3)) 0 \(PageText.number(width, decimals: 3)) \(PageText.number(height, decimals: 3))\""
            + " preserveAspectRatio=\"none\" role=\"img\" aria-label=\"\(PageText.escaped(label))\"\(attributes)>"
    }

    /// The path of lines across a drawing at the places of marks.
    static func net(across ticks: [PageTick], _ width: Double, _ height: Double) -> String {
        let lines = ticks.filter { $0.place > 0.001 && $0.place < 0.999 }.map {
            "M0 \(PageText.number((1 - $0.place) * height, decimals: 2))H\(PageText.number(width + 1, decimals: 2))"
        }
        return lines.isEmpty ? "" : "<path class=\"net\" d=\"\(lines.joined())\"/>"
    }
}

/// The time that all pictures of a page share.
struct PageTime {
    let timeline: Timeline
    /// The begin of the recording, which lies in the first column.
    let startNanoseconds: UInt64
    /// The end of the recording.
    let endNanoseconds: UInt64

    init(_ timeline: Timeline, _ report: Report) {
        self.timeline = timeline
        let end = timeline.startNanoseconds &+ timeline.columnNanoseconds &* UInt64(timeline.columnCount)
        startNanoseconds = max(timeline.startNanoseconds, min(report.startNanoseconds ?? 0, end))
        endNanoseconds = min(max(report.endNanoseconds ?? end, startNanoseconds &+ 1), max(end, 1))
    }

    /// The length of all.
    var nanoseconds: UInt64 { endNanoseconds > startNanoseconds ? endNanoseconds - startNanoseconds : 1 }

    /// The part of the first column that lies before the recording, in columns.
    var left: Double {
        Double(startNanoseconds - timeline.startNanoseconds) / Double(max(timeline.columnNanoseconds, 1))
    }

    /// The length in columns, of which the first and the last may be a part.
    var columns: Double { Double(nanoseconds) / Double(max(timeline.columnNanoseconds, 1)) }

    /// The place of a time: 0 is the begin, 1 the end.
    func place(_ time: UInt64) -> Double {
        let passed = time > startNanoseconds ? time - startNanoseconds : 0
        return min(Double(passed) / Double(nanoseconds), 1)
    }

    /// The time since the begin, as --time takes it: "+1.234 s".
    func words(_ time: UInt64) -> String {
        let passed = time > startNanoseconds ? time - startNanoseconds : 0
        // As exact as a column.
        var (decimals, unit) = (0, UInt64(1_000_000_000))
        while unit > timeline.columnNanoseconds, decimals < 9 { (unit, decimals) = (unit / 10, decimals + 1) }
        let whole = passed / 1_000_000_000
        let digits = String(passed % 1_000_000_000)
        let fraction = (String(repeating: "0", count: 9 - digits.count) + digits).prefix(decimals)
        return "+\(whole)" + (fraction.isEmpty ? "" : ".\(fraction)") + " s"
    }

    /// The begin of a column.
    func start(ofColumn column: Int) -> UInt64 {
        timeline.startNanoseconds &+ UInt64(column) &* timeline.columnNanoseconds
    }

    /// The time of a column that the recording covers; of less than a half of it nothing could be said, and it is all of it.
    func length(ofColumn column: Int) -> UInt64 {
        let start = max(start(ofColumn: column), startNanoseconds)
        let end = min(self.start(ofColumn: column + 1), endNanoseconds)
        let length = end > start ? end - start : 0
        return length > timeline.columnNanoseconds / 2 ? length : max(timeline.columnNanoseconds, 1)
    }

    /// The marks below pictures.
    var ticks: [PageTick] { LinearAxis.times(nanoseconds) }

    /// The stretches without events of some CPU, as parts of the whole, those that touch as one.
    var gaps: [ClosedRange<Double>] {
        var merged: [ClosedRange<Double>] = []
        for gap in timeline.gaps.sorted(by: { $0.startNanoseconds < $1.startNanoseconds }) {
            let (start, end) = (place(gap.startNanoseconds), place(gap.endNanoseconds))
            // A stretch that is too short to be seen would be one that is not there.
            let range = start...max(end, min(start + Self.leastGap, 1))
            if let last = merged.last, range.lowerBound <= last.upperBound + Self.leastGap / 2 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }

    private static let leastGap = 0.003

    /// The rule that cuts the hatching of lost events to where they are; "" without any.
    var gapStyle: String {
        let gaps = gaps
        if gaps.isEmpty { return "" }
        let corners = gaps.map { gap in
            let (left, right) = (PageText.percent(gap.lowerBound), PageText.percent(gap.upperBound))
            return "\(left) 0,\(left) 100%,\(right) 100%,\(right) 0"
        }
        return ".cut{clip-path:polygon(\(corners.joined(separator: ",")))}\n"
    }
}
