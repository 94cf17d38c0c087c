/// Sums of handler times that only grow: those of a box since it was started, or of one recording.
public struct HandlerSums: Sendable, Equatable {
    /// The sums of a group of handlers.
    public struct Handlers: Sendable, Equatable {
        /// The handlers.
        public var group: HandlerGroup
        /// Calls, whether or not their end was seen.
        public var calls: UInt64 = 0
        /// Calls whose handler said that the interrupt was not its own.
        public var unhandled: UInt64 = 0
        /// The durations of those whose end was seen.
        public var durations = DurationBuckets()
        /// The calls of the last sample, for rates: not kept.
        public var lastCalls: UInt64 = 0

        /// Creates sums of nothing.
        public init(_ group: HandlerGroup) { self.group = group }
    }

    /// The sums of a softirq.
    public struct Softirq: Sendable, Equatable {
        /// The vector.
        public var vector: Int
        /// The buffer that it was recorded in; empty for the top-level one, and live.
        public var buffer = ""
        /// Entries, whether or not their end was seen.
        public var calls: UInt64 = 0
        /// The durations of those whose end was seen.
        public var durations = DurationBuckets()
        /// The times from the first raise to the entry.
        public var raiseLatencies = DurationBuckets()
        /// The entries of the last sample, for rates: not kept.
        public var lastCalls: UInt64 = 0

        /// Creates sums of nothing.
        public init(vector: Int, buffer: String = "") { (self.vector, self.buffer) = (vector, buffer) }
    }

    /// The boot that they are of; empty for those of a recording.
    public var bootID = ""
    /// The number of samples.
    public var sampleCount: UInt64 = 0
    /// The time that was traced, in nanoseconds.
    public var sampledNanoseconds: UInt64 = 0
    /// The time that the last sample traced: not kept.
    public var lastNanoseconds: UInt64 = 0
    /// Events that the kernel could not keep.
    public var lostEvents: UInt64 = 0
    /// Handlers, in no order.
    public var handlers: [Handlers] = []
    /// Softirqs, by number.
    public var softirqs: [Softirq] = []

    /// The number of groups that have sums of their own unless another is asked for, the group `other` among them.
    public static let defaultLimit = 500
    /// More than this nobody may ask for.
    public static let mostLimit = 10_000

    /// Creates sums of nothing.
    public init() {}

    /// Adds what a report tells.
    ///
    /// A group that has sums of its own keeps them as long as the sums last, so that what was counted for it is never counted
    /// elsewhere later. Where places are left, the busiest groups of the report take them; what has none is counted under
    /// `HandlerGroup.other`.
    ///
    /// - Parameters:
    ///   - report: rows whose durations were counted by `DurationBuckets`.
    ///   - nanoseconds: the time that it is of.
    ///   - lostEvents: the events that it lacks.
    ///   - limit: the most groups with sums of their own, `other` among them.
    public mutating func add(_ report: Report, nanoseconds: UInt64, lostEvents lost: UInt64, limit: Int) {
        sampleCount &+= 1
        (sampledNanoseconds, lastNanoseconds) = (sampledNanoseconds &+ nanoseconds, nanoseconds)
        lostEvents &+= lost
        for place in handlers.indices { handlers[place].lastCalls = 0 }
        for place in softirqs.indices { softirqs[place].lastCalls = 0 }
        addHandlers(report[.irq], limit: max(limit, 1))
        for row in report[.softirq] { addSoftirq(row) }
        softirqs.sort { ($0.buffer, $0.vector) < ($1.buffer, $1.vector) }
    }

    private mutating func addSoftirq(_ row: ReportRow) {
        var place = softirqs.firstIndex { $0.vector == Int(row.number) && $0.buffer == row.buffer }
        if place == nil {
            softirqs.append(Softirq(vector: Int(row.number), buffer: row.buffer))
            place = softirqs.count - 1
        }
        guard let place else { return }
        softirqs[place].calls &+= row.calls
        softirqs[place].lastCalls &+= row.calls
        if let added = row[.duration].buckets { softirqs[place].durations.add(added) }
        if let added = row[.raiseLatency].buckets { softirqs[place].raiseLatencies.add(added) }
    }

    private mutating func addHandlers(_ rows: [ReportRow], limit: Int) {
        var groups: [HandlerGroup: Handlers] = [:]
        for row in rows {
            let group = HandlerGroup(row)
            groups[group, default: Handlers(group)].add(row)
        }
        // One place is that of `other`, also while nothing is counted there: nobody has to go when something is.
        keep(limit - 1)
        var places = Dictionary(uniqueKeysWithValues: handlers.enumerated().map { ($1.group, $0) })
        var ownCount = handlers.count - (places[.other] == nil ? 0 : 1)
        // The busiest first: who comes first gets a place.
        for sums in groups.values.sorted(by: { ($1.calls, $0.group) < ($0.calls, $1.group) }) {
            if let place = places[sums.group] {
                handlers[place].add(sums)
            } else if ownCount < limit - 1 {
                places[sums.group] = handlers.count
                handlers.append(sums)
                ownCount += 1
            } else {
                addOther(sums, &places)
            }
        }
    }

    private mutating func addOther(_ sums: Handlers, _ places: inout [HandlerGroup: Int]) {
        if let place = places[.other] { return handlers[place].add(sums) }
        places[.other] = handlers.count
        handlers.append(Handlers(.other))
        handlers[handlers.count - 1].add(sums)
    }

    /// Lets go of groups beyond a limit that is lower than it was: the busiest stay. What those that go have counted is
    /// counted nowhere else.
    private mutating func keep(_ count: Int) {
        let own = handlers.filter { $0.group != .other }
        guard own.count > count else { return }
        handlers =
            handlers.filter { $0.group == .other }
            + own.sorted { ($1.calls, $0.group) < ($0.calls, $1.group) }.prefix(count)
    }
}

extension HandlerSums.Handlers {
    mutating func add(_ row: ReportRow) {
        calls &+= row.calls
        lastCalls &+= row.calls
        unhandled &+= row.unhandled
        if let added = row[.duration].buckets { durations.add(added) }
    }

    /// Adds the sums of other handlers.
    public mutating func add(_ other: Self) {
        calls &+= other.calls
        lastCalls &+= other.lastCalls
        unhandled &+= other.unhandled
        durations.add(other.durations)
    }
}
