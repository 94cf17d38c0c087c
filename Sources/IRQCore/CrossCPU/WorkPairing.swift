/// Pairs workqueue events of all CPUs in the order of time.
///
/// Work runs in kworker threads: a start and an end belong together if the thread (pid) and the work
/// item agree; a work item waits from its queueing to its next start. The kernel does not queue what is queued
/// already, so of two queueings without a start between them the newer counts: the older was cancelled.
///
/// Which CPU would have run what is unknown, so events lost on any CPU drop all that is queued or running.
struct WorkPairing: ~Copyable {
    // Not private: see SpanTable.Row.
    struct Running: BitwiseCopyable {
        let work: UInt64
        let start: UInt64
        let tally: Int32
    }
    struct Queued: BitwiseCopyable {
        let time: UInt64
    }

    /// More queued items, and running threads, than this are not remembered: no kernel has so many.
    private static let limit = 1 << 16

    var table: SpanTable
    var slow: SlowSpans
    var storms: StormLog
    private(set) var ledger = LossLedger()
    private var running = IntegerMap<Running>(filler: Running(work: 0, start: 0, tally: -1))
    private var queued = IntegerMap<Queued>(filler: Queued(time: 0))
    private let selector: RowSelector?
    private let from: UInt64
    private let to: UInt64
    private let cpus: Set<Int>?

    init(_ options: AnalysisOptions, sink: (any SpanSink)? = nil) {
        table = SpanTable(options, sink: sink)
        slow = SlowSpans(wanted: options.slowCount)
        selector = options.slowCount > 0 ? options.selector : nil
        storms = StormLog(options.storm)
        from = options.fromNanoseconds
        to = options.toNanoseconds
        cpus = options.cpus
    }

    /// Takes the next event, which happened on `cpu`.
    mutating func take(_ event: TraceEvent, cpu: UInt32) {
        switch event.kind {
        case .workQueue: queue(event)
        case .workStart: start(event, cpu)
        case .workEnd: end(event)
        default: break
        }
    }

    /// Notes that events of `cpu` are missing up to `time`.
    mutating func gap(cpu: UInt32, time: UInt64) {
        ledger.workDroppedAtGaps &+= UInt64(running.count + queued.count)
        running.removeAll()
        queued.removeAll()
    }

    private mutating func queue(_ event: TraceEvent) {
        guard queued.count < Self.limit || queued.value(for: event.work) != nil else {
            ledger.queuedBeyondLimit &+= 1
            return
        }
        queued.reserve(1)
        queued.set(Queued(time: event.time), for: event.work)
    }

    private func isWanted(_ event: TraceEvent, _ cpu: UInt32) -> Bool {
        event.time >= from && event.time < to && (cpus?.contains(Int(cpu)) ?? true)
    }

    private mutating func tally(_ kind: SpanKind, _ event: TraceEvent, _ cpu: UInt32) -> Int32 {
        table.reserve(events: 2)
        let key = SpanKey(kind: kind, number: event.function)
        let tally = table.tally(for: key, text: RawSpan(), at: 0, byteCount: 0, cpu: cpu) ?? -1
        // A new row has no span yet that would have to be taken out.
        if let selector { _ = table.decideNewRows(selector) }
        return tally
    }

    private mutating func start(_ event: TraceEvent, _ cpu: UInt32) {
        let waited = queued.remove(event.work)
        var place: Int32 = -1
        if isWanted(event, cpu) {
            place = tally(.work, event, cpu)
            if place >= 0 { table.countCall(place, at: event.time, storms: &storms) }
            if let waited, event.time >= waited.time {
                let latency = tally(.queueLatency, event, cpu)
                let nanoseconds = event.time - waited.time
                if latency >= 0 {
                    table.record(latency, duration: nanoseconds, selfTime: nanoseconds, from: waited.time)
                }
            }
        }
        let key = UInt64(UInt32(bitPattern: event.pid))
        if running.value(for: key) != nil {
            ledger.unmatchedWorkStarts &+= 1
        } else if running.count >= Self.limit {
            ledger.queuedBeyondLimit &+= 1
            return
        }
        running.reserve(1)
        running.set(
            Running(work: event.work, start: event.time, tally: place), for: key)
    }

    private mutating func end(_ event: TraceEvent) {
        let key = UInt64(UInt32(bitPattern: event.pid))
        guard let begun = running.value(for: key), begun.work == event.work, event.time >= begun.start else {
            ledger.unmatchedWorkEnds &+= 1
            return
        }
        _ = running.remove(key)
        guard begun.tally >= 0 else { return }
        let duration = event.time - begun.start
        // Work may end many times in turn, without a start that makes room.
        table.reserveSpans(1)
        table.record(begun.tally, duration: duration, selfTime: duration, from: begun.start, pid: event.pid)
        if duration >= slow.threshold, table.isListed(begun.tally) {
            slow.offer(
                SlowSpan(
                    duration: duration, selfTime: duration, start: begun.start, tally: begun.tally, pid: event.pid))
        }
    }

    /// Takes out how long items waited: they came in another order than they happened in.
    mutating func leaveOutWaits() {
        var counts = GrowableBuffer<UInt64>(capacity: 1)
        counts.resize(to: HistogramScale.blockCount * HistogramScale.bucketsPerBlock, filling: 0)
        for tally in 0..<table.tallies.count {
            let row = Int(table.tallies[tally].row)
            guard table.key(ofRow: row).kind == .queueLatency else { continue }
            _ = table.takeTally(tally)
            table.takeHistogram(ofRow: row, into: &counts)
        }
    }

    /// Starts all counts over; rows, and what is queued or running, stay.
    mutating func startInterval() {
        table.startInterval()
        storms.removeAll()
        slow.removeAll()
        ledger = LossLedger()
    }

    /// Moves what found no room into the ledger.
    mutating func noteLimits() {
        ledger.stormsBeyondLimit = UInt64(storms.dropped)
        ledger.callsBeyondRowLimit = table.callsBeyondLimit
    }

    mutating func finish() {
        table.finishStorms(log: &storms)
        noteLimits()
        ledger.workOpenAtEnd = UInt64(running.count)
    }
}
