/// The statistics of a set of durations, in nanoseconds. Counts, totals and extremes are exact.
public struct DurationSummary: Sendable, Equatable {
    /// How many durations.
    public private(set) var count: UInt64 = 0
    /// Their sum.
    public private(set) var totalNanoseconds: UInt64 = 0
    /// The sum without what was nested inside: hardirqs, irq vectors and softirqs on the same CPU.
    public private(set) var selfNanoseconds: UInt64 = 0
    /// The shortest; nil without any.
    public private(set) var minimumNanoseconds: UInt64?
    /// The longest; nil without any.
    public private(set) var maximumNanoseconds: UInt64?
    /// The number of them that were above the budget, if there is one.
    public internal(set) var exceededBudget: UInt64 = 0
    /// The durations by fixed limits; nil if these counts were not asked for.
    public var buckets: DurationBuckets? {
        guard var buckets = bucketCounts else { return nil }
        buckets.add(totalNanoseconds: totalNanoseconds)
        return buckets
    }
    // Without the sum, which is here already.
    private var bucketCounts: DurationBuckets?
    /// The sum of squares.
    private var squares: UInt128 = 0
    /// How they are distributed.
    public private(set) var histogram = LatencyHistogram()

    /// Creates a summary of nothing.
    public init() {}

    mutating func add(_ tally: SpanStatistics) {
        count += tally.count
        totalNanoseconds &+= tally.total
        selfNanoseconds &+= tally.selfTimeTotal
        squares &+= tally.squares
        guard tally.count > 0 else { return }
        minimumNanoseconds = min(minimumNanoseconds ?? .max, tally.minimum)
        maximumNanoseconds = max(maximumNanoseconds ?? 0, tally.maximum)
    }

    /// Adds sums and extremes of at least one duration, of which all is the duration's own.
    mutating func add(count added: UInt64, total: UInt64, squares: UInt128, range: ClosedRange<UInt64>) {
        count += added
        totalNanoseconds &+= total
        selfNanoseconds &+= total
        self.squares &+= squares
        minimumNanoseconds = min(minimumNanoseconds ?? .max, range.lowerBound)
        maximumNanoseconds = max(maximumNanoseconds ?? 0, range.upperBound)
    }

    mutating func addHistogram(_ add: (inout LatencyHistogram) -> Void) { add(&histogram) }

    mutating func addBuckets(_ add: (inout DurationBuckets?) -> Void) { add(&bucketCounts) }

    /// Adds the durations of another summary.
    public mutating func add(_ other: DurationSummary) {
        count += other.count
        totalNanoseconds &+= other.totalNanoseconds
        selfNanoseconds &+= other.selfNanoseconds
        squares &+= other.squares
        exceededBudget += other.exceededBudget
        if let added = other.bucketCounts {
            var sum = bucketCounts ?? DurationBuckets()
            sum.add(added)
            bucketCounts = sum
        }
        if let least = other.minimumNanoseconds { minimumNanoseconds = min(minimumNanoseconds ?? .max, least) }
        if let most = other.maximumNanoseconds { maximumNanoseconds = max(maximumNanoseconds ?? 0, most) }
        histogram.add(other.histogram)
    }

    /// The arithmetic mean; nil without durations.
    public var meanNanoseconds: Double? {
        count == 0 ? nil : Double(totalNanoseconds) / Double(count)
    }

    /// The standard deviation of the whole set (not of a sample of it); nil without durations.
    ///
    /// sqrt(n * sum(x^2) - sum(x)^2) / n, in 128-bit integers up to the root.
    public var standardDeviationNanoseconds: Double? {
        guard count > 0 else { return nil }
        let (scaled, overflow) = squares.multipliedReportingOverflow(by: UInt128(count))
        let total = UInt128(totalNanoseconds) * UInt128(totalNanoseconds)
        if overflow {
            let mean = Double(totalNanoseconds) / Double(count)
            return max(0, Double(squares) / Double(count) - mean * mean).squareRoot()
        }
        return Double(scaled >= total ? scaled - total : 0).squareRoot() / Double(count)
    }

    /// A percentile, within 0.8 % of the exact one and never outside the extremes; nil without durations.
    public func percentile(perMille: Int) -> UInt64? {
        guard let value = histogram.percentile(perMille: perMille), let least = minimumNanoseconds,
            let most = maximumNanoseconds
        else { return nil }
        return min(max(value, least), most)
    }
}
