/// The numbers behind a finding. What is nil was not looked at, or is unknown.
public struct AlertEvidence: Equatable, Sendable {
    /// The rate of the row on its busiest CPU, or of the finding's subject.
    public var perSecond: Double?
    /// The row on all CPUs together.
    public var totalPerSecond: Double?
    /// The number in the interval.
    public var delta: UInt64?
    /// The usual rate, from the row's own history.
    public var usualPerSecond: Double?
    /// True if the history, not an absolute level, was exceeded.
    public var isAgainstHistory = false
    /// The CPUs the interrupt may go to.
    public var affinity: String?
    /// The share of interrupts that no handler claimed.
    public var unhandledShare: Double?
    /// The number of further ones the kernel takes before it disables the line.
    public var unhandledLeft: UInt64?
    /// The seconds until then, at this rate.
    public var secondsToLimit: Double?
    /// True if the kernel has disabled the line.
    public var isDisabled = false
    /// The source that tells it.
    public var disabledSource = DisabledSource.counters
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
    /// The number of queues of a device that one CPU serves.
    public var queueCount: Int?
    /// True if the kernel alone chooses the CPUs of the line, or most likely does; nil if that is unknown, or if the finding is
    /// about no line.
    public var isManaged: Bool?
    /// The CPUs that were to be left alone, where a finding is about one of them.
    public var isolatedCPUs: String?
    /// True if nobody can write its mask.
    public var isMaskFixed = false
    /// The purpose of the device.
    public var role: DeviceRole = .other
    /// The work that follows the line; nil where that does not matter.
    public var work: Work?
    /// The event of ACPI that makes most of the line's interrupts (`gpe03`), and how often it comes, per second.
    public var event: String?
    /// The rate of that event, per second.
    public var eventPerSecond: Double?
    /// The share of its time that the host took from the CPU.
    public var stealShare: Double?
    /// The number of CPUs that the finding is about.
    public var cpuCount: Int?
    /// The length of the part of a sample in which the rate was measured, in nanoseconds; nil for the whole interval.
    public var burstNanoseconds: UInt64?
    /// The facts that a look through tracefs told.
    public var handler: HandlerProfile?
    /// The reason why there was no such look, though it was wanted; nil if there was one, or if nobody wanted one.
    public var handlerProblem: String?

    /// A source that tells that a line was disabled: the first is the kernel's word now, the second its word then.
    public enum DisabledSource: String, Sendable {
        /// /sys/kernel/debug/irq.
        case debugfs
        /// The kernel's log.
        case log
        /// The way the counters moved.
        case counters
    }

    /// Creates evidence of nothing.
    public init() {}
}

/// The news of a run about one subject.
public struct AlertFinding: Equatable, Sendable {
    /// The condition.
    public var key: AlertKey
    /// Its subject.
    public var subject: AlertSubject
    /// Its level; `ok` if it is over.
    public var level: AlertLevel
    /// The level that was told before.
    public var previousLevel: AlertLevel
    /// The time at which it began, in nanoseconds since 1970.
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
    /// The way in which it ended; nil while it is not.
    public var ending: Ending?

    /// A way in which a condition ends.
    public enum Ending: String, Sendable {
        /// It went below its level.
        case below
        /// The interrupt is gone.
        case gone
        /// The machine was booted.
        case reboot
    }

    /// True if somebody who was told the last time must be told again.
    public var isChange: Bool { level != previousLevel }
}

/// The badness of a finding.
public enum AlertLevel: UInt8, Comparable, CaseIterable, Sendable {
    /// Nothing to report.
    case ok = 0
    /// Worth a look.
    case warning = 1
    /// The box suffers, or will soon.
    case critical = 2

    /// Orders by badness.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// The word of monitoring plugins: `OK`, `WARNING`, `CRITICAL`.
    public var name: String {
        switch self {
        case .ok: "OK"
        case .warning: "WARNING"
        case .critical: "CRITICAL"
        }
    }

    /// The next level down; `ok` stays.
    var lower: Self { Self(rawValue: rawValue > 0 ? rawValue - 1 : 0) ?? .ok }
}

/// The kind of trouble that a finding is about; irqscope-alert(1) explains each.
public enum Verdict: UInt8, CaseIterable, Sendable {
    /// An interrupt comes more often than the box can want.
    case storm = 1
    /// Interrupts that no handler claims.
    case unhandled = 2
    /// Softirqs do not keep up.
    case softirq = 3
    /// Interrupts are served on the wrong CPU.
    case placement = 4
    /// Rows that count errors move.
    case errors = 5
    /// The host takes the CPUs away from a guest.
    case steal = 6

    /// The word for scripts and rules.
    public var name: String {
        switch self {
        case .storm: "storm"
        case .unhandled: "unhandled"
        case .softirq: "softirq"
        case .placement: "placement"
        case .errors: "errors"
        case .steal: "steal"
        }
    }

    /// The verdict with a name.
    public init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}

/// One of several ways of a verdict.
public enum AlertAspect: UInt8, CaseIterable, Sendable {
    /// The verdict has one way only.
    case plain = 0
    /// placement: one CPU takes most of all interrupts of devices.
    case oneCPUOfAll = 1
    /// placement: one CPU takes the interrupts of several queues of a device.
    case oneCPUOfDevice = 2
    /// placement: served outside of the mask.
    case outsideMask = 3
    /// placement: served on a CPU that was to be left alone.
    case isolatedCPU = 4
    /// softirq: ksoftirqd takes much of a CPU.
    case ksoftirqd = 5
    /// softirq: packets were dropped before the stack saw them.
    case drops = 6
    /// softirq: the network softirq ran out of its time or budget.
    case squeezes = 7
    /// softirq: softirqs take most of a CPU outside of ksoftirqd.
    case softirqShare = 8

    /// The word for scripts.
    public var name: String {
        switch self {
        case .plain: "plain"
        case .oneCPUOfAll: "one_cpu_of_all"
        case .oneCPUOfDevice: "one_cpu_of_device"
        case .outsideMask: "outside_mask"
        case .isolatedCPU: "isolated_cpu"
        case .ksoftirqd: "ksoftirqd"
        case .drops: "drops"
        case .squeezes: "squeezes"
        case .softirqShare: "softirq_share"
        }
    }
}
