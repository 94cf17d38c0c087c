import IRQCore

/// Leads events that come one by one through the analysis: for formats that have no pages.
///
/// Events come in the order of time, over all CPUs; a reader of a format that has them in another order sorts them. The
/// rules are those of events in pages, for the analysis is the same.
struct EventFeed: ~Copyable {
    private var analysis: BufferAnalysis
    /// The places of the CPUs that have been seen; of low numbers, as nearly all are, in a table.
    private var lowSlots = [Int32](repeating: -1, count: 1024)
    private var slots: [Int: Int] = [:]
    /// Events since workqueue events were last merged.
    private var waitingCount = 0

    /// Workqueue events wait for those of other CPUs as long as this many events may.
    private static let waitingLimit = 1 << 14

    init(_ options: AnalysisOptions) {
        analysis = BufferAnalysis(shardCount: 1, options: options)
    }

    /// Feeds an event of a CPU.
    ///
    /// - Parameter text: the bytes that the event's text lies in.
    mutating func event(_ event: TraceEvent, text: RawSpan = RawSpan(), cpu: Int) {
        let slot = slot(of: cpu)
        analysis.feed(event: event, text: text, slot: slot)
        waitingCount += 1
        if waitingCount == Self.waitingLimit {
            analysis.mergeCPUs(before: event.time)
            waitingCount = 0
        }
    }

    /// Counts an event of a CPU that the analysis does not read; `name` is its place among those given to `finish`.
    mutating func unused(_ name: Int?, at time: UInt64, cpu: Int) {
        let slot = slot(of: cpu)
        analysis.feed(unused: name, at: time, slot: slot)
    }

    /// Counts an event that makes no sense.
    mutating func malformed() { analysis.withShard(0) { $0.noteMalformedEvent() } }

    /// Tells that events of a CPU are missing from `time` on.
    mutating func gap(_ missed: MissedEvents, at time: UInt64, cpu: Int) {
        let slot = slot(of: cpu)
        analysis.withShard(0) { $0.feed(gap: missed, at: time, slot: slot) }
    }

    /// Ends an interval: what was found since the last one. What is open goes on.
    mutating func takeInterval(buffer: String, vectorNames: [String], unusedNames: [String]) -> BufferResult {
        analysis.takeInterval(buffer: buffer, vectorNames: vectorNames, unusedNames: unusedNames)
    }

    /// Ends the recording of a buffer; `vectorNames` are those of `RecordingReader`.
    consuming func finish(buffer: String = "", vectorNames: [String], unusedNames: [String] = []) -> BufferResult {
        analysis.finish(buffer: buffer, vectorNames: vectorNames, unusedNames: unusedNames)
    }

    private mutating func slot(of cpu: Int) -> Int {
        let isLow = cpu >= 0 && cpu < lowSlots.count
        if isLow, lowSlots[cpu] >= 0 { return Int(lowSlots[cpu]) }
        if !isLow, let known = slots[cpu] { return known }
        let new = analysis.withShard(0) { $0.addCPU(cpu) }
        if isLow { lowSlots[cpu] = Int32(new) } else { slots[cpu] = new }
        return new
    }
}
