/// The spans of one IRQ, softirq or vector in the last interval. Times in nanoseconds.
public struct SpanInterval: BitwiseCopyable, Sendable {
    /// Entries seen.
    public var calls: UInt64 = 0
    /// Exits whose handler said that the interrupt was not its own.
    public var unhandled: UInt64 = 0
    /// Exits whose handler woke its thread.
    public var wokeThread: UInt64 = 0
    /// Spans that ended in the interval.
    public var count: UInt64 = 0
    /// Their sum.
    public var totalNanoseconds: UInt64 = 0
    /// The longest; 0 without any.
    public var maximumNanoseconds: UInt64 = 0
    /// The median; nil without any.
    public var p50Nanoseconds: UInt64?
    /// The 99th percentile; nil without any.
    public var p99Nanoseconds: UInt64?
}

/// Durations from a live trace, interval by interval, with the pairing that `report` uses.
///
/// Spans that are open at the end of an interval count in the one they end in. In the steady state nothing is
/// allocated: rows and histograms are made when an interrupt is first seen.
public struct LiveDurations: ~Copyable {
    /// Powers of two of nanoseconds in `log2Histogram`.
    public static let log2BucketCount = 40

    private var shard: ShardAnalysis
    private var slots: IntegerMap<Int32>
    private var places: IntegerMap<Int32>
    private var intervals = GrowableBuffer<SpanInterval>(capacity: 64)
    private var log2Histograms = GrowableBuffer<UInt64>(capacity: 64 * log2BucketCount)
    /// The first row of each place, and the next one of each row; -1 ends the list.
    private var firstRows = GrowableBuffer<Int32>(capacity: 64)
    private var nextRows = GrowableBuffer<Int32>(capacity: 64)
    private var dense = GrowableBuffer<UInt64>(capacity: HistogramScale.blockCount * HistogramScale.bucketsPerBlock)
    private var lastLedger = LossLedger()

    /// Events read in the last interval.
    public private(set) var events: UInt64 = 0
    /// Events that the kernel says were lost in the last interval; a lower bound where it does not know.
    public private(set) var lost: UInt64 = 0
    /// Places where events are missing, in the last interval.
    public private(set) var gaps: UInt64 = 0
    /// Events since the beginning.
    public private(set) var totalEvents: UInt64 = 0
    /// Lost events since the beginning.
    public private(set) var totalLost: UInt64 = 0

    /// For each vector the one whose numbers it shares.
    private let vectorAliases: [Int]

    /// Creates an analysis that has seen nothing.
    ///
    /// - Parameter vectorAliases: for each vector of `EventFormats.vectorNames` the index of the one whose numbers it
    ///   shares, because the kernel counts both in one row (call_function and call_function_single in CAL); a vector
    ///   beyond the end has numbers of its own.
    public init(vectorAliases: [Int] = []) {
        self.vectorAliases = vectorAliases
        shard = ShardAnalysis(AnalysisOptions())
        slots = IntegerMap(filler: 0)
        places = IntegerMap(filler: 0)
        dense.resize(to: HistogramScale.blockCount * HistogramScale.bucketsPerBlock, filling: 0)
    }

    /// Feeds one sub-buffer of a CPU.
    public mutating func feed(page: RawSpan, cpu: Int, decoder: PageDecoder, formats: borrowing EventFormats) {
        shard.feed(page: page, slot: slot(of: cpu), decoder: decoder, formats: formats)
    }

    private mutating func slot(of cpu: Int) -> Int {
        if let slot = slots.value(for: UInt64(cpu)) { return Int(slot) }
        let slot = shard.addCPU(cpu)
        slots.reserve(1)
        slots.set(Int32(truncatingIfNeeded: slot), for: UInt64(cpu))
        return slot
    }

    /// Ends the interval: what was fed since the last call can be asked for until the next one.
    public mutating func endInterval() {
        for place in 0..<intervals.count { intervals[place] = SpanInterval() }
        linkRows()
        for index in 0..<shard.pairing.table.tallies.count {
            let tally = shard.pairing.table.takeTally(index)
            if tally.calls == 0, tally.count == 0, tally.unhandled == 0 { continue }
            guard let place = places.value(for: key(shard.pairing.table.key(ofRow: Int(tally.row)))) else { continue }
            intervals[Int(place)].add(tally)
        }
        for place in 0..<intervals.count where intervals[place].count > 0 { describe(place) }
        let ledger = shard.pairing.ledger
        events = ledger.events &- lastLedger.events
        lost = ledger.lostEvents &- lastLedger.lostEvents
        gaps = ledger.gaps &- lastLedger.gaps
        (totalEvents, totalLost) = (ledger.events, ledger.lostEvents)
        lastLedger = ledger
    }

    /// Gives each new row its place: that of the rows with the same number, whatever the action.
    private mutating func linkRows() {
        let count = shard.pairing.table.rowCount
        let new = count - nextRows.count
        if new == 0 { return }
        nextRows.reserve(new)
        for row in nextRows.count..<count {
            let key = key(shard.pairing.table.key(ofRow: row))
            if let place = places.value(for: key) {
                nextRows.append(firstRows[Int(place)])
                firstRows[Int(place)] = Int32(truncatingIfNeeded: row)
                continue
            }
            places.reserve(1)
            places.set(Int32(truncatingIfNeeded: intervals.count), for: key)
            intervals.reserve(1)
            intervals.append(SpanInterval())
            firstRows.reserve(1)
            firstRows.append(Int32(truncatingIfNeeded: row))
            nextRows.append(-1)
            log2Histograms.resize(to: log2Histograms.count + Self.log2BucketCount, filling: 0)
        }
    }

    /// Finds the percentiles of a place, and adds its spans to its power-of-two histogram.
    private mutating func describe(_ place: Int) {
        var row = firstRows[place]
        while row >= 0 {
            shard.pairing.table.takeHistogram(ofRow: Int(row), into: &dense)
            row = nextRows[Int(row)]
        }
        let count = intervals[place].count
        // Nearest rank, as in LatencyHistogram.
        let (half, most) = ((count + 1) / 2, count - count / 100)
        var seen: UInt64 = 0
        for index in 0..<dense.count where dense[index] > 0 {
            let (block, bucket) = index.quotientAndRemainder(dividingBy: HistogramScale.bucketsPerBlock)
            let (low, high) = HistogramScale.range(block: block, bucket: bucket)
            let middle = min(low + (high - 1 - low) / 2, intervals[place].maximumNanoseconds)
            seen += dense[index]
            if intervals[place].p50Nanoseconds == nil, seen >= half { intervals[place].p50Nanoseconds = middle }
            if intervals[place].p99Nanoseconds == nil, seen >= most { intervals[place].p99Nanoseconds = middle }
            let power = low == 0 ? 0 : 63 - low.leadingZeroBitCount
            log2Histograms[place * Self.log2BucketCount + min(power, Self.log2BucketCount - 1)] += dense[index]
            dense[index] = 0
        }
    }

    // MARK: Asking

    private func key(_ key: SpanKey) -> UInt64 {
        var number = key.number & 0xFF_FFFF_FFFF_FFFF
        if key.kind == .vector, number < UInt64(vectorAliases.count) { number = UInt64(vectorAliases[Int(number)]) }
        return UInt64(key.kind.rawValue) << 56 | number
    }

    private func place(_ kind: SpanKind, _ number: Int) -> Int? {
        places.value(for: key(SpanKey(kind: kind, number: UInt64(number)))).map { Int($0) }
    }

    private func interval(_ kind: SpanKind, _ number: Int) -> SpanInterval? {
        place(kind, number).map { intervals[$0] }
    }

    /// The handlers of an IRQ, all its actions together; nil if none was ever seen.
    public func irq(_ number: Int) -> SpanInterval? { interval(.irq, number) }
    /// A softirq; nil if it was never seen.
    public func softirq(_ vector: Int) -> SpanInterval? { interval(.softirq, vector) }
    /// From the first raise of a softirq to its entry; nil if it was never seen.
    public func raiseLatency(_ vector: Int) -> SpanInterval? { interval(.raiseLatency, vector) }
    /// An x86 vector and those that share its numbers, by its place in `EventFormats.vectorNames`; nil if it was never seen.
    public func vector(_ index: Int) -> SpanInterval? { interval(.vector, index) }

    /// The number of spans of an IRQ that since the beginning took 2^power nanoseconds up to twice as long; power is below `log2BucketCount`.
    public func log2Histogram(irq number: Int, power: Int) -> UInt64 {
        guard let place = place(.irq, number), (0..<Self.log2BucketCount).contains(power) else { return 0 }
        return log2Histograms[place * Self.log2BucketCount + power]
    }
}

extension SpanInterval {
    mutating func add(_ tally: SpanStatistics) {
        calls &+= tally.calls
        unhandled &+= tally.unhandled
        wokeThread &+= tally.wokeThread
        count &+= tally.count
        totalNanoseconds &+= tally.total
        if tally.count > 0, tally.maximum > maximumNanoseconds { maximumNanoseconds = tally.maximum }
    }
}
