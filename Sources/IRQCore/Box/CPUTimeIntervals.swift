/// The use of the CPUs' time between two samples of /proc/stat.
///
/// The kernel counts ticks of USER_HZ (1/100 s on nearly all machines), so shares over a short interval are coarse.
/// Without CONFIG_IRQ_TIME_ACCOUNTING it books a whole tick to whatever it interrupts: hard interrupts then
/// show next to nothing (kernel/sched/cputime.c).
public struct CPUTimeIntervals: ~Copyable {
    private var current = ProcStat()
    private var previous = ProcStat()
    private var sampleCount = 0
    /// True if both samples are whole: reading a text spoils the one before, whatever comes of it.
    private var isComparable = false
    /// True if the last sample is of now.
    private var isTaken = false
    /// False if the sample before does not tell stolen time.
    private var (isStealKnown, wasStealKnown) = (true, true)

    private let cpus: CPUSet?

    /// Creates a sequence without samples.
    ///
    /// - Parameter cpus: the CPUs that the mean is of; nil is all.
    public init(cpus: CPUSet? = nil) { self.cpus = cpus }

    /// Takes a sample out of a text; on failure the last one stays.
    public mutating func take(_ text: RawSpan) throws(ProcTextError) {
        (isComparable, isTaken) = (false, false)
        try previous.parse(text)
        swap(&current, &previous)
        (wasStealKnown, isStealKnown) = (isStealKnown, true)
        sampleCount += 1
        isTaken = true
        isComparable = sampleCount > 1
    }

    /// Tells that there is nothing to take this time: shares are unknown until the next sample.
    public mutating func skip() { (isComparable, isTaken) = (false, false) }

    /// Tells that the sample taken last does not tell stolen time: it was kept by a version that did not know it.
    mutating func forgetSteal() { isStealKnown = false }

    /// The shares of a CPU's time since the sample before.
    public struct Shares: BitwiseCopyable, Sendable {
        /// In hard interrupts, 0…1.
        public let irq: Double
        /// In softirqs outside of ksoftirqd, 0…1.
        public let softirq: Double
        /// Idle, 0…1.
        public let idle: Double
        /// Taken by the host while there was work, 0…1; nil if unknown.
        public let steal: Double?
    }

    /// The shares of one CPU; nil before the second sample, or if the CPU was not there.
    public func shares(cpu: Int) -> Shares? {
        guard isComparable, let new = current.ticks(of: cpu), let old = previous.ticks(of: cpu) else { return nil }
        return shares(new, old)
    }

    /// The shares of all CPUs that are in both samples, as a mean.
    public var meanShares: Shares? {
        guard isComparable else { return nil }
        var (new, old) = (CPUTicks(), CPUTicks())
        for index in 0..<current.cpuCount {
            let ticks = current.cpu(index)
            if let cpus, !cpus.contains(Int(ticks.cpu)) { continue }
            guard let before = previous.ticks(of: Int(ticks.cpu)) else { continue }
            new.add(ticks)
            old.add(before)
        }
        return shares(new, old)
    }

    /// True if the kernel seems to account the time of hard interrupts: it has interrupts but not one tick of them.
    /// Nil where that cannot be told.
    public var accountsIRQTime: Bool? {
        guard sampleCount > 0, let interrupts = current.interruptCount, interrupts > 1_000_000 else { return nil }
        var (irq, total): (UInt64, UInt64) = (0, 0)
        for index in 0..<current.cpuCount {
            irq &+= current.cpu(index).irq
            total &+= current.cpu(index).total
        }
        return total > 0 ? irq > 0 : nil
    }

    /// The last sample as lines of /proc/stat; what is neither idle nor an interrupt stands as user time. Empty without one.
    var text: [UInt8] {
        var text = ""
        guard isTaken else { return [] }
        for index in 0..<current.cpuCount {
            let ticks = current.cpu(index)
            let user = ticks.total &- ticks.idle &- ticks.irq &- ticks.softirq &- ticks.steal
            text += "cpu\(ticks.cpu) \(user) 0 0 \(ticks.idle) 0 \(ticks.irq) \(ticks.softirq) \(ticks.steal)\n"
        }
        return Array(text.utf8)
    }

    /// The interrupts since boot that the kernel itself sums up.
    public var interruptCount: UInt64? { current.interruptCount }

    private func shares(_ new: CPUTicks, _ old: CPUTicks) -> Shares? {
        // Idle time may step back by a tick (proc(5)): that is no time at all.
        guard new.total > old.total else { return nil }
        let total = Double(new.total - old.total)
        func share(_ new: UInt64, _ old: UInt64) -> Double { new > old ? min(Double(new - old) / total, 1) : 0 }
        return Shares(
            irq: share(new.irq, old.irq), softirq: share(new.softirq, old.softirq), idle: share(new.idle, old.idle),
            steal: wasStealKnown ? share(new.steal, old.steal) : nil)
    }
}

extension CPUTicks {
    mutating func add(_ other: CPUTicks) {
        irq &+= other.irq
        softirq &+= other.softirq
        steal &+= other.steal
        idle &+= other.idle
        total &+= other.total
    }
}

extension ProcStat {
    /// The times of the CPU with a number; nil if it has no line.
    func ticks(of cpu: Int) -> CPUTicks? {
        // Lines ascend: the place is nearly always the number.
        if cpu >= 0, cpu < cpuCount, self.cpu(cpu).cpu == Int32(truncatingIfNeeded: cpu) { return self.cpu(cpu) }
        for index in 0..<cpuCount where self.cpu(index).cpu == Int32(truncatingIfNeeded: cpu) { return self.cpu(index) }
        return nil
    }
}
