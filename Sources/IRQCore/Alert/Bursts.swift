extension BoxInterval {
    /// Takes in a part of a sample that was taken after the interval: storms in it that vanish in the interval's mean.
    ///
    /// A part counts from the warning level on: below it a fraction of a second tells nothing. What is known of the lines is
    /// that of the interval; what followed them in either counts as work.
    ///
    /// - Parameter part: the facts of the part; names that were looked up for it stay.
    public mutating func addBurst(_ part: BoxInterval, _ memory: AlertMemory, _ rules: AlertRules) {
        guard part.intervalNanoseconds != nil else { return }
        var part = part
        var known: [UInt64: Int] = [:]
        for index in lines.indices where lines[index].irq != nil { known[lines[index].key] = index }
        for index in part.lines.indices {
            guard let place = known[part.lines[index].key], lines[place].details != nil else { continue }
            part.lines[index].details = lines[place].details
            part.lines[index].parts = lines[place].parts
            part.lines[index].threads = lines[place].threads
        }
        let run = CheckRun(memory: memory, seen: part, rules: rules)
        let whole = WorkTable(self)
        for line in part.lines where line.irq != nil && line.isKnown {
            let levels = run.levels(line)
            guard line.busiestPerSecond >= levels.rates.warn, !levels.ignored.contains(.storm),
                var found = StormCheck.measure(line, levels, run), found.value >= found.warn
            else { continue }
            let isLow = levels.isOwn || rules.hasOwnRates && levels.rates.warn < AlertRules().rates.warn
            if !isLow, let place = known[line.key], whole.of(lines[place])?.verdict == .follows { continue }
            // A fifth of a second of a device whose work nobody counts, such as a graphics card, is no evidence of trouble.
            let isClaimed = (found.evidence.unhandledShare ?? 0) < StormCheck.unhandledShare
            if !isLow, line.role == .unseen, isClaimed, found.value < found.crit { continue }
            if let worst = bursts[found.key], worst.value >= found.value { continue }
            found.start = part.start
            found.evidence.burstNanoseconds = part.intervalNanoseconds
            // The history is one of whole intervals.
            found.evidence.isAgainstHistory = false
            bursts[found.key] = found
        }
    }

    /// The rows of a part that are fast enough for a burst, and whose devices were not looked for in the interval.
    public func unnamedRows(of part: BoxInterval, _ rules: AlertRules) -> Set<Int> {
        var named: Set<UInt64> = []
        for line in lines where line.isNamed { named.insert(line.key) }
        let least = rules.closePerSecond
        return Set(
            part.lines.filter { $0.irq != nil && $0.busiestPerSecond >= least && !named.contains($0.key) }.map(\.row))
    }
}
