/// The use of one CPU's time since boot, in USER_HZ ticks.
public struct CPUTicks: BitwiseCopyable, Sendable, Equatable {
    /// The CPU's number.
    public var cpu: Int32 = 0
    /// Hard interrupts.
    public var irq: UInt64 = 0
    /// Softirqs, but those that run in ksoftirqd.
    public var softirq: UInt64 = 0
    /// Taken by the host while the guest had work.
    public var steal: UInt64 = 0
    /// Idle, and waiting for disks.
    public var idle: UInt64 = 0
    /// All together; guest time is part of user time and not added again.
    public var total: UInt64 = 0
}

/// The facts that /proc/stat tells of interrupts, in memory that is used again for each sample (fs/proc/stat.c, proc(5)).
public struct ProcStat: ~Copyable {
    private var perCPU: GrowableBuffer<CPUTicks>
    /// All interrupts since boot, of possible CPUs; nil where the line is missing.
    public private(set) var interruptCount: UInt64?
    /// All softirqs since boot.
    public private(set) var softirqCount: UInt64?
    /// The time at which the machine booted, in seconds since 1970.
    public private(set) var bootTimeSeconds: UInt64?

    /// Creates an empty one.
    public init() { perCPU = GrowableBuffer(capacity: 16) }

    /// The number of CPUs that have a line: those online.
    public var cpuCount: Int { perCPU.count }
    /// The times of a CPU, in the order of the file.
    public func cpu(_ index: Int) -> CPUTicks { perCPU[index] }

    /// Reads a text.
    ///
    /// - Throws: `ProcTextError` if it has no line of a CPU; everything is then empty.
    public mutating func parse(_ text: RawSpan) throws(ProcTextError) {
        perCPU.removeAll()
        (interruptCount, softirqCount, bootTimeSeconds) = (nil, nil, nil)
        if text.byteCount == 0 { throw ProcTextError(.empty) }
        var position = 0
        while position < text.byteCount {
            perCPU.reserve(1)
            if perCPU.count > ProcTextLimits.highestCPU {
                perCPU.removeAll()
                (interruptCount, softirqCount, bootTimeSeconds) = (nil, nil, nil)
                throw ProcTextError(.tooManyRows)
            }
            parseLine(text, from: position)
            position = text.endOfLine(from: position) &+ 1
        }
        guard perCPU.count > 0 else { throw ProcTextError(.malformed) }
    }

    #if !DEBUG
        @_noAllocation
    #endif
    private mutating func parseLine(_ text: RawSpan, from start: Int) {
        var isTooLarge = false
        if text.has("cpu", at: start) {
            var position = start &+ 3
            // The line of all CPUs together has no number.
            guard let number = text.decimal(at: &position, isTooLarge: &isTooLarge),
                number <= UInt64(ProcTextLimits.highestCPU)
            else { return }
            var ticks = CPUTicks()
            ticks.cpu = Int32(number)
            // user nice system idle iowait irq softirq steal guest guest_nice; the last ones came with later kernels.
            for field in 0..<8 {
                position = text.skippingBlanks(from: position)
                guard let value = text.decimal(at: &position, isTooLarge: &isTooLarge) else {
                    // Without a newline behind it there may be more.
                    if field < 7 { return }
                    if position >= text.byteCount { return }
                    break
                }
                if position >= text.byteCount { return }
                ticks.total &+= value
                if field == 3 || field == 4 { ticks.idle &+= value }
                if field == 5 { ticks.irq = value }
                if field == 6 { ticks.softirq = value }
                if field == 7 { ticks.steal = value }
            }
            if !isTooLarge { perCPU.append(ticks) }
        } else if text.has("intr ", at: start) {
            interruptCount = Self.value(text, at: start &+ 5)
        } else if text.has("softirq ", at: start) {
            softirqCount = Self.value(text, at: start &+ 8)
        } else if text.has("btime ", at: start) {
            bootTimeSeconds = Self.value(text, at: start &+ 6)
        }
    }

    @inline(always)
    private static func value(_ text: RawSpan, at start: Int) -> UInt64? {
        var position = text.skippingBlanks(from: start)
        var isTooLarge = false
        let value = text.decimal(at: &position, isTooLarge: &isTooLarge)
        if position >= text.byteCount { return nil }
        return isTooLarge ? nil : value
    }
}
