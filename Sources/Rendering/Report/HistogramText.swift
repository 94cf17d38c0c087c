import IRQCore

/// Draws a histogram: one line for each power of two, so that the axis of durations is logarithmic.
struct HistogramText {
    let style: Style
    let units: Units
    private static let barWidth = 40

    /// The lines, from the shortest duration to the longest; empty ones between are kept, or the axis would lie.
    func lines(_ histogram: LatencyHistogram) -> [String] {
        var counts: [Int: UInt64] = [:]
        for bucket in histogram.buckets {
            counts[Self.octave(bucket.lowNanoseconds), default: 0] += bucket.count
        }
        guard let first = counts.keys.min(), let last = counts.keys.max(), let most = counts.values.max() else {
            return []
        }
        let edge = style.isUnicode ? "▏" : "|"
        return (first...last).map { octave in
            let count = counts[octave] ?? 0
            let low = octave == 0 ? 0 : UInt64(1) << UInt64(octave)
            let range = pad(units.duration(low), 8) + " " + edge
            let bar = count == 0 ? "" : style.bar(Double(count) / Double(most), width: Self.barWidth)
            let fill = String(repeating: " ", count: Self.barWidth - bar.count + 1)
            let share = Units.percent(Double(count) / Double(histogram.count))
            return count == 0 ? "    " + range : "    " + range + bar + fill + "\(Units.count(count))  \(share)"
        }
    }

    private static func octave(_ nanoseconds: UInt64) -> Int {
        nanoseconds < 2 ? 0 : 63 - nanoseconds.leadingZeroBitCount
    }

    private func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
