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
        share = Self.share(used, before: cpuNanoseconds, passed: passed)
        if let used { cpuNanoseconds = used }
    }

    /// The share of a CPU that a thread used; nil if that is unknown. Ticks may be counted late: a share above 1 is cut
    /// to 1.
    fileprivate static func share(_ used: UInt64?, before: UInt64, passed: UInt64?) -> Double? {
        guard let used, let passed, passed > 0, used >= before else { return nil }
        return min(Double(used - before) / Double(passed), 1)
    }
}

/// A thread that does a handler's work, and the CPU time that it took.
public struct HandlerLoad: Equatable, BitwiseCopyable, Sendable {
    /// The number of its interrupt.
    public let irq: Int
    /// Its process number.
    public let pid: Int32
    /// The CPU it ran on last.
    public private(set) var cpu: Int
    /// The CPU time it has used, in nanoseconds; nil if that could not be read.
    private var cpuNanoseconds: UInt64?
    /// Its share of a CPU since the sample before, 0…1; nil before the second one.
    public private(set) var share: Double?

    /// Creates a thread.
    public init(irq: Int, pid: Int32, cpu: Int, cpuNanoseconds: UInt64?) {
        (self.irq, self.pid, self.cpu, self.cpuNanoseconds) = (irq, pid, cpu, cpuNanoseconds)
    }

    /// Takes the CPU time that it has used by now, and the CPU it ran on.
    ///
    /// - Parameter passed: the time since these were taken last, in nanoseconds; nil if that is unknown.
    public mutating func take(_ used: UInt64?, cpu: Int, passed: UInt64?) {
        share = cpuNanoseconds.flatMap { SoftirqThread.share(used, before: $0, passed: passed) }
        (self.cpu, cpuNanoseconds) = (cpu, used)
    }
}
