/// What a recording saw of what the kernel counted while it was made.
///
/// A count and a trace differ for reasons that are no errors: a vector has no events unless irq_vectors was
/// recorded, a nested thread handler has none at all, an edge interrupt may run its handler twice for one count
/// (facts of kernel/irq/handle.c and chip.c), and both ends of the window are cut at slightly different moments.
///
/// Compared are the CPUs that /proc/interrupts showed at both ends, and rows that were there at both: a CPU that is offline
/// has no column, though the kernel keeps its counts. So one that went away and came back in between is compared as if
/// nothing had been, and of one that was away at an end neither counts nor events are in a sum.
public struct Coverage: Sendable, Equatable {
    /// One row of /proc/interrupts or /proc/softirqs.
    public struct Row: Sendable, Equatable {
        /// Which file: `interrupts` or `softirqs`.
        public let table: String
        /// The label: `36`, `LOC`, `NET_RX`.
        public let label: String
        /// The IRQ number; nil for others.
        public let irq: Int?
        /// What stands behind the counts. Untrusted text.
        public let name: String
        /// The kernel's count on the CPUs that are compared; nil if it is not known (a counter went back, a row
        /// appeared or went).
        public let counted: UInt64?
        /// The number that the recording holds of the same CPUs; nil if the row has no events in it.
        public let traced: UInt64?
        /// The same by CPU, those that are not compared included; empty where the kernel counts for the whole machine.
        public let cpus: [Share]
        /// Why there are no events; nil if there are some, or none were due.
        public let reason: String?
    }

    /// A row on one CPU.
    public struct Share: Sendable, Equatable {
        /// The CPU's number.
        public let cpu: Int
        /// The kernel's count; nil if the CPU is not compared, or the row's counts are unknown.
        public let counted: UInt64?
        /// What the recording holds.
        public let traced: UInt64
    }

    /// A CPU that was not online at both ends.
    public struct UncomparedCPU: Sendable, Equatable {
        /// Its number.
        public let cpu: Int
        /// The interrupts that were traced there, and are in no sum.
        public let traced: UInt64
    }

    /// Rows that moved, or that were traced.
    public var rows: [Row] = []

    /// The CPUs that are not compared, in their order.
    public var uncomparedCPUs: [UncomparedCPU] = []

    /// For how long, at both ends together, interrupts were counted and not traced, or traced and not counted, in
    /// nanoseconds; nil if the recording does not tell. Reading the counts takes time, most of all on a busy box.
    public var skewNanoseconds: UInt64?

    /// What the kernel counted of rows that have events.
    public var counted: UInt64 { compared.reduce(0) { $0 &+ ($1.counted ?? 0) } }
    /// What the recording holds of them.
    public var traced: UInt64 { compared.reduce(0) { $0 &+ ($1.traced ?? 0) } }

    /// The rows of interrupts of which both sides are known: only they can be held against each other.
    private var compared: some Sequence<Row> {
        rows.lazy.filter { $0.table == "interrupts" && $0.counted != nil && $0.traced != nil }
    }
}
