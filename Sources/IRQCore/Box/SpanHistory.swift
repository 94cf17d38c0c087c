/// The distributions of spans since a trace began, by place.
///
/// Nothing is allocated for a span whose power of two the place has had before.
struct SpanHistory: ~Copyable {
    /// The number of powers of two of nanoseconds; the last one has all that is longer, too.
    static let powerCount = 40

    private var pool = HistogramPool()

    /// Makes room for one more place.
    mutating func addPlace() {
        pool.reserve(histograms: 1, recordings: 0)
        _ = pool.makeHistogram()
    }

    /// Adds to a bucket of a place.
    mutating func add(_ count: UInt64, block: Int, bucket: Int, to place: Int) {
        pool.add(count, block: block, bucket: bucket, to: Int32(truncatingIfNeeded: place))
    }

    /// Forgets all.
    mutating func removeAll() { pool.removeCounts() }

    /// The middle of the bucket in which the span with a rank lies, from 1 on; nil if there are not so many.
    func value(rank: UInt64, of place: Int) -> UInt64? {
        var seen: UInt64 = 0
        for block in 0..<HistogramScale.blockCount {
            for bucket in 0..<HistogramScale.bucketsPerBlock {
                seen &+= pool.count(block: block, bucket: bucket, of: Int32(truncatingIfNeeded: place))
                if seen >= rank { return HistogramScale.middle(block: block, bucket: bucket) }
            }
        }
        return nil
    }

    /// The number of spans of a place that took 2^power nanoseconds up to twice as long.
    func count(power: Int, of place: Int) -> UInt64 {
        var sum: UInt64 = 0
        let first = Self.power(block: 0, bucket: 63)
        // The first block has the lowest powers, each further block one; the last of those asked for has the rest.
        let block = max(power - first, 0)
        let blocks = block..<(power < Self.powerCount - 1 ? block + 1 : HistogramScale.blockCount)
        for block in blocks {
            for bucket in 0..<HistogramScale.bucketsPerBlock
            where power > first || Self.power(block: block, bucket: bucket) == power {
                sum &+= pool.count(block: block, bucket: bucket, of: Int32(truncatingIfNeeded: place))
            }
        }
        return sum
    }

    private static func power(block: Int, bucket: Int) -> Int {
        let low = HistogramScale.range(block: block, bucket: bucket).low
        return low == 0 ? 0 : 63 - low.leadingZeroBitCount
    }
}
