import IRQCore

/// Leads events that come one by one through the analysis: for formats that have no pages.
///
/// Events come in the order of time, over all CPUs, but for what lies within some thousand events of each other; a reader of
/// a format that has them in another order sorts them. The rules are those of events in pages, for the analysis is the same.
///
/// The deep analysis is made where there is an event of the scheduler among the first `decidingCount` events, or where it
/// is wanted in any case. So a recording without such events costs nothing more. For calls over time it goes on without them.
struct EventFeed: ~Copyable {
    private var analysis: BufferAnalysis
    /// The places of the CPUs that have been seen; of low numbers, as nearly all are, in a table.
    private var lowSlots = [Int32](repeating: -1, count: 1024)
    private var slots: [Int: Int] = [:]
    /// Events since those of all CPUs were last merged, and the latest time at that moment: then what is earlier is merged,
    /// so that events may lie some thousand lines behind later ones.
    private var waitingCount = 0
    private var latestTime: UInt64 = 0
    /// The time up to which events were merged.
    private var mergedTime: UInt64 = 0
    /// False until an event of the scheduler has come.
    private var hasScheduler = false
    /// Events that were read for the deep analysis alone, by the place of their name, until it is known whether there is one.
    private var deepOnlyCounts: [UInt64] = []
    /// True if the deep analysis goes on without an event of the scheduler.
    private let isDeepForced: Bool
    /// True if calls over time are wanted.
    private let isSliced: Bool
    private var eventCount: UInt64 = 0
    /// Events that came later than can be put into the order of time.
    private(set) var lateCount: UInt64 = 0
    /// Those among them of work items: how long an item waited is not known then.
    private(set) var lateWorkCount: UInt64 = 0

    /// Events wait for those of other CPUs as long as this many may.
    private static let waitingLimit = 1 << 13
    /// Events after which it is settled whether there are some of the scheduler.
    private static let decidingCount: UInt64 = 1 << 14
    /// Of so many events at most one may be late in the deep analysis.
    private static let lateShare: UInt64 = 1000

    /// - Parameter isDeepForced: true if the deep analysis goes on without an event of the scheduler.
    init(_ options: AnalysisOptions, buffer: String, isDeepForced: Bool = false) {
        isDeep = options.isDeep
        analysis = BufferAnalysis(shardCount: 1, options: options, isDeep: options.isDeep, buffer: buffer)
        analysis.setOrdered()
        self.isDeepForced = isDeepForced
        isSliced = options.isSliced
    }

    /// True while the deep analysis takes all events.
    private(set) var isDeep: Bool

    /// Feeds an event of a CPU.
    ///
    /// - Parameters:
    ///   - text: the bytes that the event's text lies in.
    ///   - unused: for an event that the deep analysis alone reads, the place of its name among those given to `finish`:
    ///     without the deep analysis it is counted there.
    /// - Returns: true while the deep analysis takes all events.
    @discardableResult
    mutating func event(_ event: TraceEvent, text: RawSpan = RawSpan(), cpu: Int, unused: Int? = nil) -> Bool {
        let slot = slot(of: cpu)
        if event.kind.isDeepOnly {
            guard isDeep else {
                count(unused, at: event.time, pid: nil, slot: slot)
                return false
            }
            note(event.kind, unused)
        }
        if event.time < mergedTime {
            if isDeep { lateCount += 1 }
            if event.kind.isWork { lateWorkCount += 1 }
        }
        analysis.feed(event: event, text: text, slot: slot)
        finishEvent(event.time)
        return isDeep
    }

    /// Counts an event of a CPU that the analysis does not read.
    ///
    /// - Parameters:
    ///   - name: its place among those given to `finish`; nil if it has none there.
    ///   - pid: the task, negative if it is not told.
    /// - Returns: true while the deep analysis takes all events.
    @discardableResult
    mutating func unused(_ name: Int?, at time: UInt64, pid: Int32, cpu: Int) -> Bool {
        let slot = slot(of: cpu)
        guard isDeep else {
            count(name, at: time, pid: nil, slot: slot)
            return false
        }
        if time < mergedTime { lateCount += 1 }
        count(name, at: time, pid: pid, slot: slot)
        finishEvent(time)
        return isDeep
    }

    /// Tells the name of a task, for those that no event of the scheduler names. Untrusted text.
    mutating func name(_ name: String, of task: Int32) { analysis.setName(name, of: task) }

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
        decide()
        if isTooLate { analysis.leaveOutDeep() }
        if lateWorkCount > 0 { analysis.leaveOutWaits() }
        return analysis.finish(buffer: buffer, vectorNames: vectorNames, unusedNames: unusedNames)
    }

    /// True if so many events came too late that the deep analysis is left out.
    var isTooLate: Bool { lateCount > 0 && lateCount > (eventCount + UInt64(waitingCount)) / Self.lateShare }

    // MARK: - The deep analysis

    private mutating func count(_ name: Int?, at time: UInt64, pid: Int32?, slot: Int) {
        analysis.feed(unused: name, at: time, pid: pid, slot: slot)
    }

    private mutating func note(_ kind: EventKind, _ unused: Int?) {
        if kind.isScheduler { hasScheduler = true }
        guard !hasScheduler, let unused, unused >= 0 else { return }
        while deepOnlyCounts.count <= unused { deepOnlyCounts.append(0) }
        deepOnlyCounts[unused] += 1
    }

    @inline(always)
    private mutating func finishEvent(_ time: UInt64) {
        waitingCount &+= 1
        if waitingCount == Self.waitingLimit { merge(upTo: time) }
    }

    private mutating func merge(upTo time: UInt64) {
        eventCount += UInt64(waitingCount)
        waitingCount = 0
        if eventCount >= Self.decidingCount, !isDeepForced, !isSliced { decide() }
        mergedTime = latestTime
        analysis.mergeCPUs(before: mergedTime)
        latestTime = max(latestTime, time)
    }

    private mutating func decide() {
        guard isDeep, !hasScheduler else { return }
        if isSliced { return analysis.countUnused(deepOnlyCounts) }
        analysis.leaveOutDeep(unused: deepOnlyCounts)
        isDeep = false
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
