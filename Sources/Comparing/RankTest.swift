internal import Glibc

/// The comparison of two small samples by the ranks of their values (Mann and Whitney 1947).
///
/// Of n and m values all ways in which the ranks could have fallen to the first n are counted, so the probability is exact,
/// ties included: equal values share the mean of their ranks.
struct RankTest {
    /// With more values than this the normal distribution is used, corrected for ties.
    static let exactCount = 40

    /// The probability, by chance alone, of ranks that are as uneven as these or more so, to either side; 1 if a side is
    /// empty.
    let p: Double
    /// The smallest probability that samples of these sizes can have.
    let leastP: Double

    /// Tests values that are finite.
    init(_ first: [Double], _ second: [Double]) {
        let (n, m) = (first.count, second.count)
        guard n > 0, m > 0 else {
            (p, leastP) = (1, 1)
            return
        }
        let ranks = Self.doubledRanks(first + second)
        let sum = ranks[..<n].reduce(0, +)
        leastP = min(1, 2 / Self.combinations(n + m, n))
        p = n + m <= Self.exactCount ? Self.exact(ranks, n, sum) : Self.normal(ranks, n, sum)
    }

    /// Twice the rank of each value, so that the mean of two ranks is whole.
    private static func doubledRanks(_ values: [Double]) -> [Int] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Int](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            // The ranks start + 1 … end, whose mean is half of the sum of the first and the last.
            for place in start..<end { ranks[order[place]] = start + 1 + end }
            start = end
        }
        return ranks
    }

    /// Counts the choices of n of the ranks by their sums.
    private static func exact(_ ranks: [Int], _ n: Int, _ sum: Int) -> Double {
        let most = ranks.reduce(0, +)
        // ways[k][s]: the choices of k ranks with the sum s.
        var ways = [[Double]](repeating: [Double](repeating: 0, count: most + 1), count: n + 1)
        ways[0][0] = 1
        for rank in ranks {
            for k in stride(from: n, to: 0, by: -1) {
                for s in stride(from: most, through: rank, by: -1) where ways[k - 1][s - rank] != 0 {
                    ways[k][s] += ways[k - 1][s - rank]
                }
            }
        }
        // Twice the distance from the mean, in whole numbers: the mean of the sum is n by (n + m) of all ranks.
        func distance(_ s: Int) -> Int { abs(s * ranks.count - n * most) }
        var (even, all) = (0.0, 0.0)
        for (s, count) in ways[n].enumerated() where count > 0 {
            all += count
            if distance(s) >= distance(sum) { even += count }
        }
        return even / all
    }

    private static func normal(_ ranks: [Int], _ n: Int, _ sum: Int) -> Double {
        let count = Double(ranks.count)
        let (first, second) = (Double(n), count - Double(n))
        var ties = 0.0
        for (_, same) in Dictionary(grouping: ranks, by: { $0 }) {
            let size = Double(same.count)
            ties += size * size * size - size
        }
        let variance = first * second / 12 * (count + 1 - ties / (count * (count - 1)))
        guard variance > 0 else { return 1 }
        let distance = abs(Double(sum) / 2 - first * (count + 1) / 2)
        return erfc(max(0, distance - 0.5) / (2 * variance).squareRoot())
    }

    private static func combinations(_ n: Int, _ k: Int) -> Double {
        var result = 1.0
        for step in 0..<min(k, n - k) { result = result * Double(n - step) / Double(step + 1) }
        return result
    }

    // MARK: - Shift

    /// The median of all differences between a value of the second and one of the first sample (Hodges and Lehmann 1963),
    /// and an interval that holds the shift with a confidence of 95 % at least; nil without values. The interval is nil where
    /// the samples are too small for any.
    static func shift(_ first: [Double], _ second: [Double]) -> (median: Double, bounds: ClosedRange<Double>?)? {
        var differences: [Double] = []
        for value in second { differences += first.map { value - $0 } }
        guard !differences.isEmpty else { return nil }
        differences.sort()
        let middle = differences.count / 2
        let median =
            differences.count % 2 == 1 ? differences[middle] : (differences[middle - 1] + differences[middle]) / 2
        let rank = boundRank(first.count, second.count)
        guard rank > 0 else { return (median, nil) }
        return (median, differences[rank - 1]...differences[differences.count - rank])
    }

    /// The largest C for which P(U < C) is 2.5 % at most, by the distribution of U without ties; 0 if there is none.
    private static func boundRank(_ n: Int, _ m: Int) -> Int {
        guard n + m <= exactCount else {
            let variance = Double(n * m * (n + m + 1)) / 12
            return max(0, Int((Double(n * m) / 2 - 1.96 * variance.squareRoot()).rounded(.down)))
        }
        // ways[k][u] with the ranks taken one after the other, as above; U is the sum of ranks less n(n+1)/2.
        var ways = [[Double]](repeating: [Double](repeating: 0, count: n * m + 1), count: n + 1)
        ways[0][0] = 1
        for rank in 1...(n + m) {
            for k in stride(from: min(n, rank), to: 0, by: -1) {
                let step = rank - k
                guard step <= m else { continue }
                for u in stride(from: n * m, through: step, by: -1) { ways[k][u] += ways[k - 1][u - step] }
            }
        }
        let all = combinations(n + m, n)
        var (below, rank) = (0.0, 0)
        for count in ways[n] {
            below += count / all
            if below > 0.025 { break }
            rank += 1
        }
        return rank
    }
}

/// The correction of probabilities for the number of tests (Holm 1979): the smallest is multiplied by the number of tests,
/// the next by one less, and so on; none may be below the one before.
enum Holm {
    static func corrected(_ probabilities: [Double]) -> [Double] {
        var result = probabilities
        var least = 0.0
        let order = probabilities.indices.sorted { probabilities[$0] < probabilities[$1] }
        for (place, index) in order.enumerated() {
            least = min(1, max(least, probabilities[index] * Double(probabilities.count - place)))
            result[index] = least
        }
        return result
    }
}
