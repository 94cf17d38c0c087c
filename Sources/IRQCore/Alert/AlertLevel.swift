/// How bad a finding is.
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

/// What kind of trouble a finding is about; irqscope-alert(1) explains each.
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

    /// The word for scripts and rules.
    public var name: String {
        switch self {
        case .storm: "storm"
        case .unhandled: "unhandled"
        case .softirq: "softirq"
        case .placement: "placement"
        case .errors: "errors"
        }
    }

    /// The verdict with a name.
    public init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}

/// Which of several ways of one verdict a finding is about.
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
        }
    }
}
