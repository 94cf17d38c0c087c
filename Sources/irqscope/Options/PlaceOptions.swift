internal import ArgumentParser
internal import IRQCore
internal import Rendering
internal import TraceOutput

/// A kind of output that -o names the file of.
protocol OutputKind {
    /// The help of -o.
    static var help: String { get }
    /// The file, unless another one is named; nil for standard output.
    static var usual: String? { get }
    /// The rule for files that are there already.
    static func rule(isForced: Bool, inputs: [String]) -> ReplacementRule
}

/// The options on the file that is written: those that all commands share which write one.
struct PlaceOptions<Kind: OutputKind>: ParsableArguments {
    @Option(
        name: .shortAndLong, help: ArgumentHelp("\(Kind.help)", valueName: "file"), completion: .file(),
        transform: OutputPlace.path)
    var output: String?

    @Flag(help: "Replace the file of -o also where it is none of irqscope's.")
    var force = false

    /// The file, or - for standard output.
    var path: String { output ?? Kind.usual ?? "-" }

    /// True if the output goes to a file, a pipe or a device that is named.
    var isNamed: Bool { path != "-" }

    /// The place that the output goes to.
    var destination: RecordingOutput { isNamed ? .file(path) : .descriptor(1, name: "standard output") }

    /// The rule for what is there already.
    ///
    /// - Parameter inputs: the paths of what is read, which is never replaced.
    func rule(inputs: [String] = []) -> ReplacementRule { Kind.rule(isForced: force, inputs: inputs) }
}

/// The names of places that output goes to.
enum OutputPlace {
    /// Standard output by any of its names is -, so that nothing else is printed into it.
    @Sendable static func path(_ text: String) throws -> String {
        let path = try OptionValue.path(text)
        return ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(path) ? "-" : path
    }
}

/// A recording.
enum RecordingKind: OutputKind {
    static let help = "Where to; - is standard output. (default: trace.dat)"
    static let usual: String? = "trace.dat"
    static func rule(isForced: Bool, inputs: [String]) -> ReplacementRule { .recording(isForced: isForced) }
}

/// The results of `report`.
enum ReportKind: OutputKind {
    static let help = "The file to write; - is standard output. (default: -)"
    static let usual: String? = nil
    static func rule(isForced: Bool, inputs: [String]) -> ReplacementRule {
        ReplacementRule("report", isForced: isForced, inputs: inputs, isOfKind: ResultMark.isReport)
    }
}

/// The results of `diff`.
enum ComparisonKind: OutputKind {
    static let help = ReportKind.help
    static let usual: String? = nil
    static func rule(isForced: Bool, inputs: [String]) -> ReplacementRule {
        ReplacementRule("comparison", isForced: isForced, inputs: inputs, isOfKind: ResultMark.isComparison)
    }
}

/// The spans that `export` writes.
enum ExportKind: OutputKind {
    static let help = ReportKind.help
    static let usual: String? = nil
    static func rule(isForced: Bool, inputs: [String]) -> ReplacementRule {
        ReplacementRule("export", isForced: isForced, inputs: inputs) { begin in
            [SpanLines.csvTitle, SpanLines.jsonStart].contains { begin.starts(with: Array($0.utf8)) }
                || PerfettoWriter.isTimeline(begin)
        }
    }
}

/// A snapshot of a box.
enum SnapshotKind: OutputKind {
    static let help = "The archive; - is standard output. (default: irqscope-snapshot.tar.zst)"
    static let usual: String? = "irqscope-snapshot.tar.zst"
    static func rule(isForced: Bool, inputs: [String]) -> ReplacementRule { .snapshot(isForced: isForced) }
}
