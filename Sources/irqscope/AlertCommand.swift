internal import ArgumentParser
internal import Glibc
internal import IRQCore
internal import KernelSource

/// `irqscope alert`: one look for cron and monitoring. See `OptionParsing` for the types of its options.
struct AlertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alert",
        abstract: "Says when interrupts storm, get lost or land on the wrong CPU; silent while all is well.")

    @Option(
        help: ArgumentHelp(
            "How to write findings. (default: text) (values: text, nagios, json, prometheus)", valueName: "format"),
        completion: .list(AlertFormat.allCases.map(\.rawValue)))
    var format: [String] = []

    @Flag(name: [.customShort("J"), .long], help: "The same as --format json.")
    var json = false

    @Option(
        help: ArgumentHelp("Write Prometheus metrics to this file, whole at any time.", valueName: "file"))
    var output: [String] = []

    @Flag(name: .shortAndLong, help: "Print nothing but problems: the exit status tells.")
    var quiet = false

    @Flag(help: "Say OK too (text).")
    var always = false

    @Flag(help: "Only tell what has changed since the last run (text).")
    var changes = false

    @OptionGroup var color: ColorOptions

    @Option(help: ArgumentHelp("Run this program for each change of level.", valueName: "command"))
    var exec: [String] = []

    @Option(
        help: ArgumentHelp("A storm's warning level, per CPU and second. (default: 20k)", valueName: "rate"))
    var warnRate: [String] = []

    @Option(
        help: ArgumentHelp("A storm's critical level, per CPU and second. (default: 100k)", valueName: "rate"))
    var critRate: [String] = []

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("How long it must last to begin or to end. (default: 0s)", valueName: "time"))
    var duration: [String] = []

    @Option(
        help: ArgumentHelp("An alert ends below this share of its level. (default: 70%)", valueName: "share"))
    var leave: [String] = []

    @Flag(inversion: .prefixedNo, help: "Compare each interrupt with its own history.")
    var baseline = true

    @Flag(inversion: .prefixedNo, help: "Look at a storm through tracefs for a second (as root).")
    var trace = true

    @Option(help: ArgumentHelp("Rules for single interrupts, maintenance, …", valueName: "file"))
    var config: [String] = []

    @Flag(help: "Check the rules and do nothing else.")
    var checkConfig = false

    @Option(
        help: ArgumentHelp(
            "Where to keep counters between runs. (default: /var/lib/irqscope/alert.state)", valueName: "file"))
    var state: [String] = []

    @Option(
        help: ArgumentHelp("Sample twice, so far apart, and keep no state.", valueName: "time"))
    var interval: [String] = []

    @OptionGroup var source: SourceOptions

    @Option(help: ArgumentHelp("Where tracefs is. (default: found, and mounted if need be)", valueName: "dir"))
    var tracingRoot: [String] = []

    func validate() throws { _ = try AlertPlan(self) }

    func run() throws {
        var plan = try AlertPlan(self)
        try plan.readConfig()
        if plan.onlyChecks {
            if !quiet { StandardOutput.write(Array("the rules are in order\n".utf8)) }
            return
        }
        var run = AlertRun(plan)
        let status = run.run()
        if status != ExitStatus.done { throw CommandFailure([], status: status) }
    }
}

/// How findings are written.
enum AlertFormat: String, CaseIterable {
    case text, nagios, json, prometheus
}
