/// A finished histogram of durations: what is drawn, printed and asked for percentiles.
public struct LatencyHistogram: Sendable, Equatable {
    /// One stretch of durations and how many fell into it.
    public struct Bucket: Sendable, Equatable {
        /// The shortest duration of the bucket, in nanoseconds.
        public let lowNanoseconds: UInt64
        /// The first duration behind the bucket, in nanoseconds.
        public let highNanoseconds: UInt64
        /// How many durations; never 0.
        public let count: UInt64
    }

    private var blocks: [[UInt64]] = []
    /// How many durations it holds.
    public private(set) var count: UInt64 = 0

    /// Creates an empty histogram.
    public init() {}

    mutating func add(_ added: UInt64, block: Int, bucket: Int) {
        while blocks.count <= block { blocks.append([]) }
        if blocks[block].isEmpty { blocks[block] = Array(repeating: 0, count: HistogramScale.bucketsPerBlock) }
        blocks[block][bucket] += added
        count += added
    }

    /// Counts one duration in nanoseconds.
    public mutating func record(_ nanoseconds: UInt64) {
        let (block, bucket) = HistogramScale.place(nanoseconds)
        add(1, block: block, bucket: bucket)
    }

    /// Adds the counts of another histogram.
    public mutating func add(_ other: LatencyHistogram) {
        for (block, buckets) in other.blocks.enumerated() {
            for (bucket, count) in buckets.enumerated() where count != 0 { add(count, block: block, bucket: bucket) }
        }
    }

    /// Takes out the counts of a histogram that was added before.
    public mutating func remove(_ other: LatencyHistogram) {
        for (block, buckets) in other.blocks.enumerated() {
            for (bucket, removed) in buckets.enumerated() where removed != 0 {
                blocks[block][bucket] -= removed
                count -= removed
            }
        }
    }

    /// The probability that a duration of `other` is longer than one of this histogram, equal ones counted half; nil if
    /// either is empty. Durations in one bucket count as equal.
    public func shareBelow(_ other: LatencyHistogram) -> Double? {
        guard count > 0, other.count > 0 else { return nil }
        var (below, sum) = (0.0, 0.0)
        for block in 0..<max(blocks.count, other.blocks.count) {
            for bucket in 0..<HistogramScale.bucketsPerBlock {
                let (here, there) = (self[block, bucket], other[block, bucket])
                sum += there * (below + here / 2)
                below += here
            }
        }
        return sum / (Double(count) * Double(other.count))
    }

    private subscript(block: Int, bucket: Int) -> Double {
        block < blocks.count && !blocks[block].isEmpty ? Double(blocks[block][bucket]) : 0
    }

    /// The buckets that are not empty, shortest durations first.
    public var buckets: [Bucket] {
        var result: [Bucket] = []
        for (block, buckets) in blocks.enumerated() {
            for (bucket, count) in buckets.enumerated() where count != 0 {
                let (low, high) = HistogramScale.range(block: block, bucket: bucket)
                result.append(Bucket(lowNanoseconds: low, highNanoseconds: high, count: count))
            }
        }
        return result
    }

    /// The duration at or below which `perMille` thousandths of all durations lie (nearest rank), as the
    /// middle of its bucket: within 0.8 % of the exact value. Nil if the histogram is empty.
    ///
    /// - Parameter perMille: 0…1000; 500 is the median, 999 the 99.9th percentile.
    public func percentile(perMille: Int) -> UInt64? {
        guard count > 0 else { return nil }
        let (product, _) = count.multipliedReportingOverflow(by: UInt64(perMille))
        let rank = max(1, (product + 999) / 1000)
        var seen: UInt64 = 0
        for (block, buckets) in blocks.enumerated() {
            for (bucket, count) in buckets.enumerated() where count != 0 {
                seen += count
                if seen >= rank { return HistogramScale.middle(block: block, bucket: bucket) }
            }
        }
        return nil
    }
}
