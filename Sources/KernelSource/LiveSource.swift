internal import Glibc
public import IRQCore

/// Samples the kernel's counters, and what is known of each interrupt, into a `LiveState`.
///
/// One sample reads /proc/interrupts, /proc/softirqs and /proc/stat once each, in one go, and a bounded number
/// of files of /proc/irq. In the steady state it allocates nothing.
public struct LiveSource: ~Copyable {
    /// Interrupts whose masks and unhandled counts are read again with each sample, in turn.
    public static let refreshedRowCount = 64

    private let interruptsPath: String
    private let softirqsPath: String
    private let statPath: String
    private var details: DetailReader
    private var statText = TextBuffer(capacity: 16 << 10)
    private var cost = CostReader()
    private var nextRefreshed = 0
    private let sysRoot: String?
    private var devices: DeviceMap?
    private var hasNewRows = false
    private var threads: ThreadFollower

    /// Creates a source; nothing is read yet.
    public init(_ roots: KernelRoots) {
        interruptsPath = "\(roots.proc)/interrupts"
        softirqsPath = "\(roots.proc)/softirqs"
        statPath = "\(roots.proc)/stat"
        details = DetailReader(roots)
        sysRoot = roots.sys
        threads = ThreadFollower(procRoot: roots.proc)
    }

    /// Looks through all processes for handler threads at once; a live view finds them bit by bit.
    public mutating func findThreads(into state: inout LiveState) {
        threads.findAll()
        threads.write(into: &state)
    }

    /// Takes a sample.
    ///
    /// - Parameter readsTimes: whether /proc/stat is read too; a single look at the counts has no use for it.
    /// - Throws: `SourceError` if /proc/interrupts cannot be read: the state keeps its last sample. What else
    ///   cannot be read is a sentence in `state.problems`.
    public mutating func sample(into state: inout LiveState, readsTimes: Bool = true) throws(SourceError) {
        if !state.problems.isEmpty { state.problems.removeAll() }
        state.wallNanoseconds = Self.now(CLOCK_REALTIME)
        try state.takeInterrupts { (sample: inout CounterSample) throws(SourceError) in
            try Self.readTwiceIfTorn(interruptsPath, into: &sample)
        }
        if let problem = Self.problem(in: state.interrupts, interruptsPath) { state.problems.append(problem) }
        do throws(SourceError) {
            try state.takeSoftirqs { (sample: inout CounterSample) throws(SourceError) in
                try Self.readTwiceIfTorn(softirqsPath, into: &sample)
            }
            if let problem = Self.problem(in: state.softirqs, softirqsPath) { state.problems.append(problem) }
        } catch {
            state.problems.append(error.description)
        }
        do throws(SourceError) {
            if readsTimes { try readTimes(into: &state) }
        } catch {
            state.skipTimes()
            state.problems.append(error.description)
        }
        let hadRows = state.interrupts.samples > 1
        readDetails(into: &state)
        if hasNewRows { learnDevices(into: &state) }
        if hadRows { threads.follow(into: &state, hasNewRows: hasNewRows) }
        hasNewRows = false
        cost.read(into: &state.cost)
    }

    /// Reads a table; a torn one once more.
    private static func readTwiceIfTorn(_ path: String, into sample: inout CounterSample) throws(SourceError) {
        try read(path, into: &sample)
        if sample.table.isTorn { try read(path, into: &sample) }
    }

    private static func read(_ path: String, into sample: inout CounterSample) throws(SourceError) {
        sample.startNanoseconds = now(CLOCK_MONOTONIC)
        try sample.fillText { (text: inout TextBuffer) throws(SourceError) in try ProcFile.read(path, into: &text) }
        sample.endNanoseconds = now(CLOCK_MONOTONIC)
        do throws(ProcTextError) {
            try sample.parse()
        } catch {
            throw SourceError(path: path, reason: .text(error))
        }
    }

    private mutating func readTimes(into state: inout LiveState) throws(SourceError) {
        try ProcFile.read(statPath, into: &statText)
        do throws(ProcTextError) {
            try Self.take(statText, into: &state)
        } catch {
            throw SourceError(path: statPath, reason: .text(error))
        }
    }

    private static func take(
        _ text: borrowing TextBuffer, into state: inout LiveState
    ) throws(ProcTextError) {
        try state.takeTimes(text.bytes)
    }

    /// What was wrong with rows of the last sample; nil if nothing was.
    private static func problem(in intervals: borrowing CounterIntervals, _ path: String) -> String? {
        guard let problem = intervals.sample.table.firstProblem else { return nil }
        let count = intervals.sample.table.rejectedRowCount
        let rows = count == 1 ? "1 row is" : "\(count) rows are"
        return "\(path), \(problem): \(rows) left out; save or read it again"
    }

    // MARK: Details

    private mutating func readDetails(into state: inout LiveState) {
        let rows = state.interrupts.sample.table.rowCount
        if state.marks.count != rows {
            state.marks.removeAll(keepingCapacity: true)
            for _ in 0..<rows { state.marks.append([]) }
        }
        if nextRefreshed >= rows { nextRefreshed = 0 }
        let last = nextRefreshed + Self.refreshedRowCount
        for row in 0..<rows {
            let interval = state.interrupts.interval(row)
            let slot = Int(interval.slot)
            let counts = state.interrupts.sample.table.row(row)
            if slot >= state.details.count || state.details[slot].serial != interval.serial {
                learn(row, counts, interval, in: &state)
                continue
            }
            var isFresh = false
            if counts.irq >= 0, row >= nextRefreshed, row < last {
                details.refresh(Int(counts.irq), in: &state.details[slot])
                isFresh = true
            }
            state.mark(row)
            if !isFresh, state.marks[row].contains(.outsideMask) {
                // The mask may have moved since it was read.
                details.refresh(Int(counts.irq), in: &state.details[slot])
                state.mark(row)
            }
        }
        nextRefreshed = last
    }

    /// Collects what is known of a row that was not there before.
    private mutating func learn(_ row: Int, _ counts: CounterRow, _ interval: RowInterval, in state: inout LiveState) {
        var known = InterruptDetails(
            label: state.interrupts.sample.label(counts), text: state.interrupts.sample.tail(counts),
            irq: counts.irq >= 0 ? Int(counts.irq) : nil, kind: counts.kind)
        known.serial = interval.serial
        if let irq = known.irq { details.readAll(irq, into: &known) }
        let slot = Int(interval.slot)
        while state.details.count <= slot {
            state.details.append(InterruptDetails(label: "", text: "", irq: nil, kind: .text))
        }
        state.details[slot] = known
        state.marks[row] = []
        hasNewRows = true
    }

    /// Finds the devices behind rows that were not there before.
    private mutating func learnDevices(into state: inout LiveState) {
        guard let sysRoot else { return }
        // Looked through anew: a row that appears is often a device that appeared.
        let map = DeviceMap(sysRoot: sysRoot)
        let topology = NUMATopology(sysRoot: sysRoot)
        state.nodes = topology.nodeCount > 1 ? topology.nodeOfEachCPU : []
        for row in 0..<state.interrupts.sample.table.rowCount {
            let slot = state.detailIndex(row)
            guard let irq = state.details[slot].irq else { continue }
            state.details[slot].setDevices(of: irq, from: map)
        }
    }

    /// A clock in nanoseconds.
    static func now(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
