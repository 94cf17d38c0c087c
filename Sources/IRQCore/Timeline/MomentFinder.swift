/// A span as it is kept for the surroundings of slow moments.
struct RanSpan: BitwiseCopyable, Sendable {
    let start: UInt64
    let duration: UInt64
    let row: Int32
    /// The number of spans that it is nested in, where that is known already; -1 if it is to be found out.
    var depth: Int32 = -1

    var end: UInt64 { start &+ duration }
}

/// One of the slowest spans so far, with what ran around it.
struct FoundMoment: Sendable {
    let row: Int32
    let cpu: Int
    let pid: Int32
    let start: UInt64
    let duration: UInt64
    let selfTime: UInt64
    /// The spans that ran on the CPU in the window, in the order in which it ended.
    var spans: [RanSpan] = []
    var leftOutCount = 0
    /// The things that the CPU was busy with, of which the spans are made; for those of the deep analysis.
    var stretches: [RunStretch] = []
    /// The place of the CPU in the deep analysis.
    var slot = -1
    /// True while it is not known what followed.
    var isOpen = false

    init(row: Int32, cpu: Int, pid: Int32, start: UInt64, duration: UInt64, selfTime: UInt64) {
        (self.row, self.cpu, self.pid) = (row, cpu, pid)
        (self.start, self.duration, self.selfTime) = (start, duration, selfTime)
    }

    /// The begin and the end of the lane: as long before and after it as it took, but at least 50 µs.
    var window: Range<UInt64> {
        let margin = max(duration, Self.shortestMargin)
        let end = start.addingReportingOverflow(duration).partialValue
        return (start > margin ? start - margin : 0)..<(end < .max - margin ? end + margin : .max)
    }
    private static let shortestMargin: UInt64 = 50_000

    /// True if another moment lies so near that both windows show the same.
    func isNear(_ other: FoundMoment) -> Bool {
        let (a, b) = (window, other.window)
        let distance = start > other.start ? start - other.start : other.start - start
        return distance < max(a.upperBound - a.lowerBound, b.upperBound - b.lowerBound)
    }
}

/// The moments that are kept of a kind: the slowest ones, of several near each other of one row the slowest.
struct MomentList: Sendable {
    /// More are kept than are shown: the slowest of several CPUs may turn out to be near each other.
    static let limit = 8

    private(set) var moments: [FoundMoment] = []
    /// Spans that take no longer are none.
    private(set) var threshold: UInt64 = 0

    /// The place that a moment gets; nil if it is none of the slowest.
    func place(for moment: FoundMoment) -> Int? {
        if let near = moments.firstIndex(where: { $0.row == moment.row && $0.isNear(moment) }) {
            return moment.duration > moments[near].duration ? near : nil
        }
        if moments.count < Self.limit { return moments.count }
        return moments.indices.min { moments[$0].duration < moments[$1].duration }
    }

    /// Sets a moment at the place that it got.
    mutating func set(_ moment: FoundMoment, at place: Int) {
        if place < moments.count {
            moments[place] = moment
        } else {
            moments.append(moment)
        }
        if moments.count == Self.limit { threshold = moments.map(\.duration).min() ?? 0 }
    }

    /// Adds a span of a CPU to what ran around the moments there.
    mutating func add(_ span: RanSpan, onCPU cpu: Int) {
        for place in moments.indices
        where moments[place].cpu == cpu && span.start < moments[place].window.upperBound {
            if moments[place].spans.count < SlowMoment.spanLimit {
                moments[place].spans.append(span)
            } else {
                moments[place].leftOutCount += 1
            }
        }
    }
}

extension MomentList {
    /// Completes the moments of a CPU whose windows are over.
    ///
    /// - Returns: the time when the next one is over; `.max` if there is none.
    mutating func close(slot: Int, at now: UInt64, _ complete: (inout FoundMoment) -> Void) -> UInt64 {
        var next = UInt64.max
        for place in moments.indices where moments[place].slot == slot && moments[place].isOpen {
            let end = moments[place].window.upperBound
            if now >= end {
                complete(&moments[place])
                moments[place].isOpen = false
            } else {
                next = min(next, end)
            }
        }
        return next
    }
}

/// The finder of the slowest spans, with what ran around them on their CPU.
///
/// Of each CPU the last spans are kept, for what was before; what comes after is added as it comes.
struct MomentFinder: ~Copyable {
    /// The spans that are kept of a CPU: 24 bytes each, for there may be a thousand CPUs.
    static let ringCapacity = 256
    /// Of the spans that a moment can have, those before its end, so that there is room for what follows.
    private static let earlierLimit = SlowMoment.spanLimit * 3 / 4
    /// A moment takes what began in its window up to so many lengths of it: what it is nested in ends later.
    private static let patience: UInt64 = 16

    struct CPU: BitwiseCopyable {
        var count = 0
        /// The end of time for which some moment of it still takes spans; 0 if none does.
        var collectingUntil: UInt64 = 0
    }

    private var ring = GrowableBuffer<RanSpan>(capacity: 1)
    private var cpus = GrowableBuffer<CPU>(capacity: 4)
    private(set) var lists: [MomentList]
    /// For each list the shortest span that may be one of it.
    private var thresholds: GrowableBuffer<UInt64>

    init(listCount: Int) {
        lists = Array(repeating: MomentList(), count: listCount)
        thresholds = GrowableBuffer(capacity: listCount)
        thresholds.resize(to: listCount, filling: 0)
    }

    mutating func addCPU() {
        ring.resize(to: ring.count + Self.ringCapacity, filling: RanSpan(start: 0, duration: 0, row: -1))
        cpus.reserve(1)
        cpus.append(CPU())
    }

    /// Takes a span that ran on a CPU.
    @inline(always)
    mutating func add(_ span: RanSpan, slot: Int, cpu: UInt32) {
        ring[slot &* Self.ringCapacity &+ cpus[slot].count & (Self.ringCapacity &- 1)] = span
        cpus[slot].count &+= 1
        if cpus[slot].collectingUntil > 0 { collect(span, slot, cpu) }
    }

    /// True if a span may be one of the slowest.
    @inline(always)
    func isSlow(_ duration: UInt64, list: Int) -> Bool { duration > thresholds[list] }

    /// Keeps a span if it is one of the slowest.
    @inline(never)
    mutating func offer(_ span: FinishedSpan, list: Int, slot: Int) {
        var moment = FoundMoment(
            row: span.row, cpu: Int(span.cpu), pid: span.pid, start: span.startNanoseconds,
            duration: span.durationNanoseconds, selfTime: span.selfNanoseconds)
        guard let place = lists[list].place(for: moment) else { return }
        let window = moment.window
        addEarlier(to: &moment, window, slot)
        lists[list].set(moment, at: place)
        thresholds[list] = lists[list].threshold
        let (length, isLong) = (window.upperBound - window.lowerBound).multipliedReportingOverflow(by: Self.patience)
        let (until, isFar) = window.upperBound.addingReportingOverflow(length)
        cpus[slot].collectingUntil = max(cpus[slot].collectingUntil, isLong || isFar ? .max : until)
    }

    private func addEarlier(to moment: inout FoundMoment, _ window: Range<UInt64>, _ slot: Int) {
        let count = cpus[slot].count
        var place = count
        let oldest = max(0, count - Self.ringCapacity)
        var found = 0
        while place > oldest {
            let span = ring[slot * Self.ringCapacity + (place - 1) & (Self.ringCapacity - 1)]
            if span.end <= window.lowerBound { break }
            place -= 1
            found += 1
        }
        // Then there may have been more.
        if place == oldest, oldest > 0 { moment.leftOutCount += 1 }
        let kept = min(found, Self.earlierLimit)
        moment.leftOutCount += found - kept
        for place in count - kept..<count {
            moment.spans.append(ring[slot * Self.ringCapacity + place & (Self.ringCapacity - 1)])
        }
    }

    @inline(never)
    private mutating func collect(_ span: RanSpan, _ slot: Int, _ cpu: UInt32) {
        for list in lists.indices { lists[list].add(span, onCPU: Int(cpu)) }
        if span.start > cpus[slot].collectingUntil { cpus[slot].collectingUntil = 0 }
    }
}
