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
        name: [.customShort("n"), .long], help: ArgumentHelp("Stop after so many intervals.", valueName: "n"),
        transform: TopCommand.count)
    var iterations: Int?

    @Option(
        name: [.customShort("d"), .long],
        help: ArgumentHelp("Seconds between samples, from 0.1 to 3600. (default: 1)", valueName: "seconds"),
        transform: TopCommand.interval)
    var delay: UInt64?

    @Option(
        help: ArgumentHelp("Order by \(sortKeys). (default: rate)", valueName: "key"),
        completion: .list(TopState.SortKey.interrupts.map(\.rawValue)), transform: TopCommand.sortKey)
    var sort: TopState.SortKey?

    @Flag(name: .shortAndLong, help: "Reverse the order.")
    var reverse = false

    @Flag(help: "Leave out rows without interrupts in the interval (text).")
    var hideIdle = false

    @Flag(help: "Do not measure handlers; without root nothing is measured.")
    var noTrace = false

    @OptionGroup var tracing: TracingOptions
    @OptionGroup var deep: DeepOptions

    private static let sortKeys = TopState.SortKey.interrupts.map(\.rawValue).joined(separator: ", ")

    @Sendable private static func sortKey(_ text: String) throws -> TopState.SortKey {
        let key = TopState.SortKey.interrupts.first { $0.rawValue == text }
        return try OptionValue.known(key, "it is none of \(sortKeys)")
    }

    @Sendable private static func count(_ text: String) throws -> Int {
        try OptionValue.known(Int(text).flatMap { $0 > 0 ? $0 : nil }, "a number from 1 on is needed")
    }

    @Sendable private static func interval(_ text: String) throws -> UInt64 {
        let range = TopState.shortestInterval...3_600_000_000_000
        let interval = TimeWindow.nanoseconds(text[...]).flatMap { range.contains($0) ? $0 : nil }
        return try OptionValue.known(interval, "seconds from 0.1 to 3600 are needed")
    }

    private var plan: TopPlan {
        var plan = TopPlan(roots: source.roots)
        plan.rows = rows.values
        plan.format = output.chosenFormat
        plan.style = output.style
        plan.intervalNanoseconds = delay ?? 1_000_000_000
        plan.intervalCount = iterations
        plan.start.sort = sort ?? .rate
        plan.start.isReversed = reverse
        plan.isOrdered = sort != nil || reverse
        plan.start.hidesIdle = hideIdle
        plan.start.isTracing = !noTrace
        plan.start.isDeep = deep.deep || deep.threads != nil
        plan.tasks = deep.threads ?? .all
        if plan.roots.isLive {
            var trace = TracePlan()
            trace.events = tracing.groups
            trace.irqs = plan.rows.irqs
            trace.cpus = plan.rows.cpus.map { Set($0.cpus) }
            plan.trace = trace
        }
        plan.tracingRoot = tracing.tracingRoot
        return plan
    }

    func run() throws {
        source.sayAbsent()
        let plan = plan
        Choice(irqs: plan.rows.irqs, cpus: plan.rows.cpus, pattern: plan.rows.pattern).sayAbsent(of: plan.roots)
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
