internal import FilePlaces
internal import Glibc
internal import IRQCore

extension AlertCommand {
    /// The rules: those of the file, if there is one, then those of the options, which win.
    func rules() throws(CommandFailure) -> AlertRules {
        var rules = AlertRules()
        if let config { try Self.read(config, into: &rules, mistakeLimit: checkConfig ? Self.mistakeLimit : 1) }
        if let warnRate { (rules.rates.warn, rules.hasOwnRates) = (warnRate, true) }
        if let critRate { (rules.rates.crit, rules.hasOwnRates) = (critRate, true) }
        // One of the two alone must not turn them around.
        if rules.rates.crit < rules.rates.warn {
            if critRate == nil { rules.rates.crit = rules.rates.warn } else { rules.rates.warn = rules.rates.crit }
        }
        if let duration { rules.forNanoseconds = duration }
        if let leave { rules.leaveShare = leave }
        if !baseline { rules.usesBaseline = false }
        return rules
    }

    /// The mistakes that --check-config tells at the most.
    private static let mistakeLimit = 10

    /// Reads a rules file; a failure names line and column of each mistake.
    private static func read(
        _ path: String, into rules: inout AlertRules, mistakeLimit: Int
    ) throws(CommandFailure) {
        let bytes: [UInt8]
        do throws(FilePlaceError) {
            bytes = try RegularBytes.read(path, limit: RulesFile.byteLimit)
        } catch {
            throw CommandFailure(["\(path): \(error.problem); name another --config"], status: ExitStatus.unknown)
        }
        // The span ends with the call.
        let mistakes = unsafe RulesFile.mistakes(bytes.span.bytes, into: &rules, limit: mistakeLimit) {
            unsafe fnmatch($0, $1, 0) == 0
        }
        guard mistakes.isEmpty else {
            throw CommandFailure(
                mistakes.map { "\(path):\($0.line):\($0.column): \($0.message)" }
                    + (mistakes.count >= Self.mistakeLimit ? ["\(path): what follows was not looked at"] : []),
                status: ExitStatus.unknown)
        }
    }
}
