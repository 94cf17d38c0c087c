/// The numbers behind a finding. What is nil was not looked at, or is unknown.
public struct AlertEvidence: Equatable, Sendable {
    /// How often: of the row on its busiest CPU, or of what the finding is about.
    public var perSecond: Double?
    /// The row on all CPUs together.
    public var totalPerSecond: Double?
    /// How many in the interval.
    public var delta: UInt64?
    /// What is usual, from the row's own history.
    public var usualPerSecond: Double?
    /// Whether the history, not an absolute level, was exceeded.
    public var isAgainstHistory = false
    /// The CPUs the interrupt may go to.
    public var affinity: String?
    /// The share of interrupts that no handler claimed.
    public var unhandledShare: Double?
    /// How many more the kernel takes before it disables the line, and how soon that may be.
    public var unhandledLeft: UInt64?
    /// The seconds until then, at this rate.
    public var secondsToLimit: Double?
    /// Whether the kernel has disabled the line.
    public var isDisabled = false
    /// Whether that is the kernel's own word; otherwise it follows from how the counters moved.
    public var isDisabledForSure = false
    /// Shares of the CPU's time.
    public var irqTimeShare: Double?
    /// Softirqs outside of ksoftirqd.
    public var softirqTimeShare: Double?
    /// The CPU's ksoftirqd.
    public var ksoftirqdShare: Double?
    /// The softirq that comes most often there.
    public var softirq: String?
    /// The share that one CPU, or the CPUs outside, take.
    public var cpuShare: Double?
    /// How many queues of a device one CPU serves.
    public var queueCount: Int?
    /// What the device is for.
    public var role: DeviceRole = .other
    /// What a look through tracefs told.
    public var handler: HandlerProfile?
    /// Why there was no such look, though it was wanted; nil if there was one, or if nobody wanted one.
    public var handlerProblem: String?

    /// Creates evidence of nothing.
    public init() {}
}

/// What a run has to tell about one thing.
public struct AlertFinding: Equatable, Sendable {
    /// Which condition.
    public var key: AlertKey
    /// What it is about.
    public var subject: AlertSubject
    /// Its level; `ok` if it is over.
    public var level: AlertLevel
    /// The level that was told before.
    public var previousLevel: AlertLevel
    /// When it began, in nanoseconds since 1970.
    public var sinceWallNanoseconds: UInt64
    /// For how long it has been so, in nanoseconds.
    public var lastedNanoseconds: UInt64
    /// The value that began it: for a warning, and for a critical one; nil if there is none.
    public var warn: Double?
    /// The value of a critical one.
    public var crit: Double?
    /// The highest value so far.
    public var peak: Double
    /// The numbers.
    public var evidence: AlertEvidence
    /// Why it is over; nil while it is not.
    public var ending: Ending?

    /// Why a condition is over.
    public enum Ending: String, Sendable {
        /// It went below its level.
        case below
        /// The interrupt is gone.
        case gone
        /// The machine was booted.
        case reboot
    }

    /// Whether somebody who was told the last time must be told again.
    public var isChange: Bool { level != previousLevel }
}
