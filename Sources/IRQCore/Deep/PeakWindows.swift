/// The most calls in any window of 1, 10 and 100 ms that begins with a call.
///
/// The times of the last 100 ms are kept, up to a limit; beyond it only those of every second, fourth, … call, and then
/// the peaks are lower bounds by a fraction of a percent.
struct PeakWindows {
    /// The lengths of the windows, the longest last.
    static let lengths: InlineArray<3, UInt64> = [1_000_000, 10_000_000, 100_000_000]
    private static let limit = 1 << 14

    /// The times of every `step`th call, as a ring; places count on.
    private var ring: [UInt64] = []
    private var end = 0
    /// The first place inside of the window of each length that ends now.
    private var heads = InlineArray<3, Int>(repeating: 0)
    private var step = 1
    /// The calls since the last time that was kept, with that one.
    private var partial = 0
    /// The peaks so far.
    private(set) var peaks = InlineArray<3, UInt64>(repeating: 0)

    /// Counts a call; times come in order.
    mutating func count(at time: UInt64) {
        if end > heads[2], partial < step {
            partial += 1
        } else {
            if end - heads[2] >= ring.count { makeRoom() }
            ring[end & (ring.count - 1)] = time
            end += 1
            partial = 1
        }
        for window in 0..<3 {
            var head = heads[window]
            while head < end, time >= ring[head & (ring.count - 1)],
                time - ring[head & (ring.count - 1)] >= Self.lengths[window]
            {
                head += 1
            }
            heads[window] = head
            let count = head < end ? UInt64((end - head - 1) * step + partial) : 0
            if count > peaks[window] { peaks[window] = count }
        }
    }

    private mutating func makeRoom() {
        let from = heads[2]
        let times = (from..<end).map { ring[$0 & (ring.count - 1)] }
        if ring.count < Self.limit {
            let size = max(ring.count * 2, 16)
            ring = [UInt64](repeating: 0, count: size)
            for place in from..<end { ring[place & (size - 1)] = times[place - from] }
            return
        }
        var kept = 0
        for place in stride(from: 0, to: times.count, by: 2) {
            ring[kept] = times[place]
            kept += 1
        }
        step *= 2
        heads = InlineArray(repeating: 0)
        end = kept
    }
}
