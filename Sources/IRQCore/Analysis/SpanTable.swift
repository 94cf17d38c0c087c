/// The numbers of one row on one CPU. All times in nanoseconds.
struct SpanStatistics: BitwiseCopyable {
    /// Which row.
    let row: Int32
    /// The CPU's number.
    let cpu: UInt32
    /// The row's histogram in the pool: saves the way over the row for each span.
    var histogram: Int32 = 0
    /// Entries seen, paired with an exit or not.
    var calls: UInt64 = 0
    /// Finds stretches of a high rate of entries.
    var storm = StormTracker()
    /// Exits whose handler said IRQ_NONE.
    var unhandled: UInt64 = 0
    /// Exits whose handler woke its thread.
    var wokeThread: UInt64 = 0
    /// Finished spans.
    var count: UInt64 = 0
    var minimum: UInt64 = .max
    var total: UInt64 = 0
    var maximum: UInt64 = 0
    /// The beginning of the first span that was so long.
    var maximumStart: UInt64 = 0
    /// The total without the hardirqs, vectors and softirqs that ran inside.
    var selfTimeTotal: UInt64 = 0
    /// The sum of squares: exact.
    var squares: UInt128 = 0

    /// Counts an entry.
    @inline(always)
    mutating func enter(at time: UInt64, index: Int32, storms: inout StormLog) {
        calls &+= 1
        storm.count(at: time, selfTime: selfTimeTotal, tally: index, log: &storms)
    }

    /// Counts a finished span of `duration` nanoseconds; returns its histogram.
    @inline(always)
    mutating func add(_ duration: UInt64, selfTime: UInt64, from start: UInt64 = 0) -> Int32 {
        count &+= 1
        total &+= duration
        selfTimeTotal &+= selfTime
        if duration < minimum { minimum = duration }
        if duration > maximum { (maximum, maximumStart) = (duration, start) }
        squares &+= UInt128(duration) &* UInt128(duration)
        return histogram
    }
}

/// The rows of statistics, and for each row and CPU its tally.
///
/// Rows are found by (kind, number, text); rows and tallies are added on the way, without allocating:
/// `reserve` makes room for a batch of events beforehand.
struct SpanTable: ~Copyable {
    // Not private: Swift 6.3.1 crashes in debug builds when another file specialises a generic for it.
    struct Row: BitwiseCopyable {
        let key: SpanKey
        let textOffset: Int32
        let textByteCount: Int32
        let histogram: Int32
        /// True if its spans may be among the slowest.
        var isListed = true
        /// The next row with the same hash, or -1.
        let next: Int32
    }

    /// More rows than this are not told apart; a hostile recording must not fill the memory.
    static let rowLimit = 16_384
    /// Texts are cut to this many bytes; the kernel's longest action names have some 60.
    static let textLimit = 255

    private var rows = GrowableBuffer<Row>(capacity: 64)
    private var texts = GrowableBuffer<UInt8>(capacity: 4096)
    private var rowByHash = IntegerMap<Int32>(filler: -1, minimumCapacity: 64)
    private var tallyByRowAndCPU = IntegerMap<Int32>(filler: -1, minimumCapacity: 64)
    private(set) var tallies = GrowableBuffer<SpanStatistics>(capacity: 64)
    private(set) var histograms = HistogramPool()
    /// The durations by slices of time, if they are asked for.
    private var slices: SpanSlices
    private var budgets: SpanBudgets
    private var buckets: SpanBuckets
    /// True if durations are counted by time or by fixed limits, held against a budget or handed out as well.
    private let countsMore: Bool
    /// The way to whoever takes the spans themselves.
    var outlet: SpanOutlet
    /// Entries that found no row because there are `rowLimit` already.
    private(set) var callsBeyondLimit: UInt64 = 0

    var rowCount: Int { rows.count }

    init(_ options: AnalysisOptions = AnalysisOptions(), sink: (any SpanSink)? = nil) {
        slices = SpanSlices(options.slices)
        budgets = SpanBudgets(options.budget)
        buckets = SpanBuckets(isUsed: options.countsBuckets)
        outlet = SpanOutlet(sink)
        countsMore = options.slices != nil || options.budget != nil || options.countsBuckets || sink != nil
    }

    /// Rows of which it is known whether their spans may be among the slowest.
    private var decidedCount = 0

    /// Decides on the rows that are new.
    ///
    /// - Returns: whether one is left out.
    mutating func decideNewRows(_ selector: RowSelector) -> Bool {
        var isOneLeftOut = false
        while decidedCount < rows.count {
            let isWanted = selector.isWanted(rows[decidedCount].key, text: text(ofRow: decidedCount))
            rows[decidedCount].isListed = isWanted
            if !isWanted { isOneLeftOut = true }
            decidedCount += 1
        }
        return isOneLeftOut
    }

    /// True if the spans of a tally may be among the slowest.
    @inline(always)
    func isListed(_ tally: Int32) -> Bool { rows[Int(tallies[Int(tally)].row)].isListed }

    /// Makes room for the worst that `events` events can bring.
    mutating func reserve(events: Int) {
        rows.reserve(events)
        // Each may bring a row with a name of any length.
        texts.reserve(min(events, Self.rowLimit - rows.count) * (Self.textLimit + 1))
        rowByHash.reserve(events)
        tallyByRowAndCPU.reserve(events)
        tallies.reserve(events)
        histograms.reserve(histograms: events, recordings: events)
        slices.reserve(rows: events, spans: events)
        budgets.reserve(rows: events)
        buckets.reserve(rows: events)
        reserveSpans(events)
    }

    /// Makes room for so many finished spans, if somebody takes them.
    mutating func reserveSpans(_ count: Int) {
        guard outlet.isWanted, outlet.items.capacity - outlet.items.count < count else { return }
        handOut()
        outlet.items.reserve(max(count, SpanOutlet.capacity))
    }

    /// The tally of the row (`key`, text) on `cpu`, made if it is new; nil beyond the limit.
    @inline(never)
    mutating func tally(
        for key: SpanKey, text page: RawSpan, at textOffset: Int, byteCount: Int, cpu: UInt32
    ) -> Int32? {
        guard let found = row(for: key, text: page, at: textOffset, byteCount: byteCount) else {
            callsBeyondLimit &+= 1
            return nil
        }
        let place = UInt64(UInt32(bitPattern: found)) << 32 | UInt64(cpu)
        if let tally = tallyByRowAndCPU.value(for: place) { return tally }
        let tally = Int32(truncatingIfNeeded: tallies.count)
        tallies.append(SpanStatistics(row: found, cpu: cpu, histogram: rows[Int(found)].histogram))
        tallyByRowAndCPU.set(tally, for: place)
        return tally
    }

    /// The row (`key`, text), made if it is new; nil beyond the limit.
    private mutating func row(
        for key: SpanKey, text page: RawSpan, at textOffset: Int, byteCount: Int
    ) -> Int32? {
        let length = min(byteCount, Self.textLimit)
        var hash = key.number &* 0xFF51_AFD7_ED55_8CCD ^ UInt64(key.kind.rawValue)
        for index in 0..<length {
            hash = (hash ^ UInt64(page.byte(at: textOffset &+ index) ?? 0)) &* 0x0000_0100_0000_01B3
        }
        let first = rowByHash.value(for: hash)
        var found = first ?? -1
        while found >= 0, !matches(rows[Int(found)], key, page, textOffset, length) { found = rows[Int(found)].next }
        if found < 0 {
            // Rounded up, so that the text can be compared in words.
            let stored = (length &+ 7) & ~7
            guard rows.count < Self.rowLimit, texts.capacity &- texts.count >= stored else { return nil }
            found = Int32(truncatingIfNeeded: rows.count)
            rows.append(
                Row(
                    key: key, textOffset: Int32(truncatingIfNeeded: texts.count),
                    textByteCount: Int32(truncatingIfNeeded: length), histogram: histograms.makeHistogram(),
                    next: first ?? -1))
            slices.addRow()
            budgets.addRow(key.kind)
            buckets.addRow()
            for index in 0..<stored {
                texts.append(index < length ? page.byte(at: textOffset &+ index) ?? 0 : 0)
            }
            rowByHash.set(found, for: hash)
        }
        return found
    }

    /// True if the tally `index` is the one of this IRQ and action: the quick look before the search.
    @inline(always)
    borrowing func tally(
        _ index: Int32, isFor key: SpanKey, text page: RawSpan, at textOffset: Int, byteCount: Int
    ) -> Bool {
        matches(rows[Int(tallies[Int(index)].row)], key, page, textOffset, min(byteCount, Self.textLimit))
    }

    @inline(always)
    private borrowing func matches(
        _ row: Row, _ key: SpanKey, _ page: RawSpan, _ textOffset: Int, _ length: Int
    ) -> Bool {
        guard row.key == key, Int(row.textByteCount) == length else { return false }
        let start = Int(row.textOffset)
        var index = 0
        while index < length {
            guard let word = page.load(at: textOffset &+ index, as: UInt64.self, isSwapped: false) else {
                return isTail(ofRow: row, from: index, page, textOffset)
            }
            let difference = UInt64(littleEndian: word ^ texts.word(at: start &+ index))
            let left = length &- index
            // Of the last bytes those that belong to the text.
            if left < 8 { return difference &<< UInt64(64 &- 8 &* left) == 0 }
            if difference != 0 { return false }
            index &+= 8
        }
        return true
    }

    /// Compares the rest of a text byte by byte: fewer than eight are left of the page.
    @inline(never)
    private borrowing func isTail(ofRow row: Row, from: Int, _ page: RawSpan, _ textOffset: Int) -> Bool {
        for index in from..<Int(row.textByteCount)
        where page.byte(at: textOffset &+ index) != texts[Int(row.textOffset) &+ index] { return false }
        return true
    }

    /// Counts an entry.
    @inline(always)
    mutating func countCall(_ tally: Int32, at time: UInt64, storms: inout StormLog) {
        tallies[Int(tally)].enter(at: time, index: tally, storms: &storms)
    }

    /// Counts a finished span of `duration` nanoseconds from `start` on, of which `selfTime` were not nested in it.
    @inline(always)
    mutating func record(
        _ tally: Int32, duration: UInt64, selfTime: UInt64, from start: UInt64 = 0, pid: Int32 = -1
    ) {
        let histogram = tallies[Int(tally)].add(duration, selfTime: selfTime, from: start)
        histograms.record(duration, in: histogram)
        if countsMore { countMore(duration, selfTime, at: start, pid, tally) }
    }

    @inline(never)
    private mutating func countMore(
        _ duration: UInt64, _ selfTime: UInt64, at start: UInt64, _ pid: Int32, _ tally: Int32
    ) {
        let (row, cpu) = (tallies[Int(tally)].row, tallies[Int(tally)].cpu)
        let histogram = tallies[Int(tally)].histogram
        slices.record(duration, at: start, in: histogram)
        budgets.record(duration, in: histogram)
        buckets.record(duration, in: histogram)
        if outlet.isWanted {
            outlet.append(
                FinishedSpan(
                    row: row, cpu: cpu, pid: pid, startNanoseconds: start, durationNanoseconds: duration,
                    selfNanoseconds: selfTime))
        }
    }

    /// Counts what an interrupt handler returned: bit 0 handled, bit 1 thread woken
    /// (enum irqreturn, include/linux/irqreturn.h).
    @inline(always)
    mutating func countResult(_ tally: Int32, _ result: UInt64) {
        if result == 0 { tallies[Int(tally)].unhandled &+= 1 }
        if result & 2 != 0 { tallies[Int(tally)].wokeThread &+= 1 }
    }

    /// Ends storms that still run when the recording ends.
    mutating func finishStorms(log: inout StormLog) {
        for index in 0..<tallies.count {
            let selfTime = tallies[index].selfTimeTotal
            tallies[index].storm.finish(selfTime: selfTime, tally: Int32(truncatingIfNeeded: index), log: &log)
        }
    }

    /// Hands out what a tally has counted, and starts it over; its row and its open storm stay.
    mutating func takeTally(_ index: Int) -> SpanStatistics {
        let taken = tallies[index]
        var fresh = SpanStatistics(row: taken.row, cpu: taken.cpu, histogram: taken.histogram)
        fresh.storm = taken.storm
        fresh.storm.setBack(selfTime: taken.selfTimeTotal)
        tallies[index] = fresh
        return taken
    }

    /// Starts all counts over; rows and open storms stay.
    mutating func startInterval() {
        for index in 0..<tallies.count { _ = takeTally(index) }
        var dense = GrowableBuffer<UInt64>(capacity: 1)
        dense.resize(to: HistogramScale.blockCount * HistogramScale.bucketsPerBlock, filling: 0)
        for row in 0..<rows.count { takeHistogram(ofRow: row, into: &dense) }
        budgets.startInterval()
        buckets.startInterval()
        callsBeyondLimit = 0
    }

    /// Moves the counts of a row's histogram to `dense`, which has an element for every bucket there is, and
    /// starts it over.
    mutating func takeHistogram(ofRow row: Int, into dense: inout GrowableBuffer<UInt64>) {
        histograms.take(rows[row].histogram, into: &dense)
    }

    /// The key of a row.
    borrowing func key(ofRow row: Int) -> SpanKey { rows[row].key }

    /// The text of a row: untrusted bytes.
    borrowing func text(ofRow row: Int) -> [UInt8] {
        let start = Int(rows[row].textOffset)
        var bytes: [UInt8] = []
        for index in 0..<Int(rows[row].textByteCount) { bytes.append(texts[start + index]) }
        return bytes
    }

    /// The number of a row's durations that were above its budget.
    borrowing func exceededBudget(ofRow row: Int) -> UInt64 { budgets.exceeded(rows[row].histogram) }

    /// Adds a row's counts by fixed limits to `sum`, which stays nil if they were not asked for.
    borrowing func addBuckets(ofRow row: Int, to sum: inout DurationBuckets?) {
        buckets.add(rows[row].histogram, to: &sum)
    }

    /// Adds a row's counts by slices of time to `histograms`.
    borrowing func addSlices(ofRow row: Int, to histograms: inout [LatencyHistogram]) {
        slices.add(rows[row].histogram, to: &histograms)
    }

    /// Adds a row's counts to `histogram`.
    borrowing func addHistogram(ofRow row: Int, to histogram: inout LatencyHistogram) {
        histograms.add(rows[row].histogram, to: &histogram)
    }
}
