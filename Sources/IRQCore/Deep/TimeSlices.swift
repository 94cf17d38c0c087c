/// The length of the slices that a recording is cut into, the same for all that is counted by them.
struct SliceClock {
    /// More slices than this are not kept: then they become twice as long.
    static let limit: UInt64 = 600
    static let shortest: UInt64 = 100_000_000

    /// The length of a slice in nanoseconds.
    private(set) var width: UInt64
    /// The beginning of the first slice.
    var origin: UInt64 = 0

    /// - Parameter width: the length to begin with; nil is 100 ms.
    init(width: UInt64?) { self.width = max(width ?? Self.shortest, 1) }

    /// The slice of a time; slices become longer if it is the first of too many.
    mutating func index(of time: UInt64) -> UInt64 {
        let passed = time >= origin ? time - origin : 0
        while passed / width >= Self.limit, width <= .max / 2 { width *= 2 }
        return passed / width
    }
}

/// Counts and durations by slices of time: what is counted in each slice, and how long that took.
///
/// Slices merge as time goes on (`SliceClock`), so a day takes no more memory than a minute. Durations are kept as the
/// buckets of a histogram that were hit, for most slices hit few.
struct SliceTally {
    /// The content of a slice.
    struct Slice {
        var index: UInt64
        var count: UInt64 = 0
        private var durationCount: UInt64 = 0
        private var minimum: UInt64 = .max
        private var maximum: UInt64 = 0
        /// The number of a bucket in the highest 12 bits, a count in the others; a bucket may occur again.
        private var hits: [UInt32] = []
        private var sortedCount = 0

        init(index: UInt64) { self.index = index }

        mutating func record(_ nanoseconds: UInt64) {
            let (block, bucket) = HistogramScale.place(nanoseconds)
            durationCount += 1
            (minimum, maximum) = (min(minimum, nanoseconds), max(maximum, nanoseconds))
            hits.append(UInt32(block * HistogramScale.bucketsPerBlock + bucket) << 20 | 1)
            if hits.count > max(2 * sortedCount, 64) { condense() }
        }

        mutating func add(_ other: Slice) {
            count += other.count
            durationCount += other.durationCount
            (minimum, maximum) = (min(minimum, other.minimum), max(maximum, other.maximum))
            hits += other.hits
            condense()
        }

        /// Puts the hits of each bucket together.
        private mutating func condense() {
            hits.sort()
            var kept = 0
            for hit in hits {
                if kept > 0, hits[kept - 1] >> 20 == hit >> 20, hits[kept - 1] & 0xFFFFF + hit & 0xFFFFF <= 0xFFFFF {
                    hits[kept - 1] += hit & 0xFFFFF
                } else {
                    hits[kept] = hit
                    kept += 1
                }
            }
            hits.removeLast(hits.count - kept)
            sortedCount = kept
        }

        /// The duration that 99 % do not exceed (nearest rank, within 0.8 %); nil without durations.
        func percentile99() -> UInt64? {
            guard durationCount > 0 else { return nil }
            let rank = (durationCount * 99 + 99) / 100
            var seen: UInt64 = 0
            for hit in hits.sorted() {
                seen += UInt64(hit & 0xFFFFF)
                guard seen >= rank else { continue }
                let (block, bucket) = Int(hit >> 20).quotientAndRemainder(dividingBy: HistogramScale.bucketsPerBlock)
                return min(max(HistogramScale.middle(block: block, bucket: bucket), minimum), maximum)
            }
            return maximum
        }
    }

    /// The slices in which something was counted, in the order of time.
    private(set) var slices: [Slice] = []
    private var width: UInt64 = 0

    /// Counts something that happens at a time; times come in order.
    mutating func count(at time: UInt64, _ clock: inout SliceClock) {
        let index = clock.index(of: time)
        widen(to: clock.width)
        if let last = slices.last, last.index >= index {
            slices[slices.count - 1].count += 1
        } else {
            slices.append(Slice(index: index))
            slices[slices.count - 1].count = 1
        }
    }

    /// Counts the duration of what began at a time and was counted then.
    mutating func record(_ nanoseconds: UInt64, from time: UInt64, _ clock: inout SliceClock) {
        let index = clock.index(of: time)
        widen(to: clock.width)
        guard let place = slices.lastIndex(where: { $0.index <= index }), slices[place].index == index else { return }
        slices[place].record(nanoseconds)
    }

    /// Merges slices until they are as long as those of the clock.
    mutating func widen(to wanted: UInt64) {
        if width == 0 { width = wanted }
        while width < wanted {
            width *= 2
            var merged: [Slice] = []
            for slice in slices {
                if let last = merged.last, last.index == slice.index / 2 {
                    merged[merged.count - 1].add(slice)
                } else {
                    merged.append(slice)
                    merged[merged.count - 1].index /= 2
                }
            }
            slices = merged
        }
    }
}
