internal import ArgumentParser
internal import FilePlaces
internal import Glibc
internal import IRQCore
internal import KernelSource
internal import Rendering

/// The task of a run of `alert`: the options as values.
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
    /// The place of tracefs; nil to find it.
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

    /// Takes the options; throws a `ValidationError` at the first that does not fit.
    init(_ command: AlertCommand) throws {
        if let format = command.format, command.json, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other: give one")
        }
        format = command.json ? .json : command.format ?? .text
        (warn, crit, duration, leave) = (command.warnRate, command.critRate, command.duration, command.leave)
        intervalNanoseconds = command.interval
        exec = (command.exec ?? []).map(String.init)
        if intervalNanoseconds != nil, command.state != nil {
            throw ValidationError("--interval keeps no state: leave out --state")
        }
        if command.checkConfig, command.config == nil { throw ValidationError("--check-config needs --config FILE") }
        if let warn, let crit, crit < warn { throw ValidationError("--crit-rate is below --warn-rate") }
        usesBaseline = command.baseline
        traces = command.trace
        tracingRoot = command.tracingRoot
        roots = command.source.roots
        outputPath = command.output
        (isQuiet, isAlways, changesOnly) = (command.quiet, command.always, command.changes)
        statePath = command.state
        configPath = command.config
        onlyChecks = command.checkConfig
        style = command.color.style
        applyOptions()
    }

    /// Reads the rules file, if there is one; throws a `CommandFailure` that names line and column.
    mutating func readConfig() throws {
        guard let configPath else { return }
        let bytes: [UInt8]
        do throws(FilePlaceError) {
            bytes = try RegularBytes.read(configPath, limit: RulesFile.byteLimit)
        } catch {
            throw CommandFailure(["\(configPath): \(error.problem); name another --config"], status: ExitStatus.unknown)
        }
        var rules = AlertRules()
        do throws(RulesFileError) {
            // The span ends with the call.
            try unsafe RulesFile.read(bytes.span.bytes, into: &rules) { unsafe fnmatch($0, $1, 0) == 0 }
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
