import Foundation
import TestSupport
import Testing

@testable import Comparing

/// The test by ranks against a count of all choices of ranks, in Python.
@Suite struct RankTestTests {
    private struct Expected: Decodable {
        let p: [Double]
        let shift: [Double]
        let holm: [Double]
    }

    @Test func countsAllChoices() throws {
        var random = SeededGenerator(seed: 7)
        // Few different values, so that many are equal, and many.
        let pairs = (0..<60).map { round in
            [Int.random(in: 1...6, using: &random), Int.random(in: 1...6, using: &random)].map { count in
                (0..<count).map { _ in Double(Int.random(in: 0...(round % 2 == 0 ? 5 : 1000), using: &random)) }
            }
        }
        let script = Places.repository.appendingPathComponent("Tests/oracle/compare.py").path
        let result = try run("/usr/bin/python3", [script, "ranks"], input: JSONEncoder().encode(pairs))
        let expected = try JSONDecoder().decode(Expected.self, from: result.output)
        for (place, pair) in pairs.enumerated() {
            let test = RankTest(pair[0], pair[1])
            #expect(abs(test.p - expected.p[place]) < 1e-9, "\(pair)")
            let shift = try #require(RankTest.shift(pair[0], pair[1]))
            #expect(abs(shift.median - expected.shift[place]) < 1e-9, "\(pair)")
        }
        for (ours, theirs) in zip(Holm.corrected(expected.p), expected.holm) { #expect(abs(ours - theirs) < 1e-12) }
    }

    /// Values of tables: Mann and Whitney 1947; the intervals are those of R's wilcox.test(conf.int = TRUE).
    @Test func knownValues() throws {
        let (low, high) = ([1.0, 2, 3, 4, 5], [6.0, 7, 8, 9, 10])
        #expect(abs(RankTest(low, high).p - 2.0 / 252) < 1e-12 && abs(RankTest(low, high).leastP - 2.0 / 252) < 1e-12)
        #expect(abs(RankTest([1, 2, 3], [4, 5, 6]).p - 0.1) < 1e-12)
        #expect(RankTest([1, 1], [1, 1]).p == 1 && RankTest([], [1]).p == 1)
        let shift = try #require(RankTest.shift(low, high))
        #expect(shift.median == 5 && shift.bounds == 2...8)
        #expect(RankTest.shift([1, 2, 3], [4, 5, 6])?.bounds == nil, "three against three never reach 95 %")
        // Where all cannot be counted the normal distribution is near.
        let many = (0..<21).map { Double($0) }
        let exact = RankTest(Array(many.prefix(20)), many.prefix(20).map { $0 + 3.5 }).p
        #expect(abs(RankTest(many, many.map { $0 + 3.5 }).p - exact) < 0.03)
    }
}
