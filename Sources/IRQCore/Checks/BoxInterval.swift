/// A run's view of one row of /proc/interrupts, in 64 bytes: there may be a million, most of which stand still.
@dynamicMemberLookup
public struct LineObservation: Sendable {
    private var rowNumber: Int32
    private var irqNumber: Int32
    private var busiest: Int32
    /// True if its counts are known to have moved so far: not for new rows and after a reset.
    public var isKnown: Bool
    /// True if all CPUs served some of it, and there are several.
    public var isServedEverywhere = false
    /// The key that tells it from others over time.
    public var key: UInt64
    /// The amount it moved by.
    public var delta: UInt64
    /// Per second, on all CPUs together.
    public var perSecond: Double
    /// Per second, on the CPU that served most.
    public var busiestPerSecond: Double
    /// One element, or none where nothing more is known.
    private var more: [LineFacts] = []

    /// Creates an observation of a row's counts.
    ///
    /// - Parameters:
    ///   - row: its place in the table.
    ///   - irq: the number of the interrupt; nil for rows of the architecture.
    ///   - busiestCPU: the CPU that served most; nil for a row that counts for the machine, or if nobody knows the CPUs.
    public init(
        row: Int, key: UInt64, irq: Int?, isKnown: Bool, delta: UInt64, perSecond: Double, busiestCPU: Int?,
        busiestPerSecond: Double
    ) {
        (rowNumber, irqNumber, busiest) = (Int32(row), Int32(irq ?? -1), Int32(busiestCPU ?? -1))
        (self.isKnown, self.key, self.delta) = (isKnown, key, delta)
        (self.perSecond, self.busiestPerSecond) = (perSecond, busiestPerSecond)
    }

    /// Its place in the table.
    public var row: Int { Int(rowNumber) }
    /// The number of the interrupt; nil for rows of the architecture.
    public var irq: Int? { irqNumber < 0 ? nil : Int(irqNumber) }
    /// The CPU that served most; nil for a row that counts for the machine, or if nobody knows the CPUs.
    public var busiestCPU: Int? {
        get { busiest < 0 ? nil : Int(busiest) }
        set { busiest = Int32(newValue ?? -1) }
    }

    /// The facts that few rows have; to set one takes memory.
    public subscript<Value>(dynamicMember path: WritableKeyPath<LineFacts, Value>) -> Value {
        get { more.isEmpty ? LineFacts()[keyPath: path] : more[0][keyPath: path] }
        set {
            if more.isEmpty { more = [LineFacts()] }
            more[0][keyPath: path] = newValue
        }
    }
}

/// The facts of a row that few rows have.
public struct LineFacts: Sendable {
    /// Interrupts on isolated CPUs per second.
    public var isolatedPerSecond = 0.0
    /// The isolated CPU with most of them.
    public var isolatedCPU: Int?
    /// Its label, for rows of the architecture that moved only.
    public var label = ""
    /// The details that are known of it; nil where there was no reason to look.
    public var details: InterruptDetails?
    /// True if its device was looked for: else `details` has no names but those of its row.
    public var isNamed = false
    /// The facts that a look through tracefs told of its handlers; nil without one.
    public var look: HandlerProfile?
    /// Served outside of its mask, per second; nil if the mask is unknown or has just changed.
    public var outsidePerSecond: Double?
    /// All interrupts since boot, of rows that a handler may have been taken from.
    public var total: UInt64 = 0
    /// True if the kernel's log says that the line was disabled.
    public var isLoggedAsDisabled = false
    /// The things behind the line that count their work.
    public var parts = LineParts()
    /// The share of a CPU that its threads took, 0…; or the reason why that is unknown.
    public var threads = ThreadWork.notLooked
}

extension LineObservation {
    /// True if each CPU has its own, by the way of delivery; or because it is a timer that each CPU serves, where the
    /// controller's name does not tell.
    var isPerCPU: Bool {
        if let delivery = self.details?.delivery, delivery.isPerCPU { return true }
        return self.isServedEverywhere && (self.details?.name.lowercased() ?? "").contains("timer")
    }
}

/// The disks and network interfaces behind a line, by name.
public struct LineParts: Equatable, Sendable {
    /// Disks as /proc/diskstats calls them.
    public var disks: [String] = []
    /// Network interfaces.
    public var links: [String] = []
    /// False if one of the disks does not count its requests (queue/iostats).
    public var isCounted = true

    /// Creates parts of which there are none.
    public init() {}
}

/// The work of the threads of a line's handlers.
public enum ThreadWork: Equatable, Sendable {
    /// Nobody has looked.
    case notLooked
    /// It has none.
    case none
    /// The kernel's threads cannot be seen, or it is the first look at them.
    case unknown
    /// All handlers run in threads on this kernel: what they take says nothing of work.
    case forced
    /// CPU time per second of the interval, in nanoseconds.
    case nanosecondsPerSecond(Double)
}

/// A run's view of one CPU. Shares are 0…1; nil is unknown.
public struct CPUObservation: Sendable {
    /// Hard interrupts; nil where the kernel does not account for them.
    public var irqShare: Double?
    /// Softirqs outside of ksoftirqd.
    public var softirqShare: Double?
    /// Its ksoftirqd.
    public var ksoftirqdShare: Double?
    /// Taken by the host while the guest had work; nil if unknown.
    public var stealShare: Double?
    /// Interrupts of devices per second.
    public var devicePerSecond = 0.0
    /// All interrupts per second, those of the architecture too; 0 if unknown.
    public var allPerSecond = 0.0
    /// Softirqs per second, by `SoftirqNames`; empty if unknown.
    public var softirqsPerSecond: [Double] = []
    /// Packets dropped and squeezes per second; nil if unknown.
    public var dropsPerSecond: Double?
    /// Squeezes per second; nil if unknown.
    public var squeezesPerSecond: Double?

    /// Creates one of which nothing is known.
    public init() {}

    /// True if interrupts and softirqs take at least half of it; nil if that cannot be told.
    var isSaturated: Bool? {
        guard irqShare != nil || softirqShare != nil || ksoftirqdShare != nil else { return nil }
        return max((irqShare ?? 0) + (softirqShare ?? 0), ksoftirqdShare ?? 0) >= 0.5
    }

    /// The softirq that came most often, but for those that follow the clock.
    var busiestSoftirq: String? {
        let ticking: Set<String> = ["TIMER", "SCHED", "HRTIMER", "RCU"]
        let found = softirqsPerSecond.indices.filter { !ticking.contains(SoftirqNames.all[$0]) }
            .max { softirqsPerSecond[$0] < softirqsPerSecond[$1] }
        return found.flatMap { softirqsPerSecond[$0] > 0 ? SoftirqNames.all[$0] : nil }
    }
}

/// The facts that an interval tells of a box, as checks read them.
public struct BoxInterval: Sendable {
    /// The time of the sample at its end.
    public var time: BoxTime
    /// The time of the sample before.
    public var start: BoxTime
    /// The time in between in which the machine was awake; nil if there is nothing to compare with.
    public var intervalNanoseconds: UInt64?
    /// The rows, but for those of which there is nothing to tell or to remember.
    public var lines: [LineObservation] = []
    /// The number of those rows: beyond `AlertMemory.rowLimit`, standing still.
    public var stillCount = 0
    /// The CPUs that were to be left alone.
    public var isolated = CPUSet()
    /// The CPUs, by number.
    public var cpus: [Int: CPUObservation] = [:]
    /// Interrupts of devices per second of which nobody knows the CPU: those of a table that names none.
    var unplacedPerSecond = 0.0
    /// Completed requests of each disk per second; nil where they cannot be read.
    public var diskRates: [String: Double]?
    /// Packets of each network interface per second; nil where they cannot be read.
    public var linkRates: [String: Double]?
    /// Events of ACPI per second; nil where they were not looked at.
    public var eventRates: [String: Double]?
    /// The worst storms in parts of the sample that was taken after it.
    var bursts: [AlertKey: Measurement] = [:]
    /// The reason why handlers could not be looked at through tracefs; nil if they were, or if nobody wanted it.
    public var lookProblem: String?

    /// Creates an observation of nothing.
    public init(time: BoxTime, start: BoxTime, intervalNanoseconds: UInt64?) {
        self.time = time
        self.start = start
        self.intervalNanoseconds = intervalNanoseconds
    }

    /// The sum of the interrupts of devices per second.
    public var devicePerSecond: Double {
        // In the order of CPUs: sums of fractions depend on it.
        cpus.sorted { $0.key < $1.key }.reduce(unplacedPerSecond) { $0 + $1.value.devicePerSecond }
    }

    /// The time between as seconds.
    public var seconds: Double? { intervalNanoseconds.map { Double($0) / 1e9 } }

    /// The start on the wall, by the time that has passed since: nobody can have set that.
    var startWallNanoseconds: UInt64 { time.wall - min(time.boot - min(start.boot, time.boot), time.wall) }
}
