/// Pairs the events of some CPUs of one buffer and keeps their statistics.
///
/// A shard is what one thread works on; shards share nothing and are merged when all are done.
/// Feeding allocates nothing but in `reserve`, for some hundred events at a time.
public struct ShardAnalysis: ~Copyable {
    var contexts = GrowableBuffer<CPUContext>(capacity: 4)
    var pairing: HandlerPairing
    /// By a CPU's number, for samples, which name their CPU one by one: its slot, or -1.
    var slotByCPU = GrowableBuffer<Int32>(capacity: 8)
    private let selectedCPUs: Set<Int>?
    /// Events that may be fed one by one before room is made again.
    private var room = 0

    /// Creates a shard without CPUs.
    ///
    /// - Parameters:
    ///   - isMerged: true if the shard is one of a `BufferAnalysis`, which takes out the events that are paired
    ///     across CPUs; else these are left aside.
    ///   - isDeep: true if it takes out all events, for the deep analysis.
    ///   - sink: takes the spans themselves; nil if nobody wants them.
    public init(
        _ options: AnalysisOptions, isMerged: Bool = false, isDeep: Bool = false, sink: (any SpanSink)? = nil
    ) {
        pairing = HandlerPairing(options, isMerged: isMerged, isDeep: isDeep, sink: sink)
        selectedCPUs = options.cpus
    }

    /// Adds a CPU and returns its slot, with which its pages are fed.
    public mutating func addCPU(_ cpu: Int) -> Int {
        room = 0
        contexts.reserve(1)
        contexts.append(
            CPUContext(cpu: UInt32(truncatingIfNeeded: cpu), isSelected: selectedCPUs?.contains(cpu) ?? true))
        return contexts.count - 1
    }

    /// The number of CPUs, and of their slots.
    public var cpuCount: Int { contexts.count }

    /// The number of events of a CPU that wait to be merged with those of the others.
    public func waitingCount(slot: Int) -> Int { contexts[slot].waiting.count }

    /// The time of the last event of a CPU; no later page of it has an earlier one.
    public func lastTime(slot: Int) -> UInt64 { contexts[slot].lastTime }

    /// Decodes a page of a CPU and feeds its events. A damaged page is counted, and used up to the damage.
    public mutating func feed(
        page: RawSpan, slot: Int, decoder: PageDecoder, formats: borrowing EventFormats
    ) {
        var cursor: PageCursor
        do {
            cursor = try decoder.open(page)
        } catch {
            noteDamagedPage(slot: slot)
            return
        }
        guard cursor.time > 0 || cursor.offset < cursor.end || cursor.missed != .none else {
            noteZeroPage(slot: slot)
            return
        }
        if !contexts[slot].hasPages { noteFirstPage(slot: slot) }
        let start = decoder.timeOfFirstRecord(page, cursor)
        let first = decoder.timeScale?.nanoseconds(start ?? cursor.time) ?? start ?? cursor.time
        if contexts[slot].missingSince != .max { endGap(slot: slot, at: first) }
        if cursor.missed != .none { noteGap(slot: slot, missed: cursor.missed, time: first) }
        if start != nil, first < contexts[slot].pageEndTime {
            pairing.ledger.timesGoneBack &+= 1
            noteGap(slot: slot, missed: .unknown, time: first)
        }
        if start != nil, first < contexts[slot].firstTime { contexts[slot].firstTime = first }
        let page = page.extracting(0..<cursor.end)
        var isDone = false
        while !isDone {
            pairing.reserve(events: HandlerPairing.eventsAtOnce, unusedNameCount: formats.unusedNames.count)
            do {
                isDone =
                    pairing.isDeep
                    ? try pairing.feedDeep(
                        page, from: &cursor, decoder: decoder, formats: formats, room: HandlerPairing.eventsAtOnce,
                        context: &contexts[slot])
                    : try pairing.feed(
                        page, from: &cursor, decoder: decoder, formats: formats, room: HandlerPairing.eventsAtOnce,
                        context: &contexts[slot])
                pairing.decideNewRows()
            } catch {
                pairing.decideNewRows()
                count(cursor, slot: slot, decoder: decoder)
                noteDamagedPage(slot: slot)
                return
            }
        }
        count(cursor, slot: slot, decoder: decoder)
    }

    /// Feeds one event of a CPU that comes from elsewhere than pages: a line of text, a sample of perf. Events of a CPU
    /// come in the order of time.
    ///
    /// - Parameter text: the bytes that the event's text lies in.
    public mutating func feed(event: TraceEvent, text: RawSpan = RawSpan(), slot: Int) {
        takeRoom()
        if contexts[slot].missingSince != .max { endGap(slot: slot, at: event.time) }
        if event.time < contexts[slot].firstTime { contexts[slot].firstTime = event.time }
        if event.time > contexts[slot].lastTime { contexts[slot].lastTime = event.time }
        pairing.ledger.events &+= 1
        pairing.ledger.usedEvents &+= 1
        if pairing.isDeep {
            pairing.takeDeep(event, text, &contexts[slot])
        } else {
            pairing.take(event, text, &contexts[slot])
        }
        pairing.decideNewRows()
    }

    /// Counts one event of a CPU that the analysis does not read.
    ///
    /// - Parameters:
    ///   - name: the place of its name among those that the analysis is finished with; nil if it has none there.
    ///   - pid: the task; nil if the event tells none, which leaves it out of the deep analysis.
    public mutating func feed(unused name: Int?, at time: UInt64, pid: Int32?, slot: Int) {
        let place = name.map { $0 &+ 1 } ?? 0
        pairing.countUnused(place)
        if contexts[slot].missingSince != .max { endGap(slot: slot, at: time) }
        if time < contexts[slot].firstTime { contexts[slot].firstTime = time }
        if time > contexts[slot].lastTime { contexts[slot].lastTime = time }
        if pairing.isDeep, let pid {
            takeRoom()
            pairing.keepOther(time: time, pid: pid, &contexts[slot])
        }
    }

    /// Makes room for one event, or rather for many at a time.
    @inline(always)
    private mutating func takeRoom() {
        if room == 0 {
            pairing.reserve(
                events: HandlerPairing.eventsAtOnce, unusedNameCount: 0, cpuCount: contexts.count)
            room = HandlerPairing.eventsAtOnce
        }
        room &-= 1
    }

    /// Counts events as not read that were fed as some of the deep analysis, which is not made after all.
    mutating func countUnused(_ counts: [UInt64]) {
        for (name, count) in counts.enumerated() where count > 0 {
            pairing.countUnused(name + 1, count)
            pairing.ledger.events &-= count
            pairing.ledger.usedEvents &-= count
        }
    }

    /// Counts an event that makes no sense and is left out.
    public mutating func noteMalformedEvent() {
        pairing.ledger.events &+= 1
        pairing.ledger.malformedEvents &+= 1
    }

    /// Tells that events of a CPU are missing that lie ahead of `time`; if the CPU has no earlier event, up to its next one.
    public mutating func feed(gap missed: MissedEvents, at time: UInt64, slot: Int) {
        room = 0
        if contexts[slot].firstTime <= contexts[slot].lastTime, time > contexts[slot].lastTime {
            noteGap(slot: slot, missed: missed, time: time)
        } else {
            noteOpenGap(slot: slot, missed: missed, time: time)
        }
    }

    /// Tells that events are missing of which nobody knows when and where, as CPUs go.
    public mutating func feed(unplacedGap missed: MissedEvents, slot: Int) {
        room = 0
        noteGap(slot: slot, missed: missed, time: contexts[slot].lastTime)
    }

    private mutating func count(_ cursor: PageCursor, slot: Int, decoder: PageDecoder) {
        pairing.ledger.events &+= UInt64(cursor.recordCount)
        pairing.ledger.usedEvents &+= UInt64(cursor.wantedCount)
        guard cursor.recordCount > 0 else { return }
        let last = decoder.timeScale?.nanoseconds(cursor.time) ?? cursor.time
        contexts[slot].pageEndTime = last
        if last > contexts[slot].lastTime { contexts[slot].lastTime = last }
    }

    private mutating func noteGap(slot: Int, missed: MissedEvents, time: UInt64) {
        pairing.dropAll(missed: missed, time: time, context: &contexts[slot])
    }

    /// The time of the first event of a CPU that waits to be merged, or nil.
    @inline(always)
    func firstWaitingTime(slot: Int) -> UInt64? { pairing.log.firstTime(of: contexts[slot].waiting) }

    /// The order of that event among those of the same time.
    func firstWaitingOrder(slot: Int) -> UInt32 {
        pairing.log.order(of: contexts[slot].waiting, cpu: contexts[slot].cpu)
    }

    private mutating func noteDamagedPage(slot: Int) {
        pairing.ledger.damagedPages &+= 1
        noteOpenGap(slot: slot, missed: .unknown)
    }

    /// Takes a page without time and events. No recorder writes one among others: it is of zeros that stand where a disk or
    /// a copy lost the page.
    @inline(never)
    private mutating func noteZeroPage(slot: Int) {
        if contexts[slot].hasPages {
            noteDamagedPage(slot: slot)
        } else {
            contexts[slot].zeroPageCount &+= 1
        }
    }

    /// Takes up that a CPU has pages: those of zeros ahead of them are damaged. Alone they may be those of a CPU that was idle.
    @inline(never)
    private mutating func noteFirstPage(slot: Int) {
        contexts[slot].hasPages = true
        for _ in 0..<contexts[slot].zeroPageCount { noteDamagedPage(slot: slot) }
        contexts[slot].zeroPageCount = 0
    }

    /// Notes a gap of which nothing but the next event of the CPU tells how far it reaches.
    ///
    /// - Parameter time: when it was told, which is its place among the events of other CPUs.
    private mutating func noteOpenGap(slot: Int, missed: MissedEvents, time: UInt64 = 0) {
        let time = max(time, contexts[slot].lastTime)
        pairing.dropAll(missed: missed, time: time, isOpen: true, context: &contexts[slot])
        contexts[slot].missingSince = min(contexts[slot].missingSince, contexts[slot].lastTime)
    }

    /// Tells that such a gap reaches up to the next event of its CPU; `.max` without one.
    @inline(never)
    mutating func endGap(slot: Int, at time: UInt64) {
        pairing.endGap(at: time, context: &contexts[slot])
    }

    /// A compressed chunk of this CPU's pages could not be unpacked.
    public mutating func noteDamagedChunk(slot: Int) {
        pairing.ledger.damagedChunks &+= 1
        noteOpenGap(slot: slot, missed: .unknown)
    }

    /// Starts all counts over; rows, and what is open, stay.
    mutating func startInterval() {
        room = 0
        pairing.startInterval()
        for slot in 0..<contexts.count {
            contexts[slot].firstTime = .max
            contexts[slot].lastTime = 0
            contexts[slot].missing = MissingTime()
        }
    }

    /// Ends the recording: counts what is still open.
    public mutating func finish() {
        for slot in 0..<contexts.count {
            pairing.ledger.openAtEnd &+= UInt64(contexts[slot].depth)
            if contexts[slot].missingSince != .max { endGap(slot: slot, at: .max) }
        }
        pairing.finishStorms()
        noteLimits()
    }

    /// Moves what found no room into the ledger.
    mutating func noteLimits() {
        pairing.ledger.callsBeyondRowLimit = pairing.table.callsBeyondLimit
        pairing.ledger.stormsBeyondLimit = UInt64(pairing.storms.dropped)
    }
}
