internal import ArgumentParser
internal import IRQCore
internal import Rendering
internal import TraceInput

/// `irqscope report`: what a recording tells.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Shows what the interrupts of a recording (trace.dat, perf.data, text) cost.",
        usage: "irqscope report [options] [FILE…]")

    @Argument(
        help: ArgumentHelp("Recordings; - or nothing reads standard input.", valueName: "file"), completion: .file())
    var files: [String] = []

    @OptionGroup var output: ResultOptions<ReportFormat>

    @Option(
        help: ArgumentHelp("Only these interrupts, such as 36,40-47.", valueName: "list"),
        completion: Completions.irqs, transform: OptionValue.numbers)
    var irq: NumberList?

    @Option(
        help: ArgumentHelp("Only these CPUs, such as 0,2-5.", valueName: "list"), completion: Completions.cpus,
        transform: OptionValue.numbers)
    var cpu: NumberList?

    @Option(
        help: ArgumentHelp("Only names that match this regular expression.", valueName: "regex"),
        transform: NamePattern.compile)
    var filter: NamePattern?

    @Flag(name: .shortAndLong, help: "Let --filter match capital and small letters alike.")
    var ignoreCase = false

    @Option(
        help: ArgumentHelp(
            "Only spans that begin in this window of seconds; +1.5 is 1.5 s after the start.", valueName: "from,to"),
        transform: TimeWindow.init)
    var time: TimeWindow?

    @Option(
        help: ArgumentHelp(
            "Of several recordings keep the rows apart by this: file. (default: add up what is the same device or name)",
            valueName: "what"),
        completion: Completions.choice(ReportGrouping.self), transform: OptionValue.choice)
    var by: ReportGrouping?

    @Option(help: ArgumentHelp("Only this buffer (instance); top is the top-level one.", valueName: "name"))
    var buffer: String?

    @Option(
        help: ArgumentHelp("Order by \(ReportPlan.sortKeys). (default: total)", valueName: "key"),
        completion: Completions.choice(SortKey.self), transform: OptionValue.choice)
    var sort: SortKey?

    @Flag(name: .shortAndLong, help: "Reverse the order.")
    var reverse = false

    @Flag(help: "Draw a histogram for each row (text).")
    var histogram = false

    @Flag(help: "Split each row by CPU (text).")
    var perCpu = false

    @Flag(
        inversion: .prefixedNo,
        help: "Show all tables of threads, wake-ups and shares (text), or leave that analysis out.")
    var deep: Bool?

    @Option(
        help: ArgumentHelp("Only tasks of this name or pid, in the tables of tasks.", valueName: "regex|pid"),
        transform: TaskChoice.init)
    var task: TaskChoice?

    @Option(
        help: ArgumentHelp("List the N slowest spans with time, CPU and task. (default: 0)", valueName: "n"))
    var slow: Int?

    @Option(
        help: ArgumentHelp(
            "Exit with 2 if it holds, such as 'p99>100us' or 'irq=36 max>1ms'; see irqscope-report(1).",
            valueName: "condition"), transform: FailTest.init)
    var failIf: [FailTest] = []

    @Option(
        help: ArgumentHelp(
            "Hold durations against limits, such as hardirq=25us,softirq=100us or a preset: \(ReportPlan.presetNames).",
            valueName: "limits"), completion: Completions.list(Budget.presets.map(\.name)),
        transform: ReportPlan.budget)
    var budget: Budget?

    @Option(
        help: ArgumentHelp(
            "List rates from so many a second on that last 100 ms. (default: 20000)", valueName: "rate"))
    var stormRate: UInt64?

    @Option(
        help: ArgumentHelp(
            "Tables to write (CSV): \(ReportPlan.sectionNames). (default: rows)", valueName: "list"),
        completion: Completions.list(ReportCSV.all.map(\.name)), transform: ReportPlan.sections)
    var section: [[ReportCSV]] = []

    @Option(
        help: ArgumentHelp(
            "Report each interval of a text by itself as it comes, such as 5s; of others, show calls over time.",
            valueName: "time"), transform: OptionValue.time)
    var every: UInt64?

    @Option(
        help: ArgumentHelp(
            "For a perf.data of a perf that was killed: the kernel's formats of events; live, a recording, or a copy of tracefs.",
            valueName: "file"))
    var formats: String?

    @Option(help: ArgumentHelp("Threads that decode. (default: one a core, at most 8)", valueName: "n"))
    var jobs: Int?

    func validate() throws {
        if files.contains("") { throw ValidationError("a file's name is empty") }
        if output.chosenFormat == .prometheus, every != nil || by != nil {
            throw ValidationError(
                "--format prometheus has one value for each series: leave out \(every != nil ? "--every" : "--by file")"
            )
        }
        if try !ReportPlan(self).sections.isEmpty, output.chosenFormat != .csv {
            throw ValidationError("--section chooses tables of CSV: add --format csv")
        }
        if every != nil, output.chosenFormat == .html {
            throw ValidationError(
                "--every makes several reports, and a page is one: leave it out, or choose another --format")
        }
        if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input (-) can be read once only") }
        if files.isEmpty, StandardInput.isTerminal {
            throw ValidationError("name a recording, such as trace.dat, or pipe one in")
        }
    }
}
