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

    @OptionGroup var output: OutputOptions

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
        if try !ReportPlan(self).sections.isEmpty, output.chosenFormat != .csv {
            throw ValidationError("--section chooses tables of CSV: add --format csv")
        }
        if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input (-) can be read once only") }
        if files.isEmpty, StandardInput.isTerminal {
            throw ValidationError("name a recording, such as trace.dat, or pipe one in")
        }
    }

    func run() throws {
        let plan = try ReportPlan(self)
        let formats = try plan.givenFormats()
        // A failure goes before a condition that held, and that before one that could not be tested.
        var statuses: Set<Int32> = []
        var isFirst = true
        for path in files.isEmpty ? ["-"] : files {
            // What was read up to Ctrl-C is reported.
            let interrupt = path == "-" && StandardInput.isPipe ? ReadingInterrupt() : nil
            var options = plan.readOptions
            options.formats = formats
            options.stopDescriptor = interrupt?.descriptor
            var isRead = true
            func show(_ given: Report) -> Bool {
                let report = shown(given, plan)
                let held = FailReport(plan.failConditions, report, path: report.source.file, units: units(report))
                statuses.insert(held.status)
                isRead = write(report, plan, isFirst: isFirst)
                isFirst = false
                held.messages.forEach(Diagnostics.say)
                // Nobody reads the output any more: what follows matters only for the exit status.
                return isRead || !plan.failConditions.isEmpty
            }
            do throws(RecordingError) {
                if every == nil {
                    let report = try TraceInput.report(onRecording: path, options: options)
                    interrupt?.end()
                    _ = show(report)
                } else {
                    try TraceInput.reports(onText: path, options: options, take: show)
                }
                if !isRead, plan.failConditions.isEmpty { break }
            } catch {
                Diagnostics.say(error.description)
                interrupt?.deliver()
                statuses.insert(ExitStatus.failed)
            }
        }
        let order = [ExitStatus.failed, ExitStatus.conditionHeld, ExitStatus.untested]
        if let status = order.first(where: { statuses.contains($0) }) { throw CommandFailure([], status: status) }
    }

    /// The report with the rows that were asked for, in their order.
    private func shown(_ given: Report, _ plan: ReportPlan) -> Report {
        var report = given
        let isEmpty = report.isEmpty
        let choice = Choice(irqs: plan.irq?.ranges, cpus: plan.cpu.map { CPUSet($0.cpus) }, pattern: plan.filter)
        let isAbsent = choice.sayAbsent(of: report)
        report.select(plan.selection)
        report.sort(by: plan.sort, reversed: reverse)
        if let task { report.deep?.select { task.contains(name: $0, pid: $1) } }
        if report.isEmpty, plan.isNarrowed, !isAbsent, !isEmpty || report.ledger.usedEvents > 0 {
            Diagnostics.say("\(report.source.file): nothing is left by --irq, --cpu, --filter or --time; widen them")
        }
        return report
    }

    private func units(_ report: Report) -> Units {
        Units(isUnicode: output.style.isUnicode, isTime: report.source.isClockNanoseconds)
    }

    /// Writes the report; false if nobody reads any more.
    private func write(_ report: Report, _ plan: ReportPlan, isFirst: Bool) -> Bool {
        switch output.chosenFormat {
        case .json:
            return StandardOutput.write { ReportJSON.write(report, namesFile: files.count > 1, to: &$0) }
        case .csv:
            let isRead = StandardOutput.write { writeCSV(report, plan.sections, isFirst: isFirst, to: &$0) }
            if report.ledger.gaps > 0, !plan.sections.contains(where: { $0.name == "events" }) {
                Diagnostics.say(
                    "\(report.source.file): events were lost, which CSV does not tell; see --format text or --section events"
                )
            }
            return isRead
        case .text:
            return StandardOutput.write { output in
                if every != nil, !isFirst { output.put("\n") }
                if files.count > 1 {
                    output.put((isFirst ? "" : "\n") + "== \(SafeText.escaped(report.source.file))\n")
                }
                ReportText(report, style: self.output.style, options: textOptions(plan)).write(to: &output)
            }
        }
    }

    /// Writes tables as CSV. Several of them have an empty line in between, and titles for each recording; those of one
    /// table continue each other.
    private func writeCSV(_ report: Report, _ tables: [ReportCSV], isFirst: Bool, to output: inout ByteOutput) {
        guard tables.count > 1 else {
            return (tables.first ?? ReportCSV.all[0]).write(report, hasTitle: isFirst, to: &output)
        }
        for (place, table) in tables.enumerated() {
            if place > 0 || !isFirst { output.put("\r\n") }
            table.write(report, to: &output)
        }
    }

    private func textOptions(_ plan: ReportPlan) -> ReportText.Options {
        var options = ReportText.Options()
        options.showsHistograms = histogram
        options.showsCPUs = perCpu
        options.showsSlowest = plan.slowCount > 0
        options.showsLoads = plan.irq == nil && plan.filter == nil
        options.sort = plan.sort
        options.showsDeep = deep ?? (task != nil)
        options.showsSlices = every != nil
        options.width = StandardOutput.width
        return options
    }
}
