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

    init(_ options: AnalysisOptions) {
        table = SpanTable()
        slow = SlowSpans(wanted: options.slowCount)
        selector = options.slowCount > 0 ? options.slowest : nil
        storms = StormLog(options.storm)
        from = options.fromNanoseconds
        to = options.toNanoseconds
        cpus = options.cpus
    }

    mutating func feed(_ record: WorkRecord) {
        switch record.kind {
        case .queue:
            guard queued.count < Self.limit || queued.value(for: record.work) != nil else {
                ledger.queuedBeyondLimit &+= 1
                return
            }
            queued.reserve(1)
            queued.set(Queued(time: record.time), for: record.work)
        case .start: start(record)
        case .end: end(record)
        case .gap:
            ledger.workDroppedAtGaps &+= UInt64(running.count + queued.count)
            running.removeAll()
            queued.removeAll()
        }
    }

    private func isWanted(_ record: WorkRecord) -> Bool {
        record.time >= from && record.time < to && (cpus?.contains(Int(record.cpu)) ?? true)
    }

    private mutating func tally(_ kind: SpanKind, _ record: WorkRecord) -> Int32 {
        table.reserve(events: 2)
        let key = SpanKey(kind: kind, number: record.function)
        let tally = table.tally(for: key, text: RawSpan(), at: 0, byteCount: 0, cpu: record.cpu) ?? -1
        // A new row has no span yet that would have to be taken out.
        if let selector { _ = table.decideNewRows(selector) }
        return tally
    }

    private mutating func start(_ record: WorkRecord) {
        let waited = queued.remove(record.work)
        var place: Int32 = -1
        if isWanted(record) {
            place = tally(.work, record)
            if place >= 0 { table.countCall(place, at: record.time, storms: &storms) }
            if let waited, record.time >= waited.time {
                let latency = tally(.queueLatency, record)
                let nanoseconds = record.time - waited.time
                if latency >= 0 { table.record(latency, duration: nanoseconds, selfTime: nanoseconds) }
            }
        }
        let key = UInt64(UInt32(bitPattern: record.pid))
        if running.value(for: key) != nil {
            ledger.unmatchedWorkStarts &+= 1
        } else if running.count >= Self.limit {
            ledger.queuedBeyondLimit &+= 1
            return
        }
        running.reserve(1)
        running.set(
            Running(work: record.work, start: record.time, tally: place), for: key)
    }

    private mutating func end(_ record: WorkRecord) {
        let key = UInt64(UInt32(bitPattern: record.pid))
        guard let begun = running.value(for: key), begun.work == record.work, record.time >= begun.start else {
            ledger.unmatchedWorkEnds &+= 1
            return
        }
        _ = running.remove(key)
        guard begun.tally >= 0 else { return }
        let duration = record.time - begun.start
        table.record(begun.tally, duration: duration, selfTime: duration)
        if duration >= slow.threshold, table.isListed(begun.tally) {
            slow.offer(
                SlowSpan(
                    duration: duration, selfTime: duration, start: begun.start, tally: begun.tally, pid: record.pid))
        }
    }

    mutating func finish() {
        table.finishStorms(log: &storms)
        ledger.stormsBeyondLimit = UInt64(storms.dropped)
        ledger.callsBeyondRowLimit = table.callsBeyondLimit
        ledger.workOpenAtEnd = UInt64(running.count)
    }
}
