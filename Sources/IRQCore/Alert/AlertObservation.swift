/// What a run saw of one row of /proc/interrupts.
public struct LineObservation: Sendable {
    /// Its place in the table.
    public var row: Int
    /// What tells it from others over time.
    public var key: UInt64
    /// The number of the interrupt; nil for rows of the architecture.
    public var irq: Int?
    /// Whether its counts are known to have moved so far: not for new rows and after a reset.
    public var isKnown: Bool
    /// How far it moved.
    public var delta: UInt64
    /// Per second, on all CPUs together.
    public var perSecond: Double
    /// The CPU that served most; nil for a row that counts for the machine.
    public var busiestCPU: Int?
    /// Per second, on that CPU.
    public var busiestPerSecond: Double
    /// Interrupts on isolated CPUs per second, and the CPU with most of them.
    public var isolatedPerSecond = 0.0
    /// The isolated CPU with most of them.
    public var isolatedCPU: Int?
    /// Its label, for rows of the architecture only.
    public var label = ""
    /// What is known of it; nil where there was no reason to look.
    public var details: InterruptDetails?
    /// Whether its device was looked for: else `details` has no names but those of its row.
    public var isNamed = false
    /// What a look through tracefs told of its handlers; nil without one.
    public var look: HandlerLook?
    /// Served outside of its mask, per second; nil if the mask is unknown or has just changed.
    public var outsidePerSecond: Double?
}

/// What a run saw of one CPU. Shares are 0…1; nil is unknown.
public struct CPUObservation: Sendable {
    /// Hard interrupts; nil where the kernel does not account for them.
    public var irqShare: Double?
    /// Softirqs outside of ksoftirqd.
    public var softirqShare: Double?
    /// Its ksoftirqd.
    public var ksoftirqdShare: Double?
    /// Interrupts of devices per second.
    public var devicePerSecond = 0.0
    /// Softirqs per second, by `SoftirqNames`; empty if unknown.
    public var softirqsPerSecond: [Double] = []
    /// Packets dropped and squeezes per second; nil if unknown.
    public var dropsPerSecond: Double?
    /// Squeezes per second; nil if unknown.
    public var squeezesPerSecond: Double?

    /// Creates one of which nothing is known.
    public init() {}

    /// Whether interrupts and softirqs take at least half of it; nil if that cannot be told.
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

/// What a run saw.
public struct AlertObservation: Sendable {
    /// When.
    public var time: AlertTime
    /// When the counters were read before.
    public var start: AlertTime
    /// The time in between in which the machine was awake; nil if there is nothing to compare with.
    public var intervalNanoseconds: UInt64?
    /// The rows.
    public var lines: [LineObservation] = []
    /// The CPUs, by number.
    public var cpus: [Int: CPUObservation] = [:]
    /// Why handlers could not be looked at through tracefs; nil if they were, or if nobody wanted it.
    public var lookProblem: String?

    /// Creates an observation of nothing.
    public init(time: AlertTime, start: AlertTime, intervalNanoseconds: UInt64?) {
        self.time = time
        self.start = start
        self.intervalNanoseconds = intervalNanoseconds
    }

    /// The sum of the interrupts of devices per second.
    public var devicePerSecond: Double { cpus.values.reduce(0) { $0 + $1.devicePerSecond } }

    /// The time between as seconds.
    public var seconds: Double? { intervalNanoseconds.map { Double($0) / 1e9 } }

    /// The start on the wall, by the time that has passed since: nobody can have set that.
    var startWallNanoseconds: UInt64 { time.wall - min(time.boot - min(start.boot, time.boot), time.wall) }
}
