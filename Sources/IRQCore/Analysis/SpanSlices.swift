/// Equal stretches of a window of time.
public struct TimeSlices: Sendable, Equatable {
    /// The begin of the first, in nanoseconds of the trace clock.
    public let startNanoseconds: UInt64
    /// The number of slices.
    public let count: Int
    /// The length of the window in nanoseconds.
    private let length: UInt64

    /// Cuts a window, both ends counted in, into `count` (at least 1) slices; nil if it ends before it begins.
    public init?(from start: UInt64, through end: UInt64, count: Int) {
        guard count > 0, end >= start else { return nil }
        (startNanoseconds, self.count) = (start, count)
        length = end - start == .max ? .max : end - start + 1
    }

    /// Cuts the time from the first to the last event of a recording, as far as it was asked for; nil without events.
    public init?(of results: [BufferResult], _ options: AnalysisOptions, count: Int) {
        guard let first = results.compactMap(\.firstTime).min(), let last = results.compactMap(\.lastTime).max() else {
            return nil
        }
        self.init(
            from: max(first, options.fromNanoseconds), through: min(last, max(options.toNanoseconds, 1) - 1),
            count: count)
    }

    /// The slice that a time is in; times outside of the window are in the first or the last one.
    func index(_ time: UInt64) -> Int {
        guard time > startNanoseconds else { return 0 }
        let product = (time &- startNanoseconds).multipliedFullWidth(by: UInt64(count))
        guard product.high < length else { return count - 1 }
        return min(Int(truncatingIfNeeded: length.dividingFullWidth(product).quotient), count - 1)
    }
}

/// The durations of each row by slices of time: how much a number differs from one part of a recording to the next.
struct SpanSlices: ~Copyable {
    /// The slices; nil if durations are not counted by time.
    let slices: TimeSlices?
    // For each histogram of the table the first of its own here, one a slice; -1 while it has none.
    private var first = GrowableBuffer<Int32>(capacity: 64)
    private var pool = HistogramPool()

    init(_ slices: TimeSlices?) { self.slices = slices }

    /// Makes room for so many more rows and spans.
    mutating func reserve(rows: Int, spans: Int) {
        guard let slices else { return }
        first.reserve(rows)
        pool.reserve(histograms: rows * slices.count, recordings: spans)
    }

    /// Makes the histograms of a row, whose histograms are numbered from 0 on.
    mutating func addRow() {
        guard let slices else { return }
        first.append(Int32(truncatingIfNeeded: pool.histogramCount))
        for _ in 0..<slices.count { _ = pool.makeHistogram() }
    }

    /// Counts a span, if durations are counted by time.
    @inline(always)
    mutating func record(_ duration: UInt64, at start: UInt64, in histogram: Int32) {
        if let slices { record(duration, slices.index(start), histogram) }
    }

    @inline(never)
    private mutating func record(_ duration: UInt64, _ slice: Int, _ histogram: Int32) {
        pool.record(duration, in: first[Int(histogram)] &+ Int32(truncatingIfNeeded: slice))
    }

    /// Adds the histograms of a row to `histograms`, one a slice.
    borrowing func add(_ histogram: Int32, to histograms: inout [LatencyHistogram]) {
        guard let slices else { return }
        while histograms.count < slices.count { histograms.append(LatencyHistogram()) }
        for slice in 0..<slices.count {
            pool.add(first[Int(histogram)] &+ Int32(truncatingIfNeeded: slice), to: &histograms[slice])
        }
    }
}
