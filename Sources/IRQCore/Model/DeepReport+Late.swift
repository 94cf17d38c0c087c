// What was in the way of what ran late.

extension DeepReport {
    /// Something that a CPU was busy with while another thing waited for it.
    public struct Busy: Sendable {
        /// The kind of thing.
        public enum Kind: String, Sendable {
            /// A handler.
            case irq
            /// An x86 vector.
            case vector
            /// A softirq.
            case softirq
            /// A task.
            case task
            /// Nothing: the CPU was idle.
            case idle
        }
        /// The kind.
        public let kind: Kind
        /// The interrupt's number or the task's pid; nil for other kinds, and for softirqs that no service thread served.
        public let number: Int64?
        /// The name of the action, vector, softirq or task. Untrusted text.
        public let name: String
        /// The service thread that served the softirq; nil for none and for other kinds. Untrusted text.
        public let thread: String?
        /// The priority that a task had at the end of the wait, as the kernel counts; nil if it was never switched in, and for other kinds.
        public let priority: Int32?
        /// The time that it had the CPU.
        public let nanoseconds: UInt64
        /// The stretches of that.
        public let count: UInt64
    }

    /// A task that ran late after it was woken, or a softirq that ran late after it was raised.
    public struct LateStart: Sendable {
        /// The softirq's number; nil for a wake-up.
        public let softirq: Int?
        /// The task's name; of a softirq that of the task which served it. Untrusted text.
        public let name: String
        /// The task's pid.
        public let pid: Int64
        /// The task's priority as the kernel counts: 0-99 is real-time, 120 is nice 0; nil if it is not known.
        public let priority: Int32?
        /// The CPU on which it ran.
        public let cpu: Int
        /// The CPU on which it was woken or raised.
        public let wakingCPU: Int
        /// The CPU where it waited: in whose queue the kernel put it, if sched_wakeup says that, else that on which it ran.
        public let waitingCPU: Int
        /// The time when it was woken or raised.
        public let startNanoseconds: UInt64
        /// The time from then to running.
        public let latencyNanoseconds: UInt64
        /// The interrupt that woke or raised it; nil if none did.
        public let cause: Cause?
        /// The task that was current where it was woken or raised: without an interrupt it was that one's doing. Nil if it is
        /// not known, and for ksoftirqd and ktimers, which the end of any interrupt wakes. Untrusted text.
        public let waker: (name: String, pid: Int64)?
        /// The interrupt that began it, where a softirq or thread is in between.
        public let originCause: Cause?
        /// The time from the interrupt's handler, or the softirq's raise, to the softirq's entry or the thread's running;
        /// without these in between, to the wake-up. Nil if it is not known.
        public let originNanoseconds: UInt64?
        /// The time from the softirq's entry or the thread's running to the wake-up; nil without these in between.
        public let middleNanoseconds: UInt64?
        /// The things that the CPU where it waited was busy with meanwhile, the longest first.
        public let meanwhile: [Busy]
        /// The time of further things.
        public let restNanoseconds: UInt64
        /// The number of further things.
        public let restCount: Int
        /// The time of which it is not known what had the CPU.
        public let unknownNanoseconds: UInt64

        /// True for a real-time or deadline task.
        public var isUrgent: Bool { (priority ?? 120) < 100 }
    }

    /// The time that softirqs of a vector waited, by what had their CPU.
    public struct SoftirqWait: Sendable {
        /// The softirq's number.
        public let vector: Int
        /// The parts, in the order of `CPUTimeKind`.
        let parts: [UInt64]

        /// All of them.
        public var total: UInt64 { parts.reduce(0, &+) }
        /// The time of handlers.
        public var handlers: UInt64 { parts[CPUTimeKind.hardirq.rawValue] }
        /// The time of x86 vectors.
        public var vectors: UInt64 { parts[CPUTimeKind.vector.rawValue] }
        /// The time of softirqs outside of service threads.
        public var softirqs: UInt64 { parts[CPUTimeKind.softirq.rawValue] }
        /// The time of softirqs in service threads.
        public var softirqThreads: UInt64 { parts[CPUTimeKind.softirqThread.rawValue] }
        /// The time of tasks.
        public var tasks: UInt64 { parts[CPUTimeKind.task.rawValue] }
        /// The time of the idle task.
        public var idle: UInt64 { parts[CPUTimeKind.idle.rawValue] }
        /// The time of which it is not known whose it was.
        public var unknown: UInt64 { parts[CPUTimeKind.unknown.rawValue] }
    }
}
