internal import IRQCore

/// The distribution of durations on a logarithmic axis, with its percentiles marked.
struct DistributionDrawing {
    /// The percentiles that are marked, and their classes of style.
    private static let marks: [(perMille: Int, style: String)] = [
        (500, "m50"), (900, "m90"), (990, "m99"), (999, "m999"),
    ]
    private static let height = 60

    let axis: LatencyAxis
    let units: Units

    /// The axis on which all of some histograms fit; nil without any duration.
    static func axis(_ summaries: some Sequence<DurationSummary>, units: Units) -> LatencyAxis? {
        var (low, high) = (UInt64.max, UInt64(0))
        for summary in summaries where summary.count > 0 {
            low = min(low, summary.minimumNanoseconds ?? .max)
            high = max(high, summary.maximumNanoseconds ?? 0)
        }
        guard low <= high else { return nil }
        return axis(low, high, units: units)
    }

    /// The axis from one duration to another. Shorter ones than `least` are no durations but steps of a coarse clock: they stand
    /// at the left edge, or most of the picture would be between them and the others.
    static func axis(_ low: UInt64, _ high: UInt64, units: Units) -> LatencyAxis {
        let low = units.isTime ? max(low, min(least, high)) : low
        return LatencyAxis(Int(HeatScale.step(low)), Int(HeatScale.step(high)), units: units)
    }

    private static let least: UInt64 = 50

    /// The counts by step of the axis.
    func counts(_ histogram: LatencyHistogram) -> [UInt64] {
        var counts = [UInt64](repeating: 0, count: axis.steps.count)
        for bucket in histogram.buckets {
            let middle = bucket.lowNanoseconds + (bucket.highNanoseconds - 1 - bucket.lowNanoseconds) / 2
            let step = min(max(Int(HeatScale.step(middle)), axis.steps.lowerBound), axis.steps.upperBound - 1)
            counts[step - axis.steps.lowerBound] += bucket.count
        }
        return counts
    }

    /// Heights as parts of the whole: logarithmic, for the rare long ones are what one looks for.
    static func heights(_ counts: [UInt64]) -> [Double] {
        let most = logarithm(Double(counts.max() ?? 0) + 1)
        return counts.map { most > 0 ? logarithm(Double($0) + 1) / most : 0 }
    }

    /// The logarithm to base 2 of a number from 1 on; the C library's is not for this module.
    static func logarithm(_ value: Double) -> Double {
        guard value >= 1, value.isFinite else { return 0 }
        let part = (value.significand - 1) / (value.significand + 1)
        let square = part * part
        let natural = 2 * part * (1 + square / 3 + square * square / 5 + square * square * square / 7)
        return Double(value.exponent) + natural / 0.693_147_180_559_945_3
    }

    /// Writes the drawing of a row.
    func write(_ summary: DurationSummary, name: String, to output: inout ByteOutput) {
        let width = Double(axis.steps.count)
        let words =
            "\(name): half within \(units.duration(summary.percentile(perMille: 500))), 99% within "
            + "\(units.duration(summary.percentile(perMille: 990))), longest \(units.duration(summary.maximumNanoseconds))."
        output.put(PagePlot.svg(width, Double(Self.height), label: words))
        let heights = Self.heights(counts(summary.histogram))
        output.put("<path class=\"area\" d=\"\(AreaDrawing.path(heights, height: Self.height))\"/>")
        for (perMille, style) in Self.marks {
            if let value = summary.percentile(perMille: perMille) { output.put(mark(value, style, width)) }
        }
        if let most = summary.maximumNanoseconds { output.put(mark(most, "mmax", width)) }
        output.put("</svg>")
    }

    private func mark(_ value: UInt64, _ style: String, _ width: Double) -> String {
        let place = min(max(axis.place(value) * width, 0.02), width - 0.02)
        let top = style == "m50" || style == "mmax" ? 0 : Self.height / 3
        return "<path class=\"\(style)\" d=\"M\(PageText.number(place, decimals: 2)) \(top)V\(Self.height)\"/>"
    }
}
