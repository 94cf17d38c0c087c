/// The weight of a finding of `doctor`.
public enum DoctorSeverity: String, Comparable, CaseIterable, Sendable {
    /// Could matter, or a fact that the next step needs.
    case note
    /// Measured harm, or what is against the box's own settings.
    case warn
    /// Work or a device is lost now.
    case crit

    /// Orders by weight.
    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// The severity of a level of `alert`; nil where all is well.
    init?(_ level: AlertLevel) {
        switch level {
        case .ok: return nil
        case .warning: self = .warn
        case .critical: self = .crit
        }
    }
}

/// The answer of a check that found something. All texts may hold names of devices and programs: they are untrusted.
public struct DoctorFinding: Sendable {
    /// The check's name, `storm-line`; set by `DoctorRun`.
    public internal(set) var check = ""
    /// The weight of it.
    public var severity: DoctorSeverity
    /// The thing that it is about: `irq 16`, `ens192`, `CPU 0`.
    public var subject: String
    /// The facts, with numbers, in one line.
    public var evidence: String
    /// The reason why that matters, or how it comes about; "" if the evidence says it.
    public var why: String
    /// Commands that run on this box as they stand; a line that begins with `#` is no command but says what else there is to do.
    public var next: [String]
    /// The command that takes `next` back; nil if there is none.
    public var undo: String?
    /// The reasons to believe it, or not; the check's own, unless the finding has a better one.
    public var trust = ""
    /// The files that tell of it.
    public var sources: [String] = []
    /// True if it goes by a rate: with one sample that is the mean since boot, which proves little.
    public var isRate = false
    /// The interrupts that it is about.
    public var lines: Set<Int> = []
    /// The CPUs that it is about.
    public var cpus = CPUSet()
    /// The device or interface that it is about; nil if none.
    public var device: String?
    /// The order among findings of a check: the highest first. A rate, mostly.
    public var weight = 0.0
    /// The things that are hidden, and words of the reasons of checks that are unknown for each; what no check is unknown for is
    /// left out.
    var hidden: [(words: String, marks: [String])]?
    /// True if it is a fact of a box where all may be well (`DoctorCheck.isBackground`). Set by `DoctorRun`.
    public internal(set) var isBackground = false
    /// The check whose finding is the cause of this one; nil if this one stands by itself. Set by `DoctorRun`.
    public internal(set) var cause: String?

    /// Creates a finding.
    public init(
        _ severity: DoctorSeverity, _ subject: String, _ evidence: String, why: String = "", next: [String] = []
    ) {
        (self.severity, self.subject, self.evidence, self.why, self.next) = (severity, subject, evidence, why, next)
    }

    /// True if both are about the same line, CPU or device, or one of them is about the whole box.
    func overlaps(_ other: DoctorFinding) -> Bool {
        if let device, device == other.device { return true }
        if !lines.isDisjoint(with: other.lines) || !cpus.isDisjoint(with: other.cpus) { return true }
        return isAboutBox || other.isAboutBox
    }

    /// True if another finding is about the same lines or device: a CPU that both are about is not enough where lines are known.
    func tells(_ other: DoctorFinding) -> Bool {
        if let device, device == other.device { return true }
        if lines.isEmpty || other.lines.isEmpty { return overlaps(other) }
        return !lines.isDisjoint(with: other.lines)
    }

    private var isAboutBox: Bool { lines.isEmpty && cpus.isEmpty && device == nil }
}

/// A reason why a check could not judge.
public struct Unjudged: Error, Sendable {
    /// The reason, such as `proc/net/softnet_stat is not there`.
    public let reason: String

    /// Creates a reason.
    public init(_ reason: String) { self.reason = reason }
}
