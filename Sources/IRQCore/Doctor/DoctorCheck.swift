/// All that a check says of itself: for `doctor --explain`, the manual page, and the findings' sources.
public struct CheckText: Sendable {
    /// Its name, in lower case with hyphens.
    public let name: String
    /// The trouble that it finds, as half a sentence.
    public let title: String
    /// The meaning, for whoever has never heard of it.
    public let meaning: String
    /// The files and fields that it reads.
    public let reads: [String]
    /// The rule, with its limits.
    public let rule: String
    /// The cases that are no finding; "" if the rule leaves nothing out.
    public let exceptions: String
    /// The things that must be known to believe it.
    public let trust: String
    /// The places that the rule is from: kernel sources, reports of others.
    public let origin: String

    /// Creates a text.
    public init(
        _ name: String, title: String, meaning: String, reads: [String], rule: String, exceptions: String = "",
        trust: String, origin: String = ""
    ) {
        (self.name, self.title, self.meaning, self.reads) = (name, title, meaning, reads)
        (self.rule, self.exceptions, self.trust, self.origin) = (rule, exceptions, trust, origin)
    }
}

extension CheckText {
    /// True if it goes by the lines of /proc/interrupts, whose files are below proc/irq.
    var readsLines: Bool { reads.contains { $0.hasPrefix("proc/interrupts") || $0.hasPrefix("proc/irq/") } }
}

/// One check of `doctor`, in a file of its own: what it reads, its rule with its limits, and what it says.
public protocol DoctorCheck: SendableMetatype {
    /// The words about it.
    static var about: CheckText { get }
    /// The files whose first sample it needs, beside those of `ExaminationFiles.always`; `*` stands for any name in a directory.
    static var sampled: [String] { get }
    /// The checks whose findings are the cause of its own, where they are about the same line, CPU or device; the most
    /// likely first.
    static var causes: [String] { get }
    /// The checks whose findings say the same and more, where they are about the same line or device: its own are left out then.
    static var hiddenBy: [String] { get }
    /// True if it finds facts that the next step may need, on boxes where all is well, too: text tells these by name only, unless
    /// there is something else to tell.
    static var isBackground: Bool { get }
    /// True if it goes by the CPUs to which interrupts came: where a table does not name them it cannot judge all.
    static var needsCPUs: Bool { get }
    /// Judges a box.
    ///
    /// - Parameter findings: gets what is found; what was put in stays there when an error is thrown.
    /// - Throws: `Unjudged` where something could not be judged.
    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged)
}

extension DoctorCheck {
    /// The files whose first sample it needs: none.
    public static var sampled: [String] { [] }
    /// The checks whose findings cause its own: none.
    public static var causes: [String] { [] }
    /// The checks whose findings stand for its own: none.
    public static var hiddenBy: [String] { [] }
    /// True for facts of boxes where all is well: it is none.
    public static var isBackground: Bool { false }
    /// True if it goes by the CPUs to which interrupts came: it does not.
    public static var needsCPUs: Bool { false }
}

/// The checks of `doctor`, in the order in which the manual has them. Each group is listed beside its files.
public enum DoctorChecks {
    /// All of them.
    public static let all: [any DoctorCheck.Type] =
        rates + unclaimed + placement + movers + nodes + network + disks + threads + isolation + firmware

    /// The check with a name; nil if there is none.
    public static func named(_ name: String) -> (any DoctorCheck.Type)? { all.first { $0.about.name == name } }

    /// The files whose first sample is needed by any of them.
    public static var sampled: [String] { Array(Set(all.flatMap { $0.sampled })).sorted() }
}
