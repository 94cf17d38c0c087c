/// All that is known of a box from sample to sample: what `list` and `top` show, and what `alert` judges.
///
/// `KernelSource.LiveSource` fills it; renderers and checks read it. The sample before may also come out of a state file
/// (`restore`). Times of samples are CLOCK_MONOTONIC, which stands still while the machine sleeps, so that a rate is one of
/// the time in which interrupts could come.
///
/// A class, for it is lent to many functions: Swift 6.3.1 checks each use of a borrowed structure field by field, and needed
/// two minutes for those of this one.
public final class Box {
    // The three below are changed through methods only: Swift 6.3.1 crashes in release builds on the public setter of
    // a property that cannot be copied.

    /// /proc/interrupts.
    public internal(set) var interrupts: CounterIntervals
    /// /proc/softirqs.
    public internal(set) var softirqs: CounterIntervals
    /// /proc/stat.
    public internal(set) var cpuTimes: CPUTimeIntervals
    /// The facts that a live trace adds.
    public internal(set) var tracing = LiveTracing()
    private var shelf = DetailShelf()
    /// Finds out more of a row that has no details yet; asked for rows with a number, with that, each time they are shown.
    public var lookUp: ((Int, inout InterruptDetails) -> Void)?
    /// The marks of each row of the last sample.
    public var marks: [RowMarks] = []
    /// ksoftirqd on each CPU; empty where the kernel's threads cannot be seen.
    public var softirqThreads: [SoftirqThread] = []
    /// The NUMA node of each CPU; -1 if unknown. Empty where there is one node at most.
    public var nodes: [Int16] = []
    /// The problems of the last sample, a sentence each; empty while all is well.
    public var problems: [String] = []
    /// The time of the last sample, on all clocks.
    public var time = BoxTime()
    /// The CPUs that were to be left alone: isolcpus= and nohz_full=.
    public var isolated = CPUSet()
    /// /proc/net/softnet_stat as taken last and before; empty where it could not be read.
    private(set) var (softnet, softnetBefore): ([SoftnetCounts], [SoftnetCounts]) = ([], [])
    /// The counts of what interrupts bring, as taken last and before.
    public private(set) var (work, workBefore) = (WorkCounts(), WorkCounts())
    /// Its cost to this process.
    public var cost = OwnCost()

    /// Creates a state without samples.
    ///
    /// - Parameters:
    ///   - cpus: the CPUs to keep; nil keeps all.
    ///   - keepsHistory: whether past rates are of use.
    public init(cpus: CPUSet? = nil, keepsHistory: Bool = true) {
        interrupts = CounterIntervals(.interrupts, cpus: cpus, keepsHistory: keepsHistory)
        softirqs = CounterIntervals(.softirqs, cpus: cpus, keepsHistory: keepsHistory)
        cpuTimes = CPUTimeIntervals(cpus: cpus)
    }

    /// Takes a sample of /proc/interrupts; see `CounterIntervals.take`.
    public func takeInterrupts<Failure: Error>(
        _ fill: (inout CounterSample) throws(Failure) -> Void
    ) throws(Failure) { try interrupts.take(fill) }

    /// Takes a sample of /proc/softirqs; see `CounterIntervals.take`.
    public func takeSoftirqs<Failure: Error>(
        _ fill: (inout CounterSample) throws(Failure) -> Void
    ) throws(Failure) { try softirqs.take(fill) }

    /// Takes a sample of /proc/stat; on failure the last one stays.
    public func takeTimes(_ text: RawSpan) throws(ProcTextError) { try cpuTimes.take(text) }

    /// Takes the counts of /proc/net/softnet_stat; an empty list where there is none.
    public func takeSoftnet(_ counts: [SoftnetCounts]) {
        softnetBefore = softnet
        softnet = counts
    }

    /// Takes the counts of what interrupts bring.
    public func takeWork(_ counts: WorkCounts) { (workBefore, work) = (work, counts) }

    /// Adds counts that were looked up for some interrupts.
    public func addWork(threads: [NamedCount], events: [NamedCount]?) {
        work.threads = threads
        work.events = events
    }

    /// Gives back the memory of the sample of interrupts before: how the last one differs from it is unknown then.
    public func forgetPrevious() { interrupts.forgetPrevious() }

    /// The CPUs of the header of /proc/interrupts.
    public var cpus: [Int] {
        var cpus: [Int] = []
        for column in 0..<interrupts.sample.table.cpuCount { cpus.append(interrupts.sample.table.cpu(column)) }
        return cpus
    }

    /// The packets dropped and the squeezes of each CPU per second; a count that went back is 0.
    var softnetRates: [(cpu: Int, dropped: Double, squeezed: Double)] {
        guard let interval = interrupts.intervalNanoseconds, interval > 0 else { return [] }
        var before: [Int32: SoftnetCounts] = [:]
        for counts in softnetBefore { before[counts.cpu] = counts }
        func perSecond(_ new: UInt32, _ old: UInt32) -> Double {
            let delta = CounterIntervals.difference(UInt64(new), UInt64(old), intervalNanoseconds: interval) ?? 0
            return Double(delta) * 1e9 / Double(interval)
        }
        return softnet.compactMap { new in
            guard let old = before[new.cpu] else { return nil }
            return (Int(new.cpu), perSecond(new.dropped, old.dropped), perSecond(new.squeezed, old.squeezed))
        }
    }

    /// Lends the live trace to whoever reads it.
    public func changeTracing<Failure: Error>(
        _ change: (inout LiveTracing) throws(Failure) -> Void
    ) throws(Failure) { try change(&tracing) }

    /// Tells that /proc/stat could not be read.
    public func skipTimes() { cpuTimes.skip() }

    /// Tells that the sample of /proc/stat does not tell stolen time.
    func forgetSteal() { cpuTimes.forgetSteal() }

    // MARK: Details

    /// The details that are known of a row of the last sample.
    public func details(_ row: Int) -> InterruptDetails {
        if let place = shelf.place(interrupts.interval(row)) { return shelf[place] }
        var details = text(row)
        if let irq = details.irq { lookUp?(irq, &details) }
        refineDelivery(of: row, in: &details)
        return details
    }

    /// The details that the text of a row tells.
    public func text(_ row: Int) -> InterruptDetails {
        let counts = interrupts.sample.table.row(row)
        return InterruptDetails(
            label: interrupts.sample.label(counts), text: interrupts.sample.tail(counts),
            irq: counts.irq >= 0 ? Int(counts.irq) : nil, layout: interrupts.sample.table.layout)
    }

    /// Tells a per-CPU line from a wired one by what the last sample shows; see `Delivery.refined`.
    public func refineDelivery(of row: Int, in details: inout InterruptDetails) {
        guard details.delivery == .wired, details.isUserSettable == false else { return }
        details.delivery = Delivery.wired.refined(
            isUserSettable: false, isPerCPU: details.isPerCPU, isOnAllCPUs: interrupts.sample.table.isOnAllCPUs(row))
    }

    /// True if a row of the last sample was not there before, and has not been learnt.
    public func isUnknown(_ row: Int) -> Bool { !shelf.knows(interrupts.interval(row)) }

    /// Learns a row.
    ///
    /// - Parameters:
    ///   - isMore: whether there may be more to find than its text tells.
    ///   - find: adds to what its text tells; returns whether it found anything.
    public func learn(_ row: Int, isMore: Bool = true, _ find: (inout InterruptDetails) -> Bool) {
        let interval = interrupts.interval(row)
        guard isMore || shelf.isRoomy else { return shelf.learn(interval, nil) }
        var details = text(row)
        let isKept = find(&details) || shelf.isRoomy
        refineDelivery(of: row, in: &details)
        shelf.learn(interval, isKept ? details : nil)
    }

    /// Changes what is known of a row.
    ///
    /// - Parameter keeping: whether it is worth keeping where no more is known than its text tells.
    public func changeDetails(
        _ row: Int, keeping: Bool = false, _ change: (inout InterruptDetails) -> Void
    ) {
        let interval = interrupts.interval(row)
        if let place = shelf.place(interval) {
            change(&shelf[place])
        } else if keeping {
            var details = details(row)
            change(&details)
            shelf.learn(interval, details)
        }
    }

    /// The spans traced of a row in the last interval; nil without a trace, or if the row has no events.
    public func handler(_ row: Int) -> SpanInterval? {
        guard tracing.isOn else { return nil }
        let counts = interrupts.sample.table.row(row)
        return counts.irq >= 0
            ? tracing.handler(irq: Int(counts.irq)) : tracing.handler(label: interrupts.sample.label(counts))
    }

    /// Sets the marks of a row of the last sample from all that is known of it.
    public func mark(_ row: Int) {
        let interval = interrupts.interval(row)
        guard let place = shelf.place(interval) else {
            marks[row] = RowMarks(interrupts, row: row, details: nil, nodes: nodes)
            return
        }
        // A wakeup that a trace has seen is certain, also where threads are hidden.
        if shelf[place].wakesThreads != true, let irq = shelf[place].irq,
            (tracing.durations.irq(irq)?.wokeThread ?? 0) > 0
        {
            shelf[place].wakesThreads = true
        }
        marks[row] = RowMarks(interrupts, row: row, details: shelf[place], nodes: nodes) { hasNeighbour(row, place) }
    }

    /// True if another busy line of the same device is served mostly on the same CPU.
    private func hasNeighbour(_ row: Int, _ place: Int) -> Bool {
        let device = CrowdedCPUCheck.device(shelf[place])
        let cpu = interrupts.busiestColumn(row)
        for other in 0..<interrupts.sample.table.rowCount where other != row {
            let interval = interrupts.interval(other)
            guard let rate = interrupts.perSecond(interval.delta), rate >= CrowdedCPUCheck.leastPerSecond,
                let found = shelf.place(interval), interrupts.busiestColumn(other) == cpu
            else { continue }
            if CrowdedCPUCheck.device(shelf[found]) == device { return true }
        }
        return false
    }

    /// The number of the softirq of a row; nil for a name that is not known. Allocates nothing.
    public func softirqVector(_ row: Int) -> Int? {
        let label = softirqs.sample.table.row(row).label
        for (vector, name) in SoftirqNames.all.enumerated() where name.utf8.count == label.byteCount {
            var position = label.start
            var isSame = true
            for byte in name.utf8 {
                if softirqs.sample.table.names.text(at: position) != byte { isSame = false }
                position += 1
            }
            if isSame { return vector }
        }
        return nil
    }

    /// The NUMA node of a CPU; nil if unknown.
    public func node(ofCPU cpu: Int) -> Int? {
        guard nodes.indices.contains(cpu), nodes[cpu] >= 0 else { return nil }
        return Int(nodes[cpu])
    }
}

/// A ksoftirqd, and the share of its CPU that it used.
public struct SoftirqThread: Equatable, BitwiseCopyable, Sendable {
    /// The CPU it serves.
    public var cpu: Int
    /// Its process number.
    public var pid: Int32
    /// The CPU time it has used, in nanoseconds.
    public var cpuNanoseconds: UInt64
    /// Its share of the CPU since the sample before, 0…1; nil before the second one.
    public var share: Double?

    /// Creates a thread.
    public init(cpu: Int, pid: Int32, cpuNanoseconds: UInt64) {
        (self.cpu, self.pid, self.cpuNanoseconds) = (cpu, pid, cpuNanoseconds)
    }

    /// Takes the CPU time that it has used by now; nil if that could not be read.
    ///
    /// - Parameter passed: the time since it was taken last, in nanoseconds; nil if that is unknown.
    public mutating func take(_ used: UInt64?, passed: UInt64?) {
        share = nil
        guard let used else { return }
        // Ticks may be counted late: a share above 1 is cut to 1.
        if let passed, passed > 0, used >= cpuNanoseconds {
            share = min(Double(used - cpuNanoseconds) / Double(passed), 1)
        }
        cpuNanoseconds = used
    }
}

/// The cost of irqscope itself.
public struct OwnCost: BitwiseCopyable, Sendable {
    /// CPU time since its start, in nanoseconds.
    public var cpuNanoseconds: UInt64 = 0
    /// CPU time of the last interval, in nanoseconds; nil before the second sample.
    public var intervalCPUNanoseconds: UInt64?
    /// Resident memory, in bytes.
    public var residentByteCount: UInt64 = 0

    /// Creates a cost of nothing.
    public init() {}
}

/// The details that are known of rows from sample to sample, by slot.
///
/// The text of a row is told anew each time it is asked for, so not all of a million rows have details here: those of which
/// more was found out, and some others, so that a box can be watched without making anything again and again.
struct DetailShelf: Sendable {
    private var kept: [InterruptDetails] = []
    private var owners: [Owner] = []
    private var freePlaces: [Int32] = []

    /// So many rows have details here in any case: more than most machines have interrupts.
    static let roomyCount = 2_048

    private struct Owner: Sendable {
        var serial: UInt32 = 0
        /// -1 for a row without details here.
        var place: Int32 = -1
    }

    /// True if a row was learnt.
    func knows(_ interval: RowInterval) -> Bool {
        let slot = Int(interval.slot)
        return slot < owners.count && owners[slot].serial == interval.serial
    }

    /// The place of a row's details; nil if they are not here.
    func place(_ interval: RowInterval) -> Int? {
        guard knows(interval), owners[Int(interval.slot)].place >= 0 else { return nil }
        return Int(owners[Int(interval.slot)].place)
    }

    subscript(place: Int) -> InterruptDetails {
        get { kept[place] }
        _modify { yield &kept[place] }
    }

    /// Learns a row, whose slot belonged to nobody or to a row that is gone.
    ///
    /// - Parameter details: what is known of it; nil for no more than its text tells.
    mutating func learn(_ interval: RowInterval, _ details: InterruptDetails?) {
        let slot = Int(interval.slot)
        while owners.count <= slot { owners.append(Owner()) }
        var place = owners[slot].place
        owners[slot].serial = interval.serial
        guard let details else {
            if place >= 0 { freePlaces.append(place) }
            owners[slot].place = -1
            return
        }
        if place < 0 {
            if let free = freePlaces.popLast() {
                place = free
            } else {
                place = Int32(kept.count)
                kept.append(details)
            }
        }
        kept[Int(place)] = details
        owners[slot].place = place
    }

    /// True if details are kept that tell no more than the row's text.
    var isRoomy: Bool { kept.count - freePlaces.count < Self.roomyCount }
}
