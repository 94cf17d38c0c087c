/// The durations of each row by the limits of `DurationBuckets`, counted exactly.
struct SpanBuckets: ~Copyable {
    /// False if they are not asked for.
    let isUsed: Bool
    // For each row, which is numbered as its histogram, one count a bucket.
    private var counts = GrowableBuffer<UInt64>(capacity: 64)

    init(isUsed: Bool) { self.isUsed = isUsed }

    /// Makes room for so many more rows.
    mutating func reserve(rows count: Int) {
        if isUsed { counts.reserve(count * DurationBuckets.count) }
    }

    /// Makes the counts of a row.
    mutating func addRow() {
        guard isUsed else { return }
        for _ in 0..<DurationBuckets.count { counts.append(0) }
    }

    /// Counts a duration, if that is asked for.
    @inline(always)
    mutating func record(_ duration: UInt64, in row: Int32) {
        if isUsed { counts[Int(row) * DurationBuckets.count + DurationBuckets.place(duration)] &+= 1 }
    }

    /// Adds the counts of a row to `buckets`, which stay nil if they are not asked for.
    borrowing func add(_ row: Int32, to buckets: inout DurationBuckets?) {
        guard isUsed else { return }
        var sum = buckets ?? DurationBuckets()
        for place in 0..<DurationBuckets.count { sum.add(counts[Int(row) * DurationBuckets.count + place], in: place) }
        buckets = sum
    }

    /// Starts all counts over.
    mutating func startInterval() {
        for place in 0..<counts.count { counts[place] = 0 }
    }
}
