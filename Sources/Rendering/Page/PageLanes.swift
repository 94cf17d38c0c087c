internal import IRQCore

/// The section of CPU time over time: a lane for each CPU.
struct PageLanes {
    let report: Report
    let time: PageTime

    private static let names: [(part: CPULane.Part, style: String, words: String)] = [
        (.hardirq, "irq", "interrupt handlers"), (.softirq, "softirq", "softirqs"), (.vector, "vector", "vectors"),
        (.thread, "thread", "threads of interrupts"),
    ]

    /// Writes the section.
    func write(to output: inout ByteOutput) {
        let lanes = time.timeline.lanes
        let hasThreads = lanes.contains { has(.thread, $0) }
        output.put(
            "<h2 id=\"cpus\">CPU time in interrupts\(hasThreads ? " and their threads" : "")</h2>\n<p class=\"small soft\">At the "
                + "right is the share of all time in handlers, softirqs and vectors"
                + "\(hasThreads ? " + that in the threads that interrupts woke, which other shares of this page do not count" : "")"
                + ".</p>\n")
        let roof = min(LinearAxis.roof(lanes.map { peak($0) }.max() ?? 0), 1)
        output.put("<div class=\"legend\">")
        for (part, style, words) in Self.names where lanes.contains(where: { has(part, $0) }) {
            output.put("<span><i class=\"chip \(style)\"></i>\(words)</span>")
        }
        output.put("<span>the height of a lane is \(PageText.number(roof * 100, decimals: 2))% of its time</span>")
        if !time.gaps.isEmpty {
            output.put("<span><i class=\"chip\"><i class=\"gaps\"></i></i> events of the CPU lost</span>")
        }
        output.put("</div>\n")
        if lanes.contains(where: { $0.cpus.count > 1 }) {
            output.put(
                "<p class=\"small soft\">There are many CPUs: each lane is those of a group, and the busiest CPUs have one of "
                    + "their own.</p>\n")
        }
        output.put("<div class=\"lanes\">")
        for lane in lanes { write(lane, roof, to: &output) }
        output.put("<span></span>")
        PagePlot.writeX(time.ticks, to: &output)
        output.put("<span></span></div>\n")
    }

    private func has(_ part: CPULane.Part, _ lane: CPULane) -> Bool { values(part, lane).contains { $0 > 0 } }

    private func values(_ part: CPULane.Part, _ lane: CPULane) -> [UInt64] {
        part.rawValue < lane.nanoseconds.count ? lane.nanoseconds[part.rawValue] : []
    }

    /// The part of a column's time.
    private func share(_ nanoseconds: UInt64, _ column: Int, _ lane: CPULane) -> Double {
        Double(nanoseconds) / Double(max(time.length(ofColumn: column), 1)) / Double(max(lane.cpus.count, 1))
    }

    private func sums(_ lane: CPULane) -> [UInt64] {
        (0..<time.timeline.columnCount).map { column in
            CPULane.Part.allCases.reduce(0) { sum, part in
                let values = values(part, lane)
                return sum &+ (column < values.count ? values[column] : 0)
            }
        }
    }

    private func peak(_ lane: CPULane) -> Double { sums(lane).enumerated().map { share($1, $0, lane) }.max() ?? 0 }

    private func name(_ lane: CPULane) -> String {
        if lane.cpus.count == 1 { return "CPU \(lane.cpus[0])" }
        let list = CPUSet(lane.cpus).list
        let cpus = list.utf8.count > 16 ? "\(lane.cpus.count) CPUs" : "CPUs \(list)"
        return lane.node.map { "node \($0): \(cpus)" } ?? cpus
    }

    private func write(_ lane: CPULane, _ roof: Double, to output: inout ByteOutput) {
        let sums = sums(lane)
        func mean(_ nanoseconds: UInt64) -> Double {
            Double(nanoseconds) / Double(time.nanoseconds) / Double(max(lane.cpus.count, 1))
        }
        let threads = values(.thread, lane).reduce(0, &+)
        var words = Units.percent(mean(sums.reduce(0, &+) &- threads))
        if threads > 0 { words += " + \(Units.percent(mean(threads)))" }
        let (name, peak) = (name(lane), peak(lane))
        // In a gap there may have been more.
        let isLeast = time.timeline.gaps.contains {
            lane.cpus.contains($0.cpu) && $0.startNanoseconds < $0.endNanoseconds
        }
        let parts = Self.names.compactMap { part, _, words -> String? in
            let sum = values(part, lane).reduce(0, &+)
            guard sum > 0 else { return nil }
            return "\(words) \(Units.percent(mean(sum)))"
        }
        let id = lane.cpus.count == 1 ? " id=\"cpu-\(lane.cpus[0])\"" : ""
        output.put("<span\(id)>\(name)</span><div class=\"pic\">")
        output.put(
            PagePlot.svg(
                time.columns, 100, left: time.left,
                label: "\(name): \(parts.isEmpty ? "no time in interrupts" : parts.joined(separator: ", ")), at most "
                    + "\(Units.percent(peak)).\(isLeast ? " Events are missing: it may be more." : "")",
                attributes: " class=\"cpu\" tabindex=\"0\" data-w=\"\(time.timeline.columnNanoseconds)\" "
                    + "data-r=\"\(PageText.number(roof, decimals: 3))\""))
        var stack = [Double](repeating: 0, count: sums.count)
        var paths: [String] = []
        for (part, style, words) in Self.names where has(part, lane) {
            for (column, value) in values(part, lane).enumerated() where column < stack.count {
                stack[column] += share(value, column, lane) / roof
            }
            paths.append("<path class=\"\(style)\" data-k=\"\(words)\" d=\"\(AreaDrawing.path(stack, height: 100))\"/>")
        }
        // Each area begins at the bottom: the lower ones are drawn over the higher ones.
        for path in paths.reversed() { output.put(path) }
        output.put("</svg>")
        writeGaps(lane, to: &output)
        output.put("</div><span class=\"soft\">\(isLeast ? "≥ " : "")\(words)</span>\n")
    }

    private static let gapLimit = 60

    /// Writes the stretches of which events of the lane's own CPUs are missing.
    private func writeGaps(_ lane: CPULane, to output: inout ByteOutput) {
        let cpus = Set(lane.cpus)
        var own = time.timeline
        own.gaps.removeAll { !cpus.contains($0.cpu) }
        for gap in PageTime(own, report).gaps.prefix(Self.gapLimit) {
            output.put(
                "<i class=\"gaps\" style=\"left:\(PageText.percent(gap.lowerBound));right:"
                    + "\(PageText.percent(1 - gap.upperBound))\"></i>")
        }
    }
}
