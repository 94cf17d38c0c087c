internal import FilePlaces
internal import Glibc
internal import IRQCore

extension AlertCommand {
    /// The rules: those of the file, if there is one, then those of the options, which win.
    func rules() throws(CommandFailure) -> AlertRules {
        var rules = AlertRules()
        if let config { try Self.read(config, into: &rules) }
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

    /// Reads a rules file; a failure names line and column.
    private static func read(_ path: String, into rules: inout AlertRules) throws(CommandFailure) {
        let bytes: [UInt8]
        do throws(FilePlaceError) {
            bytes = try RegularBytes.read(path, limit: RulesFile.byteLimit)
        } catch {
            throw CommandFailure(["\(path): \(error.problem); name another --config"], status: ExitStatus.unknown)
        }
        do throws(RulesFileError) {
            // The span ends with the call.
            try unsafe RulesFile.read(bytes.span.bytes, into: &rules) { unsafe fnmatch($0, $1, 0) == 0 }
        } catch {
            throw CommandFailure(
                ["\(path):\(error.line):\(error.column): \(error.message)"], status: ExitStatus.unknown)
        }
    }
}
