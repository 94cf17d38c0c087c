internal import ArgumentParser
internal import IRQCore
internal import KernelSource
internal import Rendering

/// What a run of `alert` is to do: the options as values.
struct AlertPlan {
    let roots: KernelRoots
    let format: AlertFormat
    let outputPath: String?
    let isQuiet: Bool
    let isAlways: Bool
    let changesOnly: Bool
    let style: Style
    /// The words of `--exec`; empty for none.
    let exec: [String]
    let statePath: String?
    /// nil: keep state.
    let intervalNanoseconds: UInt64?
    let traces: Bool
    /// Where tracefs is; nil to find it.
    let tracingRoot: String?
    let configPath: String?
    let onlyChecks: Bool
    /// The rules: the file's, then the options', which win.
    var rules = AlertRules()

    private let warn: Double?
    private let crit: Double?
    private let duration: UInt64?
    private let leave: Double?
    private let usesBaseline: Bool

    /// Reads the options' texts; throws a `ValidationError` at the first that is wrong.
    init(_ command: AlertCommand) throws {
        let format = try OptionParsing.choice(of: command.format, "--format <format>", as: AlertFormat.self)
        if let format, command.json, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other: give one")
        }
        self.format = command.json ? .json : format ?? .text
        let rate = { (text: String) -> Double? in AlertUnits.rate(text) }
        warn = try OptionParsing.last(of: command.warnRate, "--warn-rate <rate>", rate)
        crit = try OptionParsing.last(of: command.critRate, "--crit-rate <rate>", rate)
        duration = try OptionParsing.last(of: command.duration, "--for <time>") { AlertUnits.duration($0) }
        leave = try OptionParsing.last(of: command.leave, "--leave <share>") { AlertUnits.share($0) }
        intervalNanoseconds = try OptionParsing.last(of: command.interval, "--interval <time>") { text in
            guard let time = AlertUnits.duration(text), (100_000_000...3_600_000_000_000).contains(time) else {
                throw ValidationError("a time from 100ms to 1h is needed")
            }
            return time
        }
        exec =
            try OptionParsing.last(of: command.exec, "--exec <command>") { text in
                let words = text.split(separator: " ").map(String.init)
                if words.isEmpty { throw ValidationError("it is empty: name a program") }
                return words
            } ?? []
        if intervalNanoseconds != nil, !command.state.isEmpty {
            throw ValidationError("--interval keeps no state: leave out --state")
        }
        for path in command.state + command.output + command.config where path.isEmpty {
            throw ValidationError("a file's name is empty")
        }
        if command.checkConfig, command.config.isEmpty { throw ValidationError("--check-config needs --config FILE") }
        if let warn, let crit, crit < warn { throw ValidationError("--crit-rate is below --warn-rate") }
        usesBaseline = command.baseline
        traces = command.trace
        tracingRoot = command.tracingRoot.last
        roots = command.source.roots
        outputPath = command.output.last
        (isQuiet, isAlways, changesOnly) = (command.quiet, command.always, command.changes)
        statePath = command.state.last
        configPath = command.config.last
        onlyChecks = command.checkConfig
        style = command.color.style
        applyOptions()
    }

    /// Reads the rules file, if there is one; throws a `CommandFailure` that names line and column.
    mutating func readConfig() throws {
        guard let configPath else { return }
        let bytes: [UInt8]
        do throws(FileProblem) {
            bytes = try RegularBytes.read(configPath, limit: RulesFile.byteLimit)
        } catch {
            throw CommandFailure(["\(configPath): \(error.words); name another --config"], status: ExitStatus.unknown)
        }
        var rules = AlertRules()
        do throws(RulesFileError) {
            // The span ends with the call.
            try unsafe RulesFile.read(bytes.span.bytes, into: &rules)
        } catch {
            throw CommandFailure(
                ["\(configPath):\(error.line):\(error.column): \(error.message)"], status: ExitStatus.unknown)
        }
        self.rules = rules
        applyOptions()
    }

    private mutating func applyOptions() {
        if let warn { (rules.rates.warn, rules.hasOwnRates) = (warn, true) }
        if let crit { (rules.rates.crit, rules.hasOwnRates) = (crit, true) }
        // One of the two alone must not turn them around.
        if rules.rates.crit < rules.rates.warn {
            if crit == nil { rules.rates.crit = rules.rates.warn } else { rules.rates.warn = rules.rates.crit }
        }
        if let duration { rules.forNanoseconds = duration }
        if let leave { rules.leaveShare = leave }
        if !usesBaseline { rules.usesBaseline = false }
    }
}
