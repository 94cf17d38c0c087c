internal import ArgumentParser
internal import KernelSource
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
    var iterations: [String] = []

    @Option(
        name: [.customShort("d"), .long],
        help: ArgumentHelp("Seconds between samples, from 0.1 to 3600. (default: 1)", valueName: "seconds"))
    var delay: [String] = []

    @Option(help: ArgumentHelp("Order by \(sortKeys). (default: rate)", valueName: "key"))
    var sort: [String] = []

    @Flag(name: .shortAndLong, help: "Reverse the order.")
    var reverse = false

    @Flag(help: "Leave out rows without interrupts in the interval (text).")
    var hideIdle = false

    @Flag(help: "Do not measure handlers; without root nothing is measured.")
    var noTrace = false

    @OptionGroup var tracing: TracingOptions

    private static let sortKeys = TopState.SortKey.allCases.map(\.rawValue).joined(separator: ", ")

    func validate() throws { _ = try plan() }

    private func plan() throws -> TopPlan {
        var plan = TopPlan(roots: source.roots)
        plan.rows = try rows.values()
        plan.format = output.chosenFormat
        plan.style = output.style
        plan.intervalNanoseconds =
            try OptionParsing.last(of: delay, "-d <seconds>") { text in
                let range = TopState.shortestInterval...3_600_000_000_000
                guard let interval = TimeWindow.nanoseconds(text[...]), range.contains(interval) else {
                    throw ValidationError("seconds from 0.1 to 3600 are needed")
                }
                return interval
            } ?? 1_000_000_000
        plan.intervalCount = try OptionParsing.last(of: iterations, "-n <n>") { text in
            guard let count = Int(text), count > 0 else { throw ValidationError("a number from 1 on is needed") }
            return count
        }
        plan.start.sort = try OptionParsing.choice(of: sort, "--sort <key>", as: TopState.SortKey.self) ?? .rate
        plan.start.isReversed = reverse
        plan.isOrdered = !sort.isEmpty || reverse
        plan.start.hidesIdle = hideIdle
        plan.start.isTracing = !noTrace
        let events = try tracing.groups()
        if plan.roots.isLive {
            var trace = TracePlan()
            trace.events = events
            trace.irqs = plan.rows.irqs
            trace.cpus = plan.rows.cpus.map { Set($0.cpus) }
            plan.trace = trace
        }
        plan.tracingRoot = tracing.tracingRoot.last
        return plan
    }

    func run() throws {
        let plan = try plan()
        // Without a terminal on both sides there is nobody to press keys: what is left is the batch.
        let isDumb = StandardOutput.environment("TERM") == "dumb"
        if batch || plan.format != .text || isDumb || !StandardOutput.isTerminal || !StandardInput.isTerminal {
            var run = TopBatch(plan)
            try run.run()
        } else {
            var session = TopSession(plan)
            try session.run()
        }
    }
}
