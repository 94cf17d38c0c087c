/// Limits on durations that a recording is held against, such as `hardirq=25us,softirq=100us`.
///
/// Grammar: words with commas in between. A word is `SUBJECT=TIME`, or the name of a preset, which stands for several
/// of them; of two limits on the same subject the later one counts.
public struct Budget: Sendable, Equatable {
    /// The durations that a limit can be on.
    public enum Subject: String, CaseIterable, Sendable {
        /// The run of a hardirq handler.
        case hardirq
        /// The run of a softirq, with what interrupted it.
        case softirq
        /// The run of a tasklet.
        case tasklet
        /// The run of an x86 vector.
        case vector
        /// The execution of a work item.
        case work
        /// The time from the first raise of a softirq to its entry.
        case raise
        /// The time from the queueing of a work item to its start.
        case queue
        /// The time from the wake-up of an interrupt's thread to its running.
        case thread
        /// The time from a wake-up by an interrupt to the task's running.
        case wake
    }

    /// A set of limits that somebody has published.
    public struct Preset: Sendable {
        /// The preset's name.
        public let name: String
        /// The limits in nanoseconds.
        public let limits: [Subject: UInt64]
        /// The place where the numbers are from, and how far they can be relied on.
        public let source: String
    }

    /// A limit on one subject.
    public struct Limit: Sendable, Equatable {
        /// The durations that it is on.
        public let subject: Subject
        /// The longest that is allowed.
        public let nanoseconds: UInt64
        /// The name of the preset that it is from; nil if the user gave it.
        public let preset: String?
    }

    /// The presets.
    public static let presets: [Preset] = [
        Preset(
            name: "seed", limits: [.hardirq: 1_000, .softirq: 10_000],
            source: "rules of thumb from teaching; the kernel publishes no such numbers"),
        Preset(
            name: "windows", limits: [.hardirq: 25_000, .softirq: 100_000],
            source: "Microsoft, \"Measuring DPC/ISR Time\": an ISR 25 us, a DPC 100 us; softirqs stand for DPCs"),
        Preset(
            name: "rt", limits: [.hardirq: 10_000, .thread: 20_000],
            source: "a handler that only wakes its thread, and the 20 us threshold of Red Hat's OpenShift latency "
                + "tests; not verified as a norm"),
        Preset(
            name: "softirq-limit", limits: [.softirq: 2_000_000],
            source: "Linux, kernel/softirq.c, MAX_SOFTIRQ_TIME: after 2 ms a round of softirqs is left to ksoftirqd"),
    ]

    /// The limits, in the order of `Subject`.
    public let limits: [Limit]

    /// Reads a budget.
    public init(_ text: String) throws(FailCondition.ParseError) {
        var found: [Subject: Limit] = [:]
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            func subject(_ part: Substring) -> String { part == text ? "it" : "'\(part)'" }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 1 {
                guard let preset = Self.presets.first(where: { $0.name == word }) else {
                    throw FailCondition.ParseError(message: Self.hint("\(subject(word)) is no preset"))
                }
                for (kind, time) in preset.limits {
                    found[kind] = Limit(subject: kind, nanoseconds: time, preset: preset.name)
                }
                continue
            }
            guard let kind = Subject(rawValue: String(parts[0])) else {
                throw FailCondition.ParseError(message: Self.hint("'\(parts[0])' has no budget"))
            }
            guard parts[1].last.map({ !$0.isNumber }) ?? false, let time = Amount.nanoseconds(String(parts[1])),
                time > 0
            else {
                throw FailCondition.ParseError(
                    message: "'\(parts[1])' is no time for \(kind.rawValue): a number with ns, us, ms or s is needed")
            }
            found[kind] = Limit(subject: kind, nanoseconds: time, preset: nil)
        }
        limits = Subject.allCases.compactMap { found[$0] }
    }

    private static func hint(_ problem: String) -> String {
        problem + ": write SUBJECT=TIME, of " + Subject.allCases.map(\.rawValue).joined(separator: ", ")
            + ", or one of " + presets.map(\.name).joined(separator: ", ")
    }

    /// The limit on a subject in nanoseconds; nil if there is none.
    public subscript(subject: Subject) -> UInt64? { limits.first { $0.subject == subject }?.nanoseconds }

    /// The presets that limits are from, in the order of the limits, each once.
    public var presetsUsed: [Preset] {
        let names = Set(limits.compactMap(\.preset))
        return Self.presets.filter { names.contains($0.name) }
    }
}

extension Budget.Subject {
    /// The kind of row and the statistic of it that the subject is; nil for those of the deep analysis.
    public var row: (kind: RowKind, measure: Measure)? {
        switch self {
        case .hardirq: (.irq, .duration)
        case .softirq: (.softirq, .duration)
        case .tasklet: (.tasklet, .duration)
        case .vector: (.vector, .duration)
        case .work: (.work, .duration)
        case .raise: (.softirq, .raiseLatency)
        case .queue: (.work, .queueLatency)
        case .thread, .wake: nil
        }
    }
}
