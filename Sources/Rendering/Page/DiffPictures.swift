internal import IRQCore

/// The distributions of both sides over each other.
struct DiffPictures {
    let units: Units
    private static let height = 100
    /// Pictures of rows that are the same, where none differs.
    private static let sameLimit = 6

    /// Writes a picture for each row that differs; where none does, for the foremost of the others.
    func write(_ changed: [ComparedRow], _ both: [ComparedRow], limit: Int, to output: inout ByteOutput) {
        let rows = changed.isEmpty ? both.prefix(Self.sameLimit) : changed.prefix(limit)
        let shown = rows.filter { $0.histograms.a.count > 0 && $0.histograms.b.count > 0 }
        if shown.isEmpty { return }
        output.put("<h2 id=\"distributions\">Durations of both sides</h2>\n")
        output.put(
            "<p class=\"small soft\">Time goes to the right on a logarithmic scale; the height is the share of a side's calls, "
                + "logarithmic too, so that the rare long ones are seen. What took less than 50 ns stands at the left edge. The "
                + "short marks at the top are median and p99 of each side.</p>\n"
        )
        output.put(
            "<div class=\"legend\"><span><i class=\"chip ka\"></i>A</span><span><i class=\"chip kb\"></i>B</span></div>\n"
        )
        output.put("<div class=\"grid\">\n")
        for (place, row) in rows.enumerated() where row.histograms.a.count > 0 && row.histograms.b.count > 0 {
            write(row, place, to: &output)
        }
        output.put("</div>\n")
    }

    private func write(_ row: ComparedRow, _ place: Int, to output: inout ByteOutput) {
        let buckets = row.histograms.a.buckets + row.histograms.b.buckets
        let low = buckets.map(\.lowNanoseconds).min() ?? 0
        let high = buckets.map { $0.highNanoseconds - 1 }.max() ?? 0
        let axis = DistributionDrawing.axis(low, high, units: units)
        let width = Double(axis.steps.count)
        let name = DiffColumns.label(row)
        output.put(
            "<figure id=\"diff-\(place)\"><figcaption><b><bdi>\(PageText.escaped(name))</bdi></b> \(caption(row))</figcaption>\n"
        )
        output.put("<div class=\"plot\"><div class=\"y heat\"></div><div class=\"pic heat\">")
        output.put(PagePlot.svg(width, Double(Self.height), label: sentence(row, name)))
        let drawing = DistributionDrawing(axis: axis, units: units)
        for tick in axis.ticks where tick.place > 0.001 && tick.place < 0.999 {
            output.put(
                "<path class=\"net\" d=\"M\(PageText.number(tick.place * width, decimals: 2)) 0V\(Self.height)\"/>")
        }
        let counts = (drawing.counts(row.histograms.a), drawing.counts(row.histograms.b))
        let all = (Double(row.histograms.a.count), Double(row.histograms.b.count))
        // The share of one call of the side that has more of them is the least that can be seen.
        let least = 1 / max(all.0, all.1)
        let most = max(
            Double(counts.0.max() ?? 0) / all.0, Double(counts.1.max() ?? 0) / all.1, least)
        for (style, counts, all) in [("pa", counts.0, all.0), ("pb", counts.1, all.1)] {
            let heights = counts.map { count -> Double in
                if count == 0 { return 0 }
                let share = max(Double(count) / all / least, 1)
                return (DistributionDrawing.logarithm(share) + 1) / (DistributionDrawing.logarithm(most / least) + 1)
            }
            output.put("<path class=\"\(style)\" d=\"\(AreaDrawing.path(heights, height: Self.height))\"/>")
        }
        for (style, side) in [("pa", row.a), ("pb", row.b)] {
            for value in [ComparedValue.p50, .p99] {
                guard let nanoseconds = side?.values[value] else { continue }
                let place = axis.place(UInt64(max(nanoseconds, 0))) * width
                output.put("<path class=\"\(style) mark\" d=\"M\(PageText.number(place, decimals: 2)) 0v12\"/>")
            }
        }
        output.put("</svg></div>")
        PagePlot.writeX(axis.ticks, to: &output)
        output.put("</div></figure>\n")
    }

    private func caption(_ row: ComparedRow) -> String {
        func values(_ side: ComparedRow.Side?) -> String {
            let values = side?.values ?? [:]
            return "half within \(units.duration(values[.p50])), 99% within \(units.duration(values[.p99])), longest "
                + units.duration(values[.maximum])
        }
        return "<br><span class=\"ka\">A</span> \(Units.count(row.a?.calls ?? 0)) calls, \(values(row.a))"
            + "<br><span class=\"kb\">B</span> \(Units.count(row.b?.calls ?? 0)) calls, \(values(row.b))"
    }

    private func sentence(_ row: ComparedRow, _ name: String) -> String {
        var text =
            "\(name): median \(units.duration(row.a?.values[.p50])) in A and \(units.duration(row.b?.values[.p50])) in B, "
            + "p99 \(units.duration(row.a?.values[.p99])) and \(units.duration(row.b?.values[.p99]))."
        if let share = row.slowerShare {
            text += " A call of B takes longer than one of A in \(Units.percent(share)) of all cases."
        }
        return text
    }
}
