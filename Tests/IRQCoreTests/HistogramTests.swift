import Testing
import TestSupport

@testable import IRQCore

@Suite struct HistogramTests {
    /// The definition, slowly: the smallest value with at least that share at or below it.
    static func exact(_ sorted: [UInt64], _ perMille: Int) -> UInt64 {
        let rank = max(1, (sorted.count * perMille + 999) / 1000)
        return sorted[rank - 1]
    }

    @Test func percentilesAreWithinOnePercentOfSortedData() {
        var random = SeededGenerator(seed: 3)
        for round in 0..<60 {
            let count = [1, 2, 3, 10, 1000, 5000][round % 6]
            let shift = UInt64.random(in: 0...50, using: &random)
            let values = (0..<count).map { _ in
                UInt64.random(in: 0...UInt64.max, using: &random) >> UInt64.random(in: shift...63, using: &random)
            }
            var histogram = LatencyHistogram()
            for value in values { histogram.record(value) }
            let sorted = values.sorted()
            for perMille in [1, 500, 900, 990, 999, 1000] {
                let ours = Double(histogram.percentile(perMille: perMille) ?? 0)
                let exact = Double(Self.exact(sorted, perMille))
                #expect(
                    abs(ours - exact) <= 0.01 * exact, "\(count) values, \(perMille) per mille: \(ours) for \(exact)")
            }
            #expect(histogram.buckets.reduce(0) { $0 + $1.count } == UInt64(count))
        }
    }

    @Test func bucketsFollowOneAnotherWithoutGaps() {
        var expected: UInt64 = 0
        for block in 0..<HistogramScale.blockCount {
            for bucket in 0..<HistogramScale.bucketsPerBlock {
                let (low, high) = HistogramScale.range(block: block, bucket: bucket)
                #expect(low == expected)
                #expect(HistogramScale.place(low) == (block, bucket))
                #expect(HistogramScale.place(high - 1) == (block, bucket))
                expected = high
            }
        }
        #expect(expected == .max)
        #expect(HistogramScale.place(.max) == (58, 63))
    }

    @Test func emptyHistogramHasNoPercentile() {
        #expect(LatencyHistogram().percentile(perMille: 500) == nil)
        #expect(DurationSummary().meanNanoseconds == nil)
        #expect(DurationSummary().standardDeviationNanoseconds == nil)
    }

    @Test func standardDeviationIsThatOfTheWholeSet() throws {
        var random = SeededGenerator(seed: 5)
        let values = (0..<1000).map { _ in UInt64.random(in: 1_000_000_000...1_000_000_100, using: &random) }
        var tally = SpanStatistics(row: 0, cpu: 0)
        for value in values { _ = tally.add(value, selfTime: value) }
        var summary = DurationSummary()
        summary.add(tally)
        let mean = Double(values.reduce(0, +)) / 1000
        let exact = (values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / 1000).squareRoot()
        let ours = try #require(summary.standardDeviationNanoseconds)
        #expect(abs(ours - exact) < 1e-6 * exact)
        #expect(summary.minimumNanoseconds == values.min())
        #expect(summary.maximumNanoseconds == values.max())
    }

    @Test func poolCountsAsTheModelDoes() {
        var pool = HistogramPool()
        var random = SeededGenerator(seed: 9)
        var expected = [LatencyHistogram](repeating: LatencyHistogram(), count: 5)
        pool.reserve(histograms: 5, recordings: 0)
        for _ in 0..<5 { _ = pool.makeHistogram() }
        for _ in 0..<3000 {
            let value = UInt64.random(in: 0...UInt64.max, using: &random) >> UInt64.random(in: 0...63, using: &random)
            let index = Int.random(in: 0..<5, using: &random)
            pool.reserve(histograms: 0, recordings: 1)
            pool.record(value, in: Int32(index))
            expected[index].record(value)
        }
        for index in 0..<5 {
            var histogram = LatencyHistogram()
            pool.add(Int32(index), to: &histogram)
            #expect(histogram.buckets == expected[index].buckets)
        }
    }
}
