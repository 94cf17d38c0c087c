/// Durations counted by fixed limits: the same on all boxes and in all versions, so that their counts add up.
///
/// They are counted one by one, beside the finer histogram that percentiles are from: its buckets do not end at these limits.
public struct DurationBuckets: Sendable, Equatable {
    /// The limits, for the loop that may not allocate.
    private static var limits: InlineArray<12, UInt64> {
        [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 2_500_000, 10_000_000]
    }
    /// The longest duration of each bucket but the last, which has none. A limit is at most four times the one before.
    public static let limitsNanoseconds = limits.indices.map { limits[$0] }
    /// The number of buckets, the one without a limit among them.
    public static var count: Int { 13 }

    /// The number of durations in each bucket, shortest first.
    public private(set) var counts: [UInt64]
    /// Their sum.
    public private(set) var totalNanoseconds: UInt64

    /// Creates buckets of nothing.
    public init() { (counts, totalNanoseconds) = (Array(repeating: 0, count: Self.count), 0) }

    /// Creates buckets with counts, as they were kept; nil if there are not as many as there are buckets.
    public init?(counts: [UInt64], totalNanoseconds: UInt64) {
        guard counts.count == Self.count else { return nil }
        (self.counts, self.totalNanoseconds) = (counts, totalNanoseconds)
    }

    /// The number of durations.
    public var durationCount: UInt64 { counts.reduce(0, &+) }

    /// The bucket of a duration.
    static func place(_ nanoseconds: UInt64) -> Int {
        let limits = limits
        var place = 0
        while place < count - 1, nanoseconds > limits[place] { place += 1 }
        return place
    }

    /// Counts a duration.
    public mutating func record(_ nanoseconds: UInt64) {
        add(1, in: Self.place(nanoseconds))
        totalNanoseconds &+= nanoseconds
    }

    mutating func add(_ added: UInt64, in bucket: Int) { counts[bucket] &+= added }

    mutating func add(totalNanoseconds added: UInt64) { totalNanoseconds &+= added }

    /// Adds the durations of others.
    public mutating func add(_ other: DurationBuckets) {
        for place in 0..<Self.count { counts[place] &+= other.counts[place] }
        totalNanoseconds &+= other.totalNanoseconds
    }
}
