/// A remarkable fact of a recording.
public enum Finding: Sendable {
    /// Events were lost, and so many that numbers cannot be relied on.
    case lost
    /// A row came fast on one CPU.
    case storm(Storm)
    /// No handler of a line claimed its interrupts.
    case unclaimed(irq: Int64, actions: [String], calls: UInt64, buffer: String)
    /// A task ran late after it was woken.
    case lateWake(DeepReport.LateStart)
    /// A CPU spent much of its time in interrupts, most of it in a row.
    ///
    /// - `isLowerBound` is true if events of the CPU are missing.
    case busyCPU(cpu: Int, share: Double, row: RowKey, rowShare: Double, isLowerBound: Bool)
    /// A handler took long.
    case longHandler(ReportRow)

    /// The most findings of a report as text.
    public static let limit = 3
    /// The part of all events, one in so many, that must be lost.
    static let lostPart: UInt64 = 100
    /// The peak of a high rate, per second, and the share of a CPU, one of which it must have.
    static let stormRate = StormCriteria.usualRatePerSecond
    static let stormShare = 0.1
    /// The interrupts that nobody claimed.
    static let unclaimedCalls: UInt64 = 1_000
    /// The latencies of real-time tasks and of others, in nanoseconds.
    static let urgentLatency: UInt64 = 100_000
    static let otherLatency: UInt64 = 10_000_000
    /// The share of a CPU's time.
    static let busyShare = 0.2
    /// The window, in nanoseconds, or the calls, from which on a share of a CPU tells something.
    static let leastWindowNanoseconds: UInt64 = 100_000_000
    static let leastCalls: UInt64 = 100
    /// The duration of a handler, in nanoseconds.
    static let handlerNanoseconds: UInt64 = 1_000_000
}

extension Report {
    /// The most remarkable facts, in this order, one of each kind: lost events, a high rate, interrupts that nobody
    /// claims, a late task, a busy CPU, a long handler. None where nothing is above the limits of `Finding`, and of several
    /// recordings.
    ///
    /// - Parameters:
    ///   - isWhole: false if rows were left out: then the shares of CPUs are not those of all interrupts.
    ///   - limit: the most that are told.
    public func findings(isWhole: Bool, limit: Int = Finding.limit) -> [Finding] {
        guard parts.isEmpty else { return [] }
        var found: [Finding] = []
        if isLossRemarkable { found.append(.lost) }
        let isTime = source.isClockNanoseconds
        if isTime, let storm = remarkableStorm { found.append(.storm(storm)) }
        if let line = unclaimedLine { found.append(line) }
        if isTime {
            if let late = remarkableWake { found.append(.lateWake(late)) }
            if isWhole, let busy = busiestCPU { found.append(busy) }
            let longest = self[.irq].max { Self.longest($0) < Self.longest($1) }
            if let longest, Self.longest(longest) >= Finding.handlerNanoseconds { found.append(.longHandler(longest)) }
        }
        return Array(found.prefix(limit))
    }

    private static func longest(_ row: ReportRow) -> UInt64 { row.duration.maximumNanoseconds ?? 0 }

    private var isLossRemarkable: Bool {
        if ledger.gaps == 0 { return false }
        if ledger.lostEvents == 0 { return ledger.gapsOfUnknownSize > 0 }
        return ledger.lostEvents &* Finding.lostPart >= ledger.events &+ ledger.lostEvents
    }

    private var remarkableStorm: Storm? {
        func share(_ storm: Storm) -> Double { storm.row.kind == .work ? 0 : storm.cpuShare ?? 0 }
        return storms.filter {
            $0.row.kind != .work && ($0.peakPerSecond >= Finding.stormRate || share($0) >= Finding.stormShare)
        }.max { (share($0), $0.peakPerSecond) < (share($1), $1.peakPerSecond) }
    }

    /// The line with most interrupts of which nobody has claimed one in a hundred.
    private var unclaimedLine: Finding? {
        var best: (irq: Int64, rows: [ReportRow], calls: UInt64)?
        for rows in Dictionary(grouping: self[.irq], by: { "\($0.buffer)/\($0.number)" })
            .sorted(by: { $0.key < $1.key }).map(\.value)
        {
            let calls = rows.map(\.duration.count).max() ?? 0
            let handled = rows.reduce(0) { $0 &+ $1.handled }
            guard calls >= Finding.unclaimedCalls, handled < calls / 100, calls > best?.calls ?? 0 else { continue }
            best = (rows[0].number, rows, calls)
        }
        return best.map {
            .unclaimed(irq: $0.irq, actions: $0.rows.map(\.name), calls: $0.calls, buffer: $0.rows[0].buffer)
        }
    }

    /// The latest real-time task, else the latest other one.
    private var remarkableWake: DeepReport.LateStart? {
        let wakes = deep?.lateWakes ?? []
        func first(_ isUrgent: Bool, _ limit: UInt64) -> DeepReport.LateStart? {
            wakes.first { $0.isUrgent == isUrgent && $0.latencyNanoseconds >= limit }
        }
        return first(true, Finding.urgentLatency) ?? first(false, Finding.otherLatency)
    }

    private var busiestCPU: Finding? {
        let loads = CPULoad.all(in: self)
        func share(_ load: CPULoad) -> Double { load.share(load.total) ?? 0 }
        guard let load = loads.max(by: { share($0) < share($1) }), share(load) >= Finding.busyShare else { return nil }
        // A few calls may be all that was traced, of a time that nobody tells.
        let calls = rows.lazy.flatMap(\.cpus).filter { $0.cpu == load.cpu }.reduce(UInt64(0)) { $0 &+ $1.calls }
        guard (windowNanoseconds ?? 0) >= Finding.leastWindowNanoseconds || calls >= Finding.leastCalls else {
            return nil
        }
        func part(_ row: ReportRow) -> UInt64 {
            row.cpus.first { $0.cpu == load.cpu }.map(\.selfNanoseconds) ?? 0
        }
        let counted = rows.filter { $0.kind.traits.loadTitle != nil }
        guard let row = counted.max(by: { part($0) < part($1) }) else { return nil }
        return .busyCPU(
            cpu: load.cpu, share: share(load), row: row.key, rowShare: load.share(part(row)) ?? 0,
            isLowerBound: load.isLowerBound)
    }
}
