internal import ArgumentParser
internal import Glibc
internal import IRQCore
internal import KernelSource

/// `irqscope alert`: one look for cron and monitoring.
struct AlertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alert",
        abstract: "Says when interrupts storm, get lost or land on the wrong CPU; silent while all is well.")

    @Option(
        help: ArgumentHelp(
            "How to write findings. (default: text)", valueName: "format"))
    var format: AlertFormat?

    @Flag(name: [.customShort("J"), .long], help: "The same as --format json.")
    var json = false

    @Option(
        help: ArgumentHelp("Write Prometheus metrics to this file, whole at any time.", valueName: "file"),
        completion: .file(), transform: OptionValue.path)
    var output: String?

    @Flag(name: .shortAndLong, help: "Print nothing but problems: the exit status tells.")
    var quiet = false

    @Flag(help: "Say OK too (text).")
    var always = false

    @Flag(help: "Only tell what has changed since the last run (text).")
    var changes = false

    @OptionGroup var color: ColorOptions

    @Option(
        help: ArgumentHelp("Run this program for each change of level.", valueName: "command"),
        completion: .file(), transform: AlertCommand.words)
    var exec: Words?

    @Option(
        help: ArgumentHelp("A storm's warning level, per CPU and second. (default: 20k)", valueName: "rate"),
        transform: OptionValue.rate)
    var warnRate: Double?

    @Option(
        help: ArgumentHelp("A storm's critical level, per CPU and second. (default: 100k)", valueName: "rate"),
        transform: OptionValue.rate)
    var critRate: Double?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("How long it must last to begin or to end. (default: 0s)", valueName: "time"),
        transform: OptionValue.lasting)
    var duration: UInt64?

    @Option(
        help: ArgumentHelp("An alert ends below this share of its level. (default: 70%)", valueName: "share"),
        transform: OptionValue.share)
    var leave: Double?

    @Flag(inversion: .prefixedNo, help: "Compare each interrupt with its own history.")
    var baseline = true

    @Flag(inversion: .prefixedNo, help: "Look at a storm through tracefs for a second (as root).")
    var trace = true

    @Option(
        help: ArgumentHelp("Rules for single interrupts, maintenance, …", valueName: "file"),
        completion: .file(), transform: OptionValue.path)
    var config: String?

    @Flag(help: "Check the rules and do nothing else.")
    var checkConfig = false

    @Option(
        help: ArgumentHelp(
            "Where to keep counters between runs. (default: /var/lib/irqscope/alert.state)", valueName: "file"),
        completion: .file(), transform: OptionValue.path)
    var state: String?

    @Option(
        help: ArgumentHelp("Sample twice, so far apart, and keep no state.", valueName: "time"),
        transform: AlertCommand.interval)
    var interval: UInt64?

    @Option(
        help: ArgumentHelp(
            "Also sample so long, in ten parts, for bursts that vanish in the mean since the last run.",
            valueName: "time"),
        transform: AlertCommand.sample)
    var sample: UInt64?

    @OptionGroup var source: SourceOptions

    @Option(
        help: ArgumentHelp("Where tracefs is. (default: found, and mounted if need be)", valueName: "dir"),
        completion: .directory, transform: OptionValue.path)
    var tracingRoot: String?

    /// A program and its first arguments.
    typealias Words = [Substring]

    @Sendable private static func words(_ text: String) throws -> Words {
        let words = text.split(separator: " ")
        return try OptionValue.known(words.isEmpty ? nil : words, "it is empty: name a program")
    }

    @Sendable private static func interval(_ text: String) throws -> UInt64 {
        let range: ClosedRange<UInt64> = 100_000_000...3_600_000_000_000
        let time = Amount.nanoseconds(text).flatMap { range.contains($0) ? $0 : nil }
        return try OptionValue.known(time, "a time from 100ms to 1h is needed")
    }

    @Sendable private static func sample(_ text: String) throws -> UInt64 {
        let range: ClosedRange<UInt64> = 500_000_000...30_000_000_000
        let time = Amount.nanoseconds(text).flatMap { $0 == 0 || range.contains($0) ? $0 : nil }
        return try OptionValue.known(time, "a time from 500ms to 30s is needed, or 0s for none")
    }

    func validate() throws {
        if let format, json, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other: give one")
        }
        if interval != nil, state != nil { throw ValidationError("--interval keeps no state: leave out --state") }
        if checkConfig, config == nil { throw ValidationError("--check-config needs --config FILE") }
        if let warnRate, let critRate, critRate < warnRate { throw ValidationError("--crit-rate is below --warn-rate") }
    }

    /// The form asked for.
    var chosenFormat: AlertFormat { json ? .json : format ?? .text }

    func run() throws {
        let rules = try rules()
        if checkConfig {
            if !quiet { StandardOutput.write(Array("the rules are in order\n".utf8)) }
            return
        }
        source.sayAbsent()
        if trace, source.roots.isLive { TracingOptions.sayAbsent(tracingRoot, "storms are not looked at") }
        var run = AlertRun(self, rules)
        let status = run.run()
        if status != ExitStatus.done { throw CommandFailure([], status: status) }
    }
}

/// A form of findings.
enum AlertFormat: String, CaseIterable, ExpressibleByArgument {
    case text, nagios, json, prometheus
}
