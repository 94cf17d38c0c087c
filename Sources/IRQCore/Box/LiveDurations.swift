/// Durations from a live trace, interval by interval and since its beginning, with the pairing that `report` uses.
///
/// Spans that are open at the end of an interval count in the one they end in. In the steady state nothing is
/// allocated: rows and histograms are made when an interrupt is first seen.
public struct LiveDurations: ~Copyable {
    /// Powers of two of nanoseconds in `log2Histogram`.
    public static let log2BucketCount = SpanHistory.powerCount

    /// One analysis; where interrupts are followed to tasks, it keeps all events for `LiveDeep`.
    private(set) var shards: FixedSlots<ShardAnalysis>
    private var slots: IntegerMap<Int32>
    private var places: IntegerMap<Int32>
    private var intervals = GrowableBuffer<SpanInterval>(capacity: 64)
    private var totals = GrowableBuffer<SpanTotals>(capacity: 64)
    private var history = SpanHistory()
    /// The first row of each place, and the next one of each row; -1 ends the list.
    private var firstRows = GrowableBuffer<Int32>(capacity: 64)
    private var nextRows = GrowableBuffer<Int32>(capacity: 64)
    /// The last interval by CPU: the first element of each place; -1 for none.
    private var firstSpans = GrowableBuffer<Int32>(capacity: 64)
    private var cpuSpans = GrowableBuffer<CPUSpans>(capacity: 64)
    /// The last interval by CPU, all places together.
    private var cpuTimes = GrowableBuffer<CPUSpanTime>(capacity: 16)
    private var dense = GrowableBuffer<UInt64>(capacity: HistogramScale.blockCount * HistogramScale.bucketsPerBlock)
    private var lastLedger = LossLedger()
    /// True if totals begin with the next interval.
    private var isForgetting = false

    /// Events read in the last interval.
    public private(set) var events: UInt64 = 0
    /// Events that the kernel says were lost in the last interval; a lower bound where it does not know.
    public private(set) var lost: UInt64 = 0
    /// Places where events are missing, in the last interval.
    public private(set) var gaps: UInt64 = 0
    /// Events since the beginning.
    public private(set) var totalEvents: UInt64 = 0
    /// Lost events since the beginning.
    public internal(set) var totalLost: UInt64 = 0

    /// For each vector the one whose numbers it shares.
    private let vectorAliases: [Int]

    /// Creates an analysis that has seen nothing.
    ///
    /// - Parameters:
    ///   - vectorAliases: for each vector of `EventFormats.vectorNames` the index of the one whose numbers it
    ///   shares, because the kernel counts both in one row (call_function and call_function_single in CAL); a vector
    ///   beyond the end has numbers of its own.
    ///   - isDeep: true if all events are kept until `LiveDeep` takes them.
    public init(vectorAliases: [Int] = [], isDeep: Bool = false) {
        self.vectorAliases = vectorAliases
        shards = FixedSlots(count: 1) { _ in ShardAnalysis(AnalysisOptions(), isMerged: isDeep, isDeep: isDeep) }
        slots = IntegerMap(filler: 0)
        places = IntegerMap(filler: 0)
        dense.resize(to: HistogramScale.blockCount * HistogramScale.bucketsPerBlock, filling: 0)
    }

    /// Feeds one sub-buffer of a CPU.
    public mutating func feed(page: RawSpan, cpu: Int, decoder: PageDecoder, formats: borrowing EventFormats) {
        shards[0].feed(page: page, slot: slot(of: cpu), decoder: decoder, formats: formats)
    }

    private mutating func slot(of cpu: Int) -> Int {
        if let slot = slots.value(for: UInt64(cpu)) { return Int(slot) }
        let slot = shards[0].addCPU(cpu)
        slots.reserve(1)
        slots.set(Int32(truncatingIfNeeded: slot), for: UInt64(cpu))
        cpuTimes.resize(to: slot + 1, filling: CPUSpanTime())
        return slot
    }

    /// The time of the last event that was read of a CPU; nil if none was.
    mutating func lastTime(cpu: Int) -> UInt64? {
        slots.value(for: UInt64(cpu)).map { shards[0].lastTime(slot: Int($0)) }
    }

    /// The number of events that `LiveDeep` has not taken yet.
    var waitingCount: Int {
        mutating get {
            var count = 0
            for slot in 0..<shards[0].cpuCount { count += shards[0].waitingCount(slot: slot) }
            return count
        }
    }

    /// Hands over the kept events that happened before a time, in the order of time.
    mutating func merge<Consumer: CrossCPUConsumer & ~Copyable>(
        _ queue: inout CrossCPUQueue, before time: UInt64, into consumer: inout Consumer
    ) { queue.merge(&shards, before: time, into: &consumer) }

    // MARK: The end of an interval

    /// Ends the interval: what was fed since the last call can be asked for until the next one.
    ///
    /// - Parameter wallOffset: what makes times of the trace clock those of CLOCK_REALTIME, in nanoseconds.
    public mutating func endInterval(wallOffset: UInt64 = 0) {
        linkRows()
        for place in 0..<intervals.count {
            intervals[place] = SpanInterval()
            firstSpans[place] = -1
        }
        cpuSpans.removeAll()
        cpuSpans.reserve(shards[0].pairing.table.tallies.count)
        for slot in 0..<cpuTimes.count { cpuTimes[slot] = CPUSpanTime() }
        for index in 0..<shards[0].pairing.table.tallies.count {
            let tally = shards[0].pairing.table.takeTally(index)
            if tally.calls == 0, tally.count == 0, tally.unhandled == 0 { continue }
            let key = shards[0].pairing.table.key(ofRow: Int(tally.row))
            guard let place = places.value(for: self.key(key)) else { continue }
            intervals[Int(place)].add(tally)
            if !isForgetting { totals[Int(place)].add(tally, wallOffset: wallOffset) }
            addToCPU(tally, key.kind, Int(place))
        }
        for place in 0..<intervals.count where intervals[place].count > 0 { describe(place) }
        isForgetting = false
        let ledger = shards[0].pairing.ledger
        events = ledger.events &- lastLedger.events
        lost = ledger.lostEvents &- lastLedger.lostEvents
        gaps = ledger.gaps &- lastLedger.gaps
        (totalEvents, totalLost) = (ledger.events, ledger.lostEvents)
        lastLedger = ledger
    }

    /// Gives each new row its place: that of the rows with the same number, whatever the action.
    private mutating func linkRows() {
        let count = shards[0].pairing.table.rowCount
        let new = count - nextRows.count
        if new == 0 { return }
        nextRows.reserve(new)
        for row in nextRows.count..<count {
            let key = key(shards[0].pairing.table.key(ofRow: row))
            if let place = places.value(for: key) {
                nextRows.append(firstRows[Int(place)])
                firstRows[Int(place)] = Int32(truncatingIfNeeded: row)
                continue
            }
            places.reserve(1)
            places.set(Int32(truncatingIfNeeded: intervals.count), for: key)
            intervals.resize(to: intervals.count + 1, filling: SpanInterval())
            totals.resize(to: totals.count + 1, filling: SpanTotals())
            firstSpans.resize(to: firstSpans.count + 1, filling: -1)
            firstRows.resize(to: firstRows.count + 1, filling: Int32(truncatingIfNeeded: row))
            nextRows.append(-1)
            history.addPlace()
        }
    }

    private mutating func addToCPU(_ tally: SpanStatistics, _ kind: SpanKind, _ place: Int) {
        cpuSpans.append(
            CPUSpans(
                cpu: tally.cpu, next: firstSpans[place], calls: tally.calls, count: tally.count,
                totalNanoseconds: tally.total, maximumNanoseconds: tally.maximum))
        firstSpans[place] = Int32(truncatingIfNeeded: cpuSpans.count - 1)
        guard let slot = slots.value(for: UInt64(tally.cpu)) else { return }
        switch kind {
        case .irq, .vector: cpuTimes[Int(slot)].irqNanoseconds &+= tally.selfTimeTotal
        case .softirq: cpuTimes[Int(slot)].softirqNanoseconds &+= tally.selfTimeTotal
        default: break
        }
    }

    /// Finds the percentiles of a place, and adds its spans to its history.
    private mutating func describe(_ place: Int) {
        var row = firstRows[place]
        while row >= 0 {
            shards[0].pairing.table.takeHistogram(ofRow: Int(row), into: &dense)
            row = nextRows[Int(row)]
        }
        let (half, most) = Self.ranks(intervals[place].count)
        var seen: UInt64 = 0
        for index in 0..<dense.count where dense[index] > 0 {
            let (block, bucket) = index.quotientAndRemainder(dividingBy: HistogramScale.bucketsPerBlock)
            let middle = intervals[place].clamped(HistogramScale.middle(block: block, bucket: bucket))
            seen += dense[index]
            if intervals[place].p50Nanoseconds == nil, seen >= half { intervals[place].p50Nanoseconds = middle }
            if intervals[place].p99Nanoseconds == nil, seen >= most { intervals[place].p99Nanoseconds = middle }
            if !isForgetting { history.add(dense[index], block: block, bucket: bucket, to: place) }
            dense[index] = 0
        }
    }

    /// The ranks of the median and of the 99th percentile: nearest rank, as in LatencyHistogram.
    private static func ranks(_ count: UInt64) -> (half: UInt64, most: UInt64) {
        ((count + 1) / 2, count - count / 100)
    }

    /// Forgets totals, maxima and distributions: they begin anew with the next interval, so that nothing of before is in
    /// them.
    public mutating func forgetTotals() {
        isForgetting = true
        for place in 0..<totals.count { totals[place] = SpanTotals() }
        history.removeAll()
    }

    // MARK: Asking

    private func key(_ key: SpanKey) -> UInt64 {
        var number = key.number & 0xFF_FFFF_FFFF_FFFF
        if key.kind == .vector, number < UInt64(vectorAliases.count) { number = UInt64(vectorAliases[Int(number)]) }
        return UInt64(key.kind.rawValue) << 56 | number
    }

    private func place(_ kind: SpanKind, _ number: Int) -> SpanPlace? {
        places.value(for: key(SpanKey(kind: kind, number: UInt64(number)))).map { SpanPlace(index: Int($0)) }
    }

    /// The handlers of an IRQ, all its actions together; nil if none was ever seen.
    public func place(irq number: Int) -> SpanPlace? { place(.irq, number) }
    /// A softirq; nil if it was never seen.
    public func place(softirq vector: Int) -> SpanPlace? { place(.softirq, vector) }
    /// The time from the first raise of a softirq to its entry; nil if it was never seen.
    public func place(raiseLatency vector: Int) -> SpanPlace? { place(.raiseLatency, vector) }
    /// An x86 vector and those that share its numbers, by its place in `EventFormats.vectorNames`; nil if it was never seen.
    public func place(vector index: Int) -> SpanPlace? { place(.vector, index) }

    /// The spans of the last interval.
    public func interval(_ place: SpanPlace) -> SpanInterval { intervals[place.index] }

    /// The spans since the beginning, or since they were forgotten.
    public func total(_ place: SpanPlace) -> SpanTotals {
        var total = totals[place.index]
        let (half, most) = Self.ranks(total.spans.count)
        if total.spans.count > 0 {
            let spans = total.spans
            total.spans.p50Nanoseconds = history.value(rank: half, of: place.index).map(spans.clamped)
            total.spans.p99Nanoseconds = history.value(rank: most, of: place.index).map(spans.clamped)
        }
        return total
    }

    /// The longest span since then, and the time it began; nil without any. Costs less than `total`.
    public func longest(_ place: SpanPlace) -> (nanoseconds: UInt64, timeNanoseconds: UInt64)? {
        let total = totals[place.index]
        return total.spans.count > 0 ? (total.spans.maximumNanoseconds, total.maximumTimeNanoseconds) : nil
    }

    /// The spans of the last interval on a CPU; nil if there were none.
    public func interval(_ place: SpanPlace, cpu: Int) -> CPUSpans? {
        var found: CPUSpans?
        var index = firstSpans[place.index]
        while index >= 0 {
            let spans = cpuSpans[Int(index)]
            index = spans.next
            guard Int(spans.cpu) == cpu else { continue }
            guard var sum = found else {
                found = spans
                continue
            }
            sum.calls &+= spans.calls
            sum.count &+= spans.count
            sum.totalNanoseconds &+= spans.totalNanoseconds
            sum.maximumNanoseconds = max(sum.maximumNanoseconds, spans.maximumNanoseconds)
            found = sum
        }
        return found
    }

    /// The time of a CPU in handlers in the last interval.
    public func time(cpu: Int) -> CPUSpanTime {
        slots.value(for: UInt64(cpu)).map { cpuTimes[Int($0)] } ?? CPUSpanTime()
    }

    /// The number of spans that since the beginning took 2^power nanoseconds up to twice as long; power is below `log2BucketCount`.
    public func log2Histogram(_ place: SpanPlace, power: Int) -> UInt64 {
        (0..<Self.log2BucketCount).contains(power) ? history.count(power: power, of: place.index) : 0
    }
}
