/// All that is known of a box from sample to sample: what `top` shows.
///
/// A source fills it; renderers read it.
public struct LiveState: ~Copyable {
    // The three below are changed through methods only: Swift 6.3.1 crashes in release builds on the public setter of
    // a property that cannot be copied.

    /// /proc/interrupts.
    public internal(set) var interrupts: CounterIntervals
    /// /proc/softirqs.
    public internal(set) var softirqs: CounterIntervals
    /// /proc/stat.
    public internal(set) var cpuTimes: CPUTimeIntervals
    /// What a live trace adds.
    public internal(set) var tracing = LiveTracing()
    /// What is known of each interrupt, by `RowInterval.slot`.
    public var details: [InterruptDetails] = []
    /// The marks of each row of the last sample.
    public var marks: [RowMarks] = []
    /// ksoftirqd on each CPU; empty where the kernel's threads cannot be seen.
    public var softirqThreads: [SoftirqThread] = []
    /// The NUMA node of each CPU; -1 if unknown. Empty where there is one node at most.
    public var nodes: [Int16] = []
    /// What could not be read in the last sample, a sentence each; empty while all is well.
    public var problems: [String] = []
    /// When the last sample was taken, in nanoseconds since 1970.
    public var wallNanoseconds: UInt64 = 0
    /// What it cost this process.
    public var cost = OwnCost()

    /// Creates a state without samples.
    ///
    /// - Parameter cpus: the CPUs to keep; nil keeps all.
    public init(cpus: CPUSet? = nil) {
        interrupts = CounterIntervals(.interrupts, cpus: cpus)
        softirqs = CounterIntervals(.softirqs, cpus: cpus)
        cpuTimes = CPUTimeIntervals(cpus: cpus)
    }

    /// Takes a sample of /proc/interrupts; see `CounterIntervals.take`.
    public mutating func takeInterrupts<Failure: Error>(
        _ fill: (inout CounterSample) throws(Failure) -> Void
    ) throws(Failure) { try interrupts.take(fill) }

    /// Takes a sample of /proc/softirqs; see `CounterIntervals.take`.
    public mutating func takeSoftirqs<Failure: Error>(
        _ fill: (inout CounterSample) throws(Failure) -> Void
    ) throws(Failure) { try softirqs.take(fill) }

    /// Takes a sample of /proc/stat; on failure the last one stays.
    public mutating func takeTimes(_ text: RawSpan) throws(ProcTextError) { try cpuTimes.take(text) }

    /// Lends the live trace to whoever reads it.
    public mutating func changeTracing<Failure: Error>(
        _ change: (inout LiveTracing) throws(Failure) -> Void
    ) throws(Failure) { try change(&tracing) }

    /// Tells that /proc/stat could not be read.
    public mutating func skipTimes() { cpuTimes.skip() }

    /// The details of a row of the last sample.
    public func detailIndex(_ row: Int) -> Int { Int(interrupts.interval(row).slot) }

    /// Sets the marks of a row of the last sample from all that is known of it.
    public mutating func mark(_ row: Int) {
        let slot = detailIndex(row)
        // What a trace has seen is certain, also where threads are hidden.
        if details[slot].wakesThreads != true, let irq = details[slot].irq,
            (tracing.durations.irq(irq)?.wakeThread ?? 0) > 0
        {
            details[slot].wakesThreads = true
        }
        let found = RowMarks(interrupts, row: row, details: details[slot], nodes: nodes)
        marks[row] = found
    }

    /// The number of the softirq of a row; nil for a name that is not known. Allocates nothing.
    public func softirqVector(_ row: Int) -> Int? {
        let label = softirqs.sample.table.row(row).label
        for (vector, name) in SoftirqNames.all.enumerated() where name.utf8.count == label.byteCount {
            var position = label.start
            var isSame = true
            for byte in name.utf8 {
                if softirqs.sample.text.bytes.text(at: position) != byte { isSame = false }
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
public struct SoftirqThread: BitwiseCopyable, Sendable {
    /// The CPU it serves.
    public var cpu: Int
    /// The CPU time it has used, in nanoseconds.
    public var cpuNanoseconds: UInt64
    /// Its share of the CPU since the sample before, 0…1; nil before the second one.
    public var share: Double?

    /// Creates a thread.
    public init(cpu: Int, cpuNanoseconds: UInt64, share: Double? = nil) {
        self.cpu = cpu
        self.cpuNanoseconds = cpuNanoseconds
        self.share = share
    }
}

/// What irqscope itself costs.
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
