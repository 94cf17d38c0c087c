/// All that a recording told: what every renderer draws from.
public struct Report: Sendable {
    /// The source of the numbers.
    public var source: RecordingSource
    /// The time of the first event, in nanoseconds of the trace clock; nil without events.
    public var startNanoseconds: UInt64?
    /// The time of the last event.
    public var endNanoseconds: UInt64?
    /// The counts of what was read and what was missed.
    public var ledger: LossLedger
    /// Events that were recorded and that no row is made of, the most frequent first.
    public var unusedEvents: [UnusedEvent]
    /// Events that were overwritten before the recording's first one, as the kernel counted them; nil if
    /// the recording does not say.
    public var overrunEvents: UInt64?
    /// The rows, those of one kind together, in the order of `RowKind`.
    public var rows: [ReportRow]
    /// Stretches of a high interrupt rate, in the order of time.
    public var storms: [Storm]
    /// The course over time, for pictures; nil if it was not asked for, or if the clock counts no time.
    public var timeline: Timeline?
    /// The time at which a flight recording was triggered, in nanoseconds of the trace clock; nil if it was not, or on another
    /// clock.
    public var triggerNanoseconds: UInt64?
    /// The slowest spans, if asked for, slowest first.
    public var slowest: [SlowestSpan]
    /// The way from interrupts to their consequences; nil if there are no events of the scheduler, or if it was not asked
    /// for.
    public var deep: DeepReport?
    /// The comparison of the recording with what the kernel counted; nil if it does not carry the counts.
    public var coverage: Coverage?
    /// The limits that durations were held against; nil if there were none.
    public var budget: Budget?
    /// The names that the recording has of functions and tasks.
    public var names = RecordingNames()
    /// Sentences that a reader must know to trust the numbers: parts of the file that are missing and so on.
    public var notes: [String]
    /// The recordings of a report of several, each with its own source, window, counts, coverage and notes, without its
    /// rows; empty in a report of one.
    public internal(set) var parts: [Report] = []
    /// The time for which events of CPUs are missing, by buffer and CPU.
    var missing: [String: [Int: MissingTime]] = [:]
    /// What was open when the recording ended, the longest first; of several recordings it is in their parts.
    public internal(set) var unended: [UnendedSpan] = []
    /// The kinds of rows that it had before these were taken out of it, of a part.
    var partKinds: Set<RowKind> = []

    /// True if it tells the time of the threads that interrupts wake, which shares of CPUs in interrupts do not count.
    public var countsThreads: Bool { deep?.threads.isEmpty == false }

    /// True if it is of several buffers, which have to be told apart.
    public var isOfSeveralBuffers: Bool { source.buffers.count > 1 }

    /// The rows of one kind, in their order.
    public subscript(kind: RowKind) -> [ReportRow] { rows.filter { $0.kind == kind } }

    /// True if nothing is known to be lost, damaged or left out: what happened in the window is in the rows.
    public var isWhole: Bool { ledger.gaps == 0 && ledger.counts(.warning).isEmpty }

    /// True if there are events, and none of an interrupt, softirq, tasklet, vector or work item, read or damaged.
    public var hasOnlyOtherEvents: Bool {
        parts.isEmpty && rows.isEmpty && ledger.events > 0 && hasNoUnpaired
    }

    /// True if there are no events, and no place where some may have been.
    public var hasNoEvents: Bool {
        parts.isEmpty && rows.isEmpty && ledger.events == 0 && ledger.gaps == 0 && hasNoUnpaired
    }

    private var hasNoUnpaired: Bool {
        ledger.unmatchedExits == 0 && ledger.unmatchedWorkEnds == 0 && ledger.counts(.warning).isEmpty
    }

    /// True if nobody knows how many events it lacks, or one of several.
    public var isLossUnknown: Bool {
        if !parts.isEmpty { return parts.contains(where: \.isLossUnknown) }
        if ledger.gapsOfUnknownSize > 0 || ledger.unreadParts > 0 { return true }
        return ledger.gaps == 0 && !source.tellsLosses
    }

    /// The time in which was traced, where the recording tells it. It holds the window, which is from the first to the last event
    /// and shorter: after few events much so.
    public internal(set) var traced: ClosedRange<UInt64>?

    /// The time that rates and shares are by: that in which was traced, or else the window; nil without events.
    public var extent: ClosedRange<UInt64>? {
        if let traced { return traced }
        guard let startNanoseconds, let endNanoseconds, endNanoseconds >= startNanoseconds else { return nil }
        return startNanoseconds...endNanoseconds
    }

    /// The length of `extent` in nanoseconds, of several recordings that of all together; nil without events.
    public var windowNanoseconds: UInt64? {
        if !parts.isEmpty {
            let windows = parts.compactMap(\.windowNanoseconds)
            return windows.isEmpty ? nil : windows.reduce(0, &+)
        }
        return extent.map { $0.upperBound - $0.lowerBound }
    }

    /// The time in which a row could have been seen on a CPU, in nanoseconds: that of its recording, and of one that was added
    /// up that of the recordings that have rows of its kind and whose machine has the CPU; nil if unknown.
    public func window(of row: ReportRow, onCPU cpu: Int) -> UInt64? {
        window(ofCPU: cpu, in: row.key.recording, row.kind)
    }

    /// True if there are rows of a kind: in a recording of several, in all of them where they were added up, or here.
    public func has(_ kind: RowKind, in recording: RowKey.Recording?) -> Bool {
        if let recording { return parts[recording.place].partKinds.contains(kind) }
        return parts.isEmpty ? rows.contains { $0.kind == kind } : parts.allSatisfy { $0.partKinds.contains(kind) }
    }

    /// False if it is unknown of a row whether its handler woke a thread.
    public func tellsThreads(_ row: ReportRow) -> Bool {
        (row.key.recording.map { parts[$0.place].source } ?? source).hasRawResults
    }

    func window(ofCPU cpu: Int, in recording: RowKey.Recording?, _ kind: RowKind? = nil) -> UInt64? {
        if let recording { return parts[recording.place].windowNanoseconds }
        if parts.isEmpty { return windowNanoseconds }
        let seen = parts.lazy.filter { part in
            part.source.cpuCount > cpu && kind.map { part.partKinds.contains($0) } ?? true
        }
        return seen.compactMap(\.windowNanoseconds).reduce(0, &+)
    }

    /// Counts events as lost that the end of the recording does not hold: a gap on each CPU.
    ///
    /// - Parameters:
    ///   - events: from the recording; untrusted numbers.
    ///   - cpus: those that are looked at; nil is all.
    ///   - overrun: what the kernel counted as lost from the recording's start on; nil if that is another time. Where it
    ///     lost events may be marked in pages that are missing.
    public mutating func addMissing(_ events: [(cpu: Int, count: UInt64)], cpus: Set<Int>?, overrun: UInt64?) {
        let missing = events.filter { cpus?.contains($0.cpu) ?? true }
        if missing.isEmpty { return }
        if cpus == nil, let overrun { ledger.lostEvents = max(ledger.lostEvents, overrun) }
        var sum: UInt64 = 0
        for (_, count) in missing {
            sum &+= count
            ledger.gaps &+= 1
        }
        ledger.lostEvents &+= sum
        notes.append(
            sum == 1
                ? "1 event at the end is missing: it was not read in time, or there was no space left for it"
                : "\(sum) events at the end are missing: they were not read in time, or there was no space left for them"
        )
    }
}

/// An event that the analysis does not read.
public struct UnusedEvent: Sendable, Equatable {
    /// The event, such as "sched:sched_switch"; nil for all that the recording does not describe. Untrusted text.
    public let name: String?
    /// The number of times it was recorded.
    public let count: UInt64
}

/// The source of a report's numbers.
public struct RecordingSource: Sendable, Equatable {
    /// The file's name as the user gave it; "standard input" for a pipe.
    public var file: String
    /// "trace.dat".
    public var format: String
    /// The version of the format: 6 or 7; nil if it has none.
    public var version: Int?
    /// The program that the whole file was packed with: "gzip", "zstd" or "xz"; nil if it was not.
    public var compression: String?
    /// The trace clock, such as "mono"; nil if the recording does not say.
    public var clock: String?
    /// True if the clock counts nanoseconds; "counter", "uptime" and a tsc without scale do not.
    public var isClockNanoseconds: Bool
    /// The CPUs of the recorded machine.
    public var cpuCount: Int
    /// The recorded machine's byte order; nil if the recording does not say.
    public var byteOrder: ByteOrder?
    /// The size of `long`: 4 or 8; nil if the recording does not say.
    public var longByteCount: Int?
    /// The size of a ring-buffer page; nil if the recording has none.
    public var pageByteCount: Int?
    /// uname of the recorded machine; nil if the recording does not say.
    public var machine: String?
    /// The names of the buffers; "" is the top-level one.
    public var buffers: [String]
    /// True if damage to the events would be found by a checksum, false if not; nil if that is unknown.
    public var hasChecksums: Bool?
    /// The step of its times, of texts that round them; nil if they are as the clock counted them, or ticks.
    public var resolutionNanoseconds: UInt64?
    /// False if it has results of handlers as words: then it is unknown whether one woke its thread.
    public var hasRawResults = true
    /// False if the form of the recording has no place for lost events.
    public var tellsLosses = true

    /// Creates a source; see the properties.
    public init(
        file: String = "", format: String, version: Int? = nil, compression: String? = nil, clock: String?,
        isClockNanoseconds: Bool, cpuCount: Int, byteOrder: ByteOrder? = nil, longByteCount: Int? = nil,
        pageByteCount: Int? = nil, machine: String?, buffers: [String]
    ) {
        self.file = file
        self.format = format
        self.version = version
        self.compression = compression
        self.clock = clock
        self.isClockNanoseconds = isClockNanoseconds
        self.cpuCount = cpuCount
        self.byteOrder = byteOrder
        self.longByteCount = longByteCount
        self.pageByteCount = pageByteCount
        self.machine = machine
        self.buffers = buffers
    }
}

/// One handler, softirq, vector or work function.
public struct ReportRow: Sendable {
    /// Its identity.
    public internal(set) var key: RowKey
    /// The hardware behind the interrupt; nil where the recording does not tell, and of other kinds.
    public internal(set) var line: HardwareMap.Line?
    /// The rows that were added up here, in a report of several recordings; empty otherwise.
    public internal(set) var members: [RowKey] = []
    /// The kernel module of a function; nil for the kernel itself and for other rows. Untrusted text.
    public internal(set) var module: String?
    /// Entries, whether or not their exit was seen.
    public internal(set) var calls: UInt64 = 0
    /// Handler calls that returned IRQ_NONE.
    public internal(set) var unhandled: UInt64 = 0
    /// Handler calls that woke a thread.
    public internal(set) var wokeThread: UInt64 = 0
    /// The statistics by CPU, lowest first.
    public internal(set) var cpus: [CPUShare] = []
    /// The durations by slices of time; empty if these were not asked for.
    public internal(set) var slices: [LatencyHistogram] = []
    private var statistics: [Measure: DurationSummary] = [:]

    /// Creates an empty row.
    public init(_ key: RowKey) { self.key = key }

    /// A statistic; that of nothing if the row has none.
    public internal(set) subscript(measure: Measure) -> DurationSummary {
        get { statistics[measure] ?? DurationSummary() }
        _modify { yield &statistics[measure, default: DurationSummary()] }
    }

    /// The kind of row.
    public var kind: RowKind { key.kind }
    /// The buffer it was recorded in; "" is the top-level one.
    public var buffer: String { key.buffer }
    /// The key's number.
    public var number: Int64 { key.number }
    /// The key's name. Untrusted text.
    public var name: String { key.name }
    /// The numbers that it has in the recordings, each once.
    public var numbers: [Int64] {
        var numbers: [Int64] = []
        for member in members where !numbers.contains(member.number) { numbers.append(member.number) }
        return members.isEmpty ? [number] : numbers
    }
    /// The number, where rows of the kind show one; nil where the recordings have different ones.
    public var shownNumber: Int64? { numbers.count == 1 ? key.shownNumber : nil }
    /// The time it took.
    public var duration: DurationSummary { self[.duration] }
    /// The time it waited before; empty for kinds that do not wait.
    public var latency: DurationSummary { kind.traits.latency.map { self[$0.measure] } ?? DurationSummary() }
    /// Handler calls that returned something other than IRQ_NONE.
    public var handled: UInt64 { duration.count - min(unhandled, duration.count) }

    /// Adds the counts of another row, such as one of the same function under another address.
    mutating func add(_ other: ReportRow) {
        for (measure, summary) in other.statistics { self[measure].add(summary) }
        calls &+= other.calls
        unhandled &+= other.unhandled
        wokeThread &+= other.wokeThread
        for share in other.cpus { add(share) }
        while slices.count < other.slices.count { slices.append(LatencyHistogram()) }
        for (place, slice) in other.slices.enumerated() { slices[place].add(slice) }
    }

    mutating func add(_ share: CPUShare) {
        let place = cpus.firstIndex { $0.cpu >= share.cpu } ?? cpus.count
        if place < cpus.count, cpus[place].cpu == share.cpu {
            cpus[place].calls &+= share.calls
            cpus[place].count &+= share.count
            cpus[place].totalNanoseconds &+= share.totalNanoseconds
            cpus[place].selfNanoseconds &+= share.selfNanoseconds
            if let most = share.maximumNanoseconds {
                cpus[place].maximumNanoseconds = max(cpus[place].maximumNanoseconds ?? 0, most)
            }
        } else {
            cpus.insert(share, at: place)
        }
    }
}

/// The part of a row on one CPU.
public struct CPUShare: Sendable, Equatable {
    /// The CPU's number.
    public let cpu: Int
    /// Entries.
    public internal(set) var calls: UInt64
    /// Finished spans.
    public internal(set) var count: UInt64
    /// Their inclusive time.
    public internal(set) var totalNanoseconds: UInt64
    /// Their time without what was nested inside; over all rows it is the CPU's time in interrupts.
    public internal(set) var selfNanoseconds: UInt64
    /// The longest; nil if none was finished.
    public internal(set) var maximumNanoseconds: UInt64?
}

/// A stretch of time in which one row's interrupts came fast on one CPU.
public struct Storm: Sendable, Equatable {
    /// The row.
    public internal(set) var row: RowKey
    /// The CPU's number.
    public let cpu: Int
    /// When it began.
    public let startNanoseconds: UInt64
    /// When it ended.
    public let endNanoseconds: UInt64
    /// The entries in it.
    public let count: UInt64
    /// The highest rate over 10 ms.
    public let peakPerSecond: UInt64
    /// The time that its calls took, without what was nested inside.
    public let selfNanoseconds: UInt64

    /// The mean rate of all of it, which may be below the rate that began it; nil if it has no length.
    public var meanPerSecond: Double? {
        endNanoseconds > startNanoseconds ? Double(count) * 1e9 / Double(endNanoseconds &- startNanoseconds) : nil
    }

    /// The part of the CPU's time that its calls took; nil if they took longer than it lasted.
    public var cpuShare: Double? { CPULoad.share(selfNanoseconds, of: endNanoseconds &- startNanoseconds) }
}

/// One of the slowest spans.
public struct SlowestSpan: Sendable, Equatable {
    /// The row.
    public internal(set) var row: RowKey
    /// The CPU's number.
    public let cpu: Int
    /// When it began.
    public let startNanoseconds: UInt64
    /// The time it took.
    public let durationNanoseconds: UInt64
    /// The time without what was nested inside.
    public let selfNanoseconds: UInt64
    /// The task that was interrupted, or the worker.
    public let pid: Int32
    /// That task's name; nil if the recording does not tell. Untrusted text.
    public internal(set) var task: String?
}
