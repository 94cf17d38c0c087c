/// The counters of two moments: those that the state file kept, and those of now.
///
/// What moved between them is decided by `CounterIntervals` alone, as for the live views: the old text goes through it
/// first, then the new one. Times are CLOCK_MONOTONIC, which stands still while the machine sleeps, so that a rate
/// is one of the time in which interrupts could come.
public struct AlertSamples: ~Copyable {
    // Changed through methods only: see LiveState.

    /// /proc/interrupts.
    public internal(set) var interrupts = CounterIntervals(.interrupts, keepsHistory: false)
    /// /proc/softirqs.
    public internal(set) var softirqs = CounterIntervals(.softirqs, keepsHistory: false)
    /// /proc/stat.
    public internal(set) var cpuTimes = CPUTimeIntervals()
    /// The lines of CPUs of the /proc/stat taken last; empty where it could not be read.
    public private(set) var statLines: [UInt8] = []
    /// /proc/net/softnet_stat as taken last and before; empty where it could not be read.
    public private(set) var softnet: [SoftnetCounts] = []
    private var softnetBefore: [SoftnetCounts] = []
    /// Whether the sample taken last has /proc/softirqs, and the one before has it too.
    public private(set) var hasSoftirqs = false

    /// Creates samples of nothing.
    public init() {}

    /// Takes /proc/interrupts; see `CounterIntervals.take`.
    public mutating func takeInterrupts<Failure: Error>(
        _ fill: (inout CounterSample) throws(Failure) -> Void
    ) throws(Failure) { try interrupts.take(fill) }

    /// Takes /proc/softirqs; see `CounterIntervals.take`.
    public mutating func takeSoftirqs<Failure: Error>(
        _ fill: (inout CounterSample) throws(Failure) -> Void
    ) throws(Failure) {
        try softirqs.take(fill)
        hasSoftirqs = softirqs.samples > 1
    }

    /// Takes /proc/stat, or the lines of it that were kept.
    public mutating func takeTimes(_ text: RawSpan) throws(ProcTextError) {
        try cpuTimes.take(text)
        statLines.removeAll(keepingCapacity: true)
        var position = 0
        while position < text.byteCount {
            let end = text.endOfLine(from: position)
            if text.has("cpu", at: position) {
                for index in position..<end { statLines.append(text.text(at: index)) }
                statLines.append(ASCII.newline)
            }
            position = end &+ 1
        }
    }

    /// Takes the counts of /proc/net/softnet_stat; an empty list where there is none.
    public mutating func takeSoftnet(_ counts: [SoftnetCounts]) {
        softnetBefore = softnet
        softnet = counts
    }

    /// Gives back the memory of the sample of interrupts before: how the last one differs from it is unknown then.
    public mutating func forgetPrevious() { interrupts.forgetPrevious() }

    /// The CPUs of the header of /proc/interrupts.
    public var cpus: [Int] {
        var cpus: [Int] = []
        for column in 0..<interrupts.sample.table.cpuCount { cpus.append(interrupts.sample.table.cpu(column)) }
        return cpus
    }

    /// What moved in /proc/net/softnet_stat, CPU by CPU, per second; a count that went back is left out.
    public var softnetRates: [(cpu: Int, dropped: Double, squeezed: Double)] {
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

    /// What tells a row from all others over time, as `CounterSample.isSame` sees it: label, ordinal, and what
    /// follows the counts with runs of blanks as one.
    public func key(_ row: Int) -> UInt64 {
        let counts = interrupts.sample.table.row(row)
        let bytes = interrupts.sample.table.names
        var hash = StableHash()
        for position in counts.label.start..<counts.label.end { hash.add(UInt64(bytes.text(at: position))) }
        hash.add(0)
        var isAfterBlank = false
        for position in counts.tail.start..<counts.tail.end {
            let byte = bytes.text(at: position)
            let isBlank = ASCII.isBlank(byte)
            if !isBlank { hash.add(UInt64(byte)) } else if !isAfterBlank { hash.add(UInt64(ASCII.blank)) }
            isAfterBlank = isBlank
        }
        hash.add(UInt64(UInt8(truncatingIfNeeded: counts.ordinal)))
        return hash.value
    }
}
