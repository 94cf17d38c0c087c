/// Statistics of many sets of durations: counts, sums and extremes exact, percentiles by histogram.
///
/// The first few durations of a set are kept as they are: of many thousand tasks most have no more, and a histogram takes
/// half a kilobyte or more.
struct DurationTallies: ~Copyable {
    // Not private: see SpanTable.Row.
    struct Tally: BitwiseCopyable {
        static let keptLimit = 4
        var count: UInt64 = 0
        var total: UInt64 = 0
        var minimum: UInt64 = .max
        var maximum: UInt64 = 0
        var squares: UInt128 = 0
        /// The budget of each, and the number of those above it.
        var limit: UInt64 = .max
        var exceeded: UInt64 = 0
        var kept = InlineArray<4, UInt64>(repeating: 0)
        /// The histogram in the pool; -1 as long as all are kept.
        var histogram: Int32 = -1
        /// True if one of them began on one CPU and ended on another.
        var isAcrossCPUs = false

        @inline(always)
        mutating func add(_ nanoseconds: UInt64) {
            count &+= 1
            total &+= nanoseconds
            squares &+= UInt128(nanoseconds) &* UInt128(nanoseconds)
            if nanoseconds > limit { exceeded &+= 1 }
            if nanoseconds < minimum { minimum = nanoseconds }
            if nanoseconds > maximum { maximum = nanoseconds }
        }
    }

    private var tallies = GrowableBuffer<Tally>(capacity: 64)
    private var pool = HistogramPool()
    /// True if the clocks of the CPUs cannot be compared: then sets with durations across CPUs are empty.
    var isAcrossCPUsRefused = false

    /// Starts an empty set, whose durations may have a budget, and returns its number.
    mutating func make(limit: UInt64? = nil) -> Int32 {
        tallies.reserve(1)
        var tally = Tally()
        if let limit { tally.limit = limit }
        tallies.append(tally)
        return Int32(truncatingIfNeeded: tallies.count &- 1)
    }

    /// Counts a duration.
    @inline(always)
    mutating func record(_ nanoseconds: UInt64, in number: Int32) {
        let index = Int(number)
        tallies[index].add(nanoseconds)
        let histogram = tallies[index].histogram
        if histogram >= 0 { pool.recordGrowing(nanoseconds, in: histogram) } else { keep(nanoseconds, in: index) }
    }

    /// The same for a duration that began on one CPU and ended on another, if `isAcrossCPUs`.
    @inline(always)
    mutating func record(_ nanoseconds: UInt64, in number: Int32, isAcrossCPUs: Bool) {
        record(nanoseconds, in: number)
        if isAcrossCPUs { tallies[Int(number)].isAcrossCPUs = true }
    }

    /// Keeps one of the first durations; one more than there is room for starts the histogram.
    @inline(never)
    private mutating func keep(_ nanoseconds: UInt64, in index: Int) {
        let place = Int(truncatingIfNeeded: tallies[index].count) &- 1
        if place < Tally.keptLimit {
            tallies[index].kept[place] = nanoseconds
            return
        }
        pool.reserve(histograms: 1, recordings: 0)
        let histogram = pool.makeHistogram()
        tallies[index].histogram = histogram
        for place in 0..<Tally.keptLimit { pool.recordGrowing(tallies[index].kept[place], in: histogram) }
        pool.recordGrowing(nanoseconds, in: histogram)
    }

    /// The number of durations of a set.
    borrowing func count(of number: Int32) -> UInt64 { tallies[Int(number)].count }

    /// The statistics of a set.
    borrowing func summary(_ number: Int32) -> DurationSummary {
        var summary = DurationSummary()
        let tally = tallies[Int(number)]
        if isAcrossCPUsRefused, tally.isAcrossCPUs { return summary }
        summary.add(tally)
        summary.exceededBudget = tally.exceeded
        summary.addHistogram { histogram in
            if tally.histogram >= 0 {
                pool.add(tally.histogram, to: &histogram)
            } else {
                for place in 0..<Int(tally.count) { histogram.record(tally.kept[place]) }
            }
        }
        return summary
    }
}

extension DurationSummary {
    mutating func add(_ tally: DurationTallies.Tally) {
        guard tally.count > 0 else { return }
        add(count: tally.count, total: tally.total, squares: tally.squares, range: tally.minimum...tally.maximum)
    }
}
