/// The bucket borders of every latency histogram here.
///
/// Log-linear: values below 64 ns have a bucket each; above, every power of two is cut into 64 equal
/// buckets. A bucket is at most 1/64 of its lower border wide, so its middle is within 0.8 % of
/// any value in it. Buckets come in blocks of 64; block 0 holds 0…63 ns, block b holds
/// 2^(b+5) … 2^(b+6) - 1 ns. 59 blocks cover all of 64 bits.
enum HistogramScale {
    static let bucketsPerBlock = 64
    static let blockCount = 59

    /// The block and the bucket inside it where `nanoseconds` counts.
    @inline(always)
    static func place(_ nanoseconds: UInt64) -> (block: Int, bucket: Int) {
        if nanoseconds < 64 { return (0, Int(truncatingIfNeeded: nanoseconds)) }
        // 63 minus the count, in a form for which x86 has one instruction.
        let exponent = nanoseconds.leadingZeroBitCount ^ 63
        return (exponent &- 5, Int(truncatingIfNeeded: nanoseconds &>> UInt64(exponent &- 6)) & 63)
    }

    /// The lowest value of a bucket, and the first one behind it (cut to 64 bits for the very last).
    static func range(block: Int, bucket: Int) -> (low: UInt64, high: UInt64) {
        if block == 0 { return (UInt64(bucket), UInt64(bucket) + 1) }
        let shift = UInt64(block - 1)
        let low = (64 + UInt64(bucket)) << shift
        let (high, overflow) = low.addingReportingOverflow(1 << shift)
        return (low, overflow ? .max : high)
    }

    /// The value that stands for all of a bucket.
    static func middle(block: Int, bucket: Int) -> UInt64 {
        let (low, high) = range(block: block, bucket: bucket)
        return low + (high - 1 - low) / 2
    }
}
