internal import Glibc
public import IRQCore

/// Reads a box into a `Box`, for all that look at one.
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
    private var text = TextBuffer(capacity: 64 << 10)
    private var cost = CostReader()
    private var nextRefreshed = 0
    private let roots: KernelRoots
    private let clock: KernelClock
    private var hasNewRows = false
    private var threads: ThreadFollower
    private var threadTimes: SoftirqThreadTimes
    private var work: WorkReader

    /// Creates a source; nothing is read yet.
    ///
    /// - Parameter clock: the clock of samples.
    public init(_ roots: KernelRoots, clock: KernelClock = KernelClock()) {
        self.clock = clock
        interruptsPath = "\(roots.proc)/interrupts"
        softirqsPath = "\(roots.proc)/softirqs"
        statPath = "\(roots.proc)/stat"
        details = DetailReader(roots)
        self.roots = roots
        threads = ThreadFollower(procRoot: roots.proc)
        threadTimes = SoftirqThreadTimes(procRoot: roots.proc)
        work = WorkReader(roots)
    }

    /// Takes the only sample: all that is known of a row is looked up when it is asked for, and nothing of it is kept.
    public mutating func sampleOnce(into state: Box) throws(SourceError) {
        try readCounters(into: state)
        let lookup = DetailLookup(roots)
        state.lookUp = { irq, details in lookup.add(irq, to: &details) }
    }

    /// Takes a sample.
    ///
    /// - Parameter readsTimes: whether /proc/stat is read too.
    /// - Throws: `SourceError` if /proc/interrupts cannot be read: the state keeps its last sample. What else
    ///   cannot be read is a sentence in `state.problems`.
    public mutating func sample(into state: Box, readsTimes: Bool = true) throws(SourceError) {
        try readCounters(into: state)
        if readsTimes { readTimes(into: state) }
        let hadRows = state.interrupts.samples > 1
        readDetails(into: state)
        if hasNewRows { learnDevices(into: state) }
        if hadRows { threads.follow(into: state, hasNewRows: hasNewRows) }
        hasNewRows = false
        cost.read(into: &state.cost)
    }

    /// Takes a sample of all counters, of what interrupts bring, of what each ksoftirqd has used, and of which CPUs are
    /// isolated.
    ///
    /// - Throws: as `sample` does. A file that a saved copy does not have is no problem.
    public mutating func sampleCounters(into state: Box) throws(SourceError) {
        try readCounters(into: state, isWhole: roots.isLive)
        readTimes(into: state, isWhole: roots.isLive)
        state.takeSoftnet(softnet(state.cpus))
        state.takeWork(work.read())
        state.softirqThreads = threadTimes.read(
            known: state.softirqThreads, cpus: state.cpus, passed: state.interrupts.intervalNanoseconds)
        guard let sys = roots.sys else { return }
        let topology = NUMATopology(sysRoot: sys)
        state.isolated = CPUSet((topology.isolated?.cpus ?? []) + (topology.nohzFull?.cpus ?? []))
    }

    /// Reads /proc/interrupts, then /proc/softirqs.
    ///
    /// - Parameter isWhole: false for a saved copy that need not have all files.
    private mutating func readCounters(into state: Box, isWhole: Bool = true) throws(SourceError) {
        if !state.problems.isEmpty { state.problems.removeAll() }
        let clock = clock
        try state.takeInterrupts { (sample: inout CounterSample) throws(SourceError) in
            try CounterFile.read(interruptsPath, into: &sample, room: &text) { clock.monotonic() }
        }
        state.time = clock.now()
        Self.addProblems(of: state.interrupts, interruptsPath, to: &state.problems)
        do throws(SourceError) {
            try state.takeSoftirqs { (sample: inout CounterSample) throws(SourceError) in
                try CounterFile.read(softirqsPath, into: &sample, room: &text) { clock.monotonic() }
            }
            Self.addProblems(of: state.softirqs, softirqsPath, to: &state.problems)
        } catch {
            Self.note(error, isWhole: isWhole, in: state)
        }
    }

    /// Reads /proc/stat.
    private mutating func readTimes(into state: Box, isWhole: Bool = true) {
        do throws(SourceError) {
            try takeTimes(into: state)
        } catch {
            state.skipTimes()
            Self.note(error, isWhole: isWhole, in: state)
        }
    }

    private static func note(_ error: SourceError, isWhole: Bool, in state: Box) {
        if isWhole || error.reason != .system(ENOENT) { state.problems.append(error.description) }
    }

    /// The counts of /proc/net/softnet_stat; none where it cannot be read. The file follows the network namespace of
    /// whoever reads it, but its counts are the machine's.
    private mutating func softnet(_ cpus: [Int]) -> [SoftnetCounts] {
        do throws(SourceError) {
            try ProcFile.read("\(roots.proc)/net/softnet_stat", into: &text)
        } catch { return [] }
        return SoftnetStat.read(text.bytes, cpus: cpus) ?? []
    }

    private mutating func takeTimes(into state: Box) throws(SourceError) {
        try ProcFile.read(statPath, into: &text)
        do throws(ProcTextError) {
            try Self.take(text, into: state)
        } catch {
            throw SourceError(path: statPath, reason: .text(error))
        }
    }

    private static func take(
        _ text: borrowing TextBuffer, into state: Box
    ) throws(ProcTextError) {
        try state.takeTimes(text.bytes)
    }

    /// Adds what is wrong with the last sample.
    static func addProblems(of intervals: borrowing CounterIntervals, _ path: String, to problems: inout [String]) {
        if !intervals.sample.table.namesCPUs {
            problems.append(
                "\(path) has no line that names the CPUs: counts are shown in their order, of which CPUs nobody knows")
            let count = intervals.sample.table.strayLineCount
            if count > 0 {
                let lines = count == 1 ? "1 line" : "\(count) lines"
                problems.append("\(path): \(lines) before the first whole row \(count == 1 ? "is" : "are") left out")
            }
        }
        if let problem = intervals.sample.table.rowProblem {
            let advice = intervals.sample.table.hasAnother ? "save each in a file of its own" : "save or read it again"
            problems.append("\(path), \(problem); \(advice)")
        }
    }

    // MARK: Details

    private mutating func readDetails(into state: Box) {
        let rows = state.interrupts.sample.table.rowCount
        if state.marks.count != rows {
            state.marks.removeAll(keepingCapacity: true)
            for _ in 0..<rows { state.marks.append([]) }
        }
        if nextRefreshed >= rows { nextRefreshed = 0 }
        let last = nextRefreshed + Self.refreshedRowCount
        for row in 0..<rows {
            if state.isUnknown(row) {
                state.learn(row, isMore: details.isThere) { details.readAll(into: &$0) }
                state.marks[row] = []
                hasNewRows = true
                continue
            }
            var isFresh = false
            let irq = Int(state.interrupts.sample.table.row(row).irq)
            if irq >= 0, row >= nextRefreshed, row < last {
                state.changeDetails(row) { details.refresh(irq, in: &$0) }
                isFresh = true
            }
            state.mark(row)
            if !isFresh, state.marks[row].contains(.outsideMask) {
                // The mask may have moved since it was read.
                state.changeDetails(row) { details.refresh(irq, in: &$0) }
                state.mark(row)
            }
        }
        nextRefreshed = last
    }

    /// Finds the devices behind rows that were not there before.
    private mutating func learnDevices(into state: Box) {
        guard let sysRoot = roots.sys else { return }
        // Looked through anew: a row that appears is often a device that appeared.
        let map = DeviceMap(sysRoot: sysRoot)
        let topology = NUMATopology(sysRoot: sysRoot)
        state.nodes = topology.nodeCount > 1 ? topology.nodeOfEachCPU : []
        state.lookUp = { irq, details in details.setDevices(of: irq, from: map) }
        for row in 0..<state.interrupts.sample.table.rowCount {
            state.changeDetails(row) { details in
                if let irq = details.irq { details.setDevices(of: irq, from: map) }
            }
        }
    }
}
