/// The histograms of many rows in one pool.
///
/// A row's durations rarely span more than a dozen powers of two, so a histogram owns only the blocks
/// it has touched (512 bytes each). Recording never allocates: `reserve` makes room beforehand.
struct HistogramPool: ~Copyable {
    /// For histogram h and block b, element h * blockCount + b: 0, or 1 + the block's place in `counts`.
    private var directory = GrowableBuffer<UInt32>(capacity: 64 * HistogramScale.blockCount)
    private var counts = GrowableBuffer<UInt64>(capacity: 1024 * HistogramScale.bucketsPerBlock)
    private(set) var histogramCount = 0

    /// Makes room for so many more histograms, and for so many recordings that each need a new block.
    mutating func reserve(histograms: Int, recordings: Int) {
        directory.reserve(histograms * HistogramScale.blockCount)
        counts.reserve(recordings * HistogramScale.bucketsPerBlock)
    }

    /// Starts an empty histogram and returns its number. There must be room.
    mutating func makeHistogram() -> Int32 {
        for _ in 0..<HistogramScale.blockCount { directory.append(0) }
        histogramCount &+= 1
        return Int32(truncatingIfNeeded: histogramCount &- 1)
    }

    /// Counts one value. There must be room for a block.
    @inline(always)
    mutating func record(_ nanoseconds: UInt64, in histogram: Int32) {
        let (block, bucket) = HistogramScale.place(nanoseconds)
        let entry = Int(histogram) &* HistogramScale.blockCount &+ block
        var place = directory[entry]
        if place == 0 { place = addBlock(entry) }
        counts[(Int(place) &- 1) &* HistogramScale.bucketsPerBlock &+ bucket] &+= 1
    }

    /// Counts one value, for which there need be no room.
    @inline(always)
    mutating func recordGrowing(_ nanoseconds: UInt64, in histogram: Int32) {
        let (block, bucket) = HistogramScale.place(nanoseconds)
        let entry = Int(histogram) &* HistogramScale.blockCount &+ block
        var place = directory[entry]
        if place == 0 {
            reserve(histograms: 0, recordings: 1)
            place = addBlock(entry)
        }
        counts[(Int(place) &- 1) &* HistogramScale.bucketsPerBlock &+ bucket] &+= 1
    }

    /// Adds to a bucket of a histogram, for which there need be no room.
    mutating func add(_ count: UInt64, block: Int, bucket: Int, to histogram: Int32) {
        let entry = Int(histogram) * HistogramScale.blockCount + block
        var place = directory[entry]
        if place == 0 {
            reserve(histograms: 0, recordings: 1)
            place = addBlock(entry)
        }
        counts[(Int(place) - 1) * HistogramScale.bucketsPerBlock + bucket] &+= count
    }

    /// The count of a bucket of a histogram.
    func count(block: Int, bucket: Int, of histogram: Int32) -> UInt64 {
        let place = Int(directory[Int(histogram) * HistogramScale.blockCount + block])
        return place == 0 ? 0 : counts[(place - 1) * HistogramScale.bucketsPerBlock + bucket]
    }

    /// Starts all histograms over; they keep their blocks.
    mutating func removeCounts() { for index in 0..<counts.count { counts[index] = 0 } }

    @inline(never)
    private mutating func addBlock(_ entry: Int) -> UInt32 {
        let place = UInt32(truncatingIfNeeded: counts.count / HistogramScale.bucketsPerBlock &+ 1)
        for _ in 0..<HistogramScale.bucketsPerBlock { counts.append(0) }
        directory[entry] = place
        return place
    }

    /// Moves the counts of one histogram to `dense`, which has an element for every bucket there is.
    mutating func take(_ number: Int32, into dense: inout GrowableBuffer<UInt64>) {
        for block in 0..<HistogramScale.blockCount {
            let place = Int(directory[Int(number) * HistogramScale.blockCount + block])
            if place == 0 { continue }
            for bucket in 0..<HistogramScale.bucketsPerBlock {
                let from = (place - 1) * HistogramScale.bucketsPerBlock + bucket
                dense[block * HistogramScale.bucketsPerBlock + bucket] &+= counts[from]
                counts[from] = 0
            }
        }
    }

    /// Adds the counts of one histogram to `histogram`.
    borrowing func add(_ number: Int32, to histogram: inout LatencyHistogram) {
        for block in 0..<HistogramScale.blockCount {
            let place = Int(directory[Int(number) * HistogramScale.blockCount + block])
            if place == 0 { continue }
            for bucket in 0..<HistogramScale.bucketsPerBlock {
                let count = counts[(place - 1) * HistogramScale.bucketsPerBlock + bucket]
                if count != 0 { histogram.add(count, block: block, bucket: bucket) }
            }
        }
    }
}
