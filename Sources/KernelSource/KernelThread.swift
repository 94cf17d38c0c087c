internal import IRQCore

/// A thread of the kernel that works for interrupts.
public struct KernelThread: Equatable, Sendable {
    /// The work of a thread.
    public enum Role: Hashable, Sendable {
        /// Runs the threaded part of a handler of interrupt `irq`: `irq/36-virtio1-req.0`.
        ///
        /// A secondary handler (`irq/36-s-virtio1-req.0`) is one that could not be forced into the thread
        /// of the first. An action whose own name begins with "s-" looks the same.
        case handler(irq: Int, isSecondary: Bool)
        /// Runs softirqs of `cpu` that were put off: `ksoftirqd/0`.
        case softirq(cpu: Int)
    }

    /// The scheduler's treatment of a thread, see sched(7).
    public enum Policy: Hashable, Sendable {
        /// SCHED_OTHER, the default.
        case other
        /// SCHED_FIFO, a real-time policy.
        case fifo
        /// SCHED_RR, a real-time policy.
        case roundRobin
        /// SCHED_BATCH.
        case batch
        /// SCHED_IDLE.
        case idle
        /// SCHED_DEADLINE.
        case deadline
        /// A number that sched(7) does not tell, such as 7 for a policy written in BPF.
        case unknown(Int)

        /// The policy of a number in include/uapi/linux/sched.h.
        public init(number: Int) {
            switch number {
            case 0: self = .other
            case 1: self = .fifo
            case 2: self = .roundRobin
            case 3: self = .batch
            case 5: self = .idle
            case 6: self = .deadline
            default: self = .unknown(number)
            }
        }
    }

    /// The process number.
    public let pid: Int32
    /// Its work.
    public let role: Role
    /// The name of the handler's action, which before Linux 5.17 the kernel cut; "" for a softirq thread. Untrusted text.
    public let action: String
    /// The time of its start, in clock ticks after boot: with `pid` it tells a thread from a later one.
    public let startTicks: UInt64
    /// Processor time that it used so far, in nanoseconds, in steps of a clock tick (mostly 10 ms);
    /// nil if it could not be read the last time.
    public internal(set) var cpuNanoseconds: UInt64?
    /// The scheduler's treatment of it.
    public internal(set) var policy: Policy
    /// 1 (low) to 99 under a real-time policy, otherwise 0.
    public internal(set) var realtimePriority: Int
    /// The CPU it ran on last.
    public internal(set) var lastCPU: Int
}

extension KernelThread.Role {
    /// Reads the name of a kernel thread; nil for all that do not work for interrupts.
    ///
    /// - Returns: the role and where the action begins in the name.
    static func read(_ name: RawSpan) -> (role: Self, actionOffset: Int)? {
        if name.begins(with: "ksoftirqd/") {
            guard let (cpu, end) = name.decimal(at: 10), end == name.byteCount, cpu <= UInt64(ProcTextLimits.highestCPU)
            else { return nil }
            return (.softirq(cpu: Int(cpu)), end)
        }
        guard name.begins(with: "irq/"), let (irq, end) = name.decimal(at: 4), irq <= UInt64(Int32.max),
            name.byte(at: end) == 0x2D
        else { return nil }
        let isSecondary = name.byte(at: end + 1) == 0x73 && name.byte(at: end + 2) == 0x2D
        return (.handler(irq: Int(irq), isSecondary: isSecondary), isSecondary ? end + 3 : end + 1)
    }

    /// Handlers by interrupt, then softirqs by CPU.
    var order: (Int, Int) {
        switch self {
        case .handler(let irq, _): (0, irq)
        case .softirq(let cpu): (1, cpu)
        }
    }
}
