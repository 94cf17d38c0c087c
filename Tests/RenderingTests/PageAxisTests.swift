import Testing

@testable import IRQCore
@testable import Rendering

/// Axes, levels and heights of pictures, against numbers that were worked out by hand.
@Suite struct PageAxisTests {
    @Test func timesHaveRoundMarks() {
        func labels(_ nanoseconds: UInt64) -> [String] { LinearAxis.times(nanoseconds).map(\.label) }
        #expect(labels(0) == ["0"] && labels(3) == ["0", "1 ns", "2 ns", "3 ns"])
        #expect(labels(2_300_000_000) == ["0", "0.5 s", "1 s", "1.5 s", "2 s"])
        #expect(labels(9_980_000_000) == ["0", "2 s", "4 s", "6 s", "8 s"])
        #expect(labels(45_000) == ["0", "10 µs", "20 µs", "30 µs", "40 µs"])
        #expect(labels(600_000_000_000) == ["0", "2 min", "4 min", "6 min", "8 min", "10 min"])
        #expect(labels(43_200_000_000_000) == ["0", "2 h", "4 h", "6 h", "8 h", "10 h", "12 h"])
        #expect(LinearAxis.times(1_000_000_000)[1].place == 0.2)
        let around = LinearAxis.times(3_000_000, zero: 1_000_000)
        #expect(around.map(\.label) == ["−1 ms", "−0.5 ms", "0", "0.5 ms", "1 ms", "1.5 ms", "2 ms"])
        #expect(around[2].place == 1.0 / 3 && around[0].place == 0)
    }

    @Test func latenciesHaveMarksAtPowersOfTen() {
        let axis = LatencyAxis(Int(HeatScale.step(900)), Int(HeatScale.step(2_000_000)), units: Units())
        #expect(axis.ticks.map(\.label) == ["1 µs", "10 µs", "100 µs", "1 ms"])
        let narrow = LatencyAxis(Int(HeatScale.step(1500)), Int(HeatScale.step(6000)), units: Units())
        #expect(narrow.ticks.map(\.label) == ["2 µs", "5 µs"])
        let ticks = LatencyAxis(40, 40, units: Units(isTime: false))
        #expect(ticks.steps.count == 8 && ticks.ticks.allSatisfy { !$0.label.contains("s") })
        // A duration lies where the cells of its step are.
        for value in [1, 5, 99, 1000, 123_456, 1 << 39] as [UInt64] {
            let position = HeatScale.position(value)
            #expect(Int(position) == Int(HeatScale.step(value)), "\(value)")
        }
    }

    @Test func roofsAreRound() {
        let values = [0, 0.03, 1, 1.1, 4.9, 5, 7, 99, 100, 2500]
        #expect(values.map { LinearAxis.short(LinearAxis.roof($0)) } == ["1", "0.05", "1", "2", "5", "5", "10", "100", "100", "5k"])
    }

    @Test(arguments: [1, 2, 9, 16, 100, 65_536, 1 << 40] as [UInt64]) func levelsHoldEachCountOnce(most: UInt64) {
        let levels = HeatLevels(most: most)
        var next: UInt64 = 1
        for level in 0..<HeatLevels.count {
            guard let counts = levels.counts(level) else { continue }
            #expect(counts.lowerBound == next && levels.level(counts.lowerBound) == level)
            #expect(levels.level(counts.upperBound) == level)
            next = counts.upperBound + 1
        }
        #expect(next == most + 1)
    }

    @Test func numbersAreShort() {
        #expect(PageText.number(12) == "12" && PageText.number(-0.52) == "-0.5" && PageText.number(-0.01) == "0")
        #expect(PageText.number(.nan) == "0" && PageText.number(3.257, decimals: 2) == "3.26")
        #expect(PageText.percent(1.0 / 3) == "33.33%")
        #expect(abs(DistributionDrawing.logarithm(1000) - 9.965_784) < 1e-3 && DistributionDrawing.logarithm(1) == 0)
    }

    /// An area is as high as its values, and what is there at all is seen.
    @Test func areasEndWhereTheyBegin() {
        #expect(AreaDrawing.path([0, 0.5, 0.5, 0.0001, 1], height: 10) == "M0 10h1v-5h2v4h1v-9h1V10z")
        #expect(AreaDrawing.path([], height: 10) == "M0 10V10z")
    }

    @Test func textIsNoMarkup() {
        #expect(PageText.escaped("<a href=\"x\" b='c'>&\u{1b}") == "&lt;a href=&quot;x&quot; b=&#39;c&#39;&gt;&amp;\\x1b")
        #expect(PageText.escaped("é < \u{202e}") == "é &lt; \\u{202e}")
    }
}
