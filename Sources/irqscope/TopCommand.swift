internal import ArgumentParser
internal import Rendering

/// `irqscope top`: rates, live.
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Shows which interrupts and softirqs fire how fast, on which CPUs, and which look wrong.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var source: SourceOptions
    @OptionGroup var rows: RowOptions

    @Flag(name: .shortAndLong, help: "Write text for files and pipes, one interval after the other.")
    var batch = false

    @Option(
        name: [.customShort("n"), .long], help: ArgumentHelp("Stop after so many intervals.", valueName: "n"))
    var iterations: Int?

    @Option(
        name: [.customShort("d"), .long],
        help: ArgumentHelp("Seconds between samples, from 0.1 to 3600. (default: 1)", valueName: "seconds"))
    var delay: String?

    @Option(help: ArgumentHelp("Order by \(sortKeys). (default: rate)", valueName: "key"))
    var sort: String?

    @Flag(name: .shortAndLong, help: "Reverse the order.")
    var reverse = false

    @Flag(help: "Leave out rows without interrupts in the interval (text).")
    var hideIdle = false

    private static let sortKeys = TopState.SortKey.allCases.map(\.rawValue).joined(separator: ", ")

    func validate() throws {
        if let iterations, iterations < 1 { throw ValidationError("-n takes a number from 1 on, not \(iterations)") }
        _ = try intervalNanoseconds()
        _ = try sortKey()
    }

    private func intervalNanoseconds() throws -> UInt64 {
        guard let delay else { return 1_000_000_000 }
        guard let nanoseconds = TimeWindow.nanoseconds(delay[...]),
            (TopState.shortestInterval...3_600_000_000_000).contains(nanoseconds)
        else { throw ValidationError("-d takes seconds from 0.1 to 3600, not '\(delay)'") }
        return nanoseconds
    }

    private func sortKey() throws -> TopState.SortKey {
        guard let sort else { return .rate }
        guard let key = TopState.SortKey(rawValue: sort) else {
            throw ValidationError("--sort takes \(Self.sortKeys), not '\(sort)'")
        }
        return key
    }

    func run() throws {
        var plan = TopPlan(roots: source.roots)
        plan.rows = try rows.values()
        plan.format = output.chosenFormat
        plan.style = output.style
        plan.intervalNanoseconds = try intervalNanoseconds()
        plan.intervalCount = iterations
        plan.start.sort = try sortKey()
        plan.start.isReversed = reverse
        plan.isOrdered = sort != nil || reverse
        plan.start.hidesIdle = hideIdle
        // Without a terminal on both sides there is nobody to press keys: what is left is the batch.
        if batch || plan.format != .text || !StandardOutput.isTerminal || !StandardInput.isTerminal {
            var run = TopBatch(plan)
            try run.run()
        } else {
            var session = TopSession(plan)
            try session.run()
        }
    }
}
