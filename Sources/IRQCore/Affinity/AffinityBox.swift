/// A box as a plan sees it: its lines, its CPUs, the files that steer packets.
public struct AffinityBox: Sendable {
    /// An interrupt.
    public struct Line: Sendable {
        /// The line.
        public var identity: LineIdentity
        /// The key by which lines of one device are told; nil if unknown.
        public var deviceKey: String?
        /// The name of its device or interface; nil if unknown.
        public var device: String?
        /// The driver of its device; nil if unknown.
        public var driver: String?
        /// The queue that it serves; nil if it is no queue of a device.
        public var queue: QueueName?
        /// True if it is a device's own line: for its commands, its link, its errors.
        public var isAdmin = false
        /// The reason why nobody can set its mask; nil if somebody can.
        public var hold: String?
        /// True if the kernel alone spreads it.
        public var isManaged = false
        /// The mask; nil if unknown.
        public var mask: CPUSet?
        /// The CPUs that its controller has; nil if unknown.
        public var effective: CPUSet?
        /// The rate, per second; where no time is known the number, which is compared with others' only.
        public var perSecond = 0.0
        /// The rates of the CPUs that served some, or their numbers.
        public var perCPU: [Int: Double] = [:]
        /// True if its controller moves it at once.
        public var movesAtOnce = false
        /// The memory node of its device; nil if it has none or that is unknown.
        public var node: Int?
        /// The threads that handle it, where there are any.
        public var threads: [Thread] = []

        /// Creates a line without a device.
        public init(_ identity: LineIdentity) { self.identity = identity }

        /// The number.
        public var irq: Int { identity.irq }
        /// The names of its handlers.
        public var action: String { identity.actions }
        /// The CPU that serves it or will with its next interrupt; nil if unknown.
        var current: Int? {
            // A move that waits for an interrupt has been decided.
            if let mask, let effective, !movesAtOnce, effective.isDisjoint(with: mask) { return mask.lowest }
            return effective?.lowest ?? (mask.flatMap { $0.count == 1 ? $0.lowest : nil })
        }
        /// True if a mask of several CPUs makes its controller take the first of them, as Arm's do.
        var takesFirst: Bool { movesAtOnce && !identity.chip.hasPrefix("IR-") && !identity.chip.hasPrefix("DMAR-IR") }
    }

    /// A thread that handles an interrupt.
    public struct Thread: Equatable, Sendable {
        /// Its number.
        public var pid: Int
        /// Its name. Untrusted text.
        public var name: String

        /// Creates a thread.
        public init(pid: Int, name: String) { (self.pid, self.name) = (pid, name) }
    }

    /// A network interface and its files for single queues.
    public struct Interface: Sendable {
        /// Its name.
        public var name: String
        /// The texts of queues/tx-N/xps_cpus by N.
        public var sends: [Int: String] = [:]
        /// The texts of queues/rx-N/rps_cpus by N.
        public var receives: [Int: String] = [:]

        /// Creates an interface without queues.
        public init(_ name: String) { self.name = name }
    }

    /// Whether irqbalance runs. Where no process can be seen that is unknown, which is not no.
    public enum Irqbalance: Equatable, Sendable {
        /// It does not.
        case absent
        /// Nobody can tell.
        case unknown
        /// It does, with the words of its command line; nil if those are unknown.
        case runs([String]?)

        /// True if it runs; nil if that is unknown.
        public var isRunning: Bool? {
            switch self {
            case .absent: false
            case .unknown: nil
            case .runs: true
            }
        }
    }

    /// The CPUs.
    public var cpus: CPUMap
    /// The interrupts that have a number.
    public var lines: [Line] = []
    /// False if nothing tells over how long the interrupts came: then there are no rates.
    public var areRatesKnown = true
    /// The interfaces of devices, by the device's key.
    public var interfaces: [String: [Interface]] = [:]
    /// The text of default_smp_affinity; nil if it cannot be read.
    public var defaultMask: String?
    /// The option irqaffinity= of the kernel's command line; nil if it is not there or unknown.
    public var bootDefault: String?
    /// The share of time that each CPU spent on interrupts and softirqs, 0…1.
    public var interruptShares: [Int: Double] = [:]
    /// Whether irqbalance runs.
    public var irqbalance = Irqbalance.absent
    /// Other programs that change masks and run.
    public var otherMovers: [String] = []
    /// True in a container, whose /proc/irq is the host's.
    public var isContainer = false
    /// True if an earlier run was stopped amid its writes.
    public var hasUnfinishedState = false

    /// Creates a box without lines.
    public init(cpus: CPUMap) { self.cpus = cpus }
}

/// The things that a user asks of a plan.
public struct AffinityWishes: Equatable, Sendable {
    /// The aim.
    public var goal: AffinityGoal
    /// The devices whose lines are planned, by name or address; empty for all.
    public var devices: [String] = []
    /// The CPUs that may get interrupts, where the user names them.
    public var cpus: CPUSet?
    /// The CPUs that shall get none, beside those that were set aside.
    public var away = CPUSet()
    /// The lines that shall come to one CPU, by the name of a handler, a device or the line's number.
    public var keep: [Keep] = []
    /// True if each sender's queue is chosen, too (XPS).
    public var steersSending = false
    /// True if packets are spread further in software where queues are too few (RPS).
    public var steersReceiving = false

    /// A line that shall come to one CPU.
    public struct Keep: Equatable, Sendable {
        /// The name of a handler, a device, or the line's number.
        public var name: String
        /// The CPU.
        public var cpu: Int

        /// Creates a wish.
        public init(name: String, cpu: Int) { (self.name, self.cpu) = (name, cpu) }
    }

    /// Creates wishes for an aim.
    public init(_ goal: AffinityGoal) { self.goal = goal }
}
