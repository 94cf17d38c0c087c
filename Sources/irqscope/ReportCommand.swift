internal import ArgumentParser
internal import IRQCore
internal import Rendering
internal import TraceInput

/// `irqscope report`: what a recording tells.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Shows what the interrupts of a recording (trace.dat) cost.",
        usage: "irqscope report [options] [FILE…]")

    @Argument(help: ArgumentHelp("Recordings; - or nothing reads standard input.", valueName: "file"))
    var files: [String] = []

    @OptionGroup var output: OutputOptions

    @Option(
        help: ArgumentHelp("Only these interrupts, such as 36,40-47.", valueName: "list"), transform: NumberList.init)
    var irq: NumberList?

    @Option(help: ArgumentHelp("Only these CPUs, such as 0,2-5.", valueName: "list"), transform: NumberList.init)
    var cpu: NumberList?

    @Option(
        help: ArgumentHelp("Only names that match this regular expression.", valueName: "regex"),
        transform: NamePattern.compile)
    var filter: NamePattern?

    @Option(
        help: ArgumentHelp(
            "Only spans that begin in this window of seconds; +1.5 is 1.5 s after the start.", valueName: "from,to"),
        transform: TimeWindow.init)
    var time: TimeWindow?

    @Option(help: ArgumentHelp("Only this buffer (instance); top is the top-level one.", valueName: "name"))
    var buffer: String?

    @Option(
        help: ArgumentHelp("Order by \(sortKeys). (default: total)", valueName: "key"), transform: Self.sortKey)
    var sort: SortKey = .total

    @Flag(name: .shortAndLong, help: "Reverse the order.")
    var reverse = false

    @Flag(help: "Draw a histogram for each row (text).")
    var histogram = false

    @Flag(help: "Split each row by CPU (text).")
    var perCpu = false

    @Option(help: ArgumentHelp("List the N slowest spans with time, CPU and task.", valueName: "n"))
    var slow: Int = 0

    @Option(
        help: ArgumentHelp(
            "Exit with 2 if it holds, such as 'p99>100us' or 'irq=36 max>1ms'; see irqscope-report(1).",
            valueName: "condition"), transform: Self.condition)
    var failIf: [FailCondition] = []

    @Option(help: ArgumentHelp("List rates from so many a second on that last 100 ms.", valueName: "rate"))
    var stormRate: UInt64 = 20_000

    @Option(help: ArgumentHelp("Threads that decode. (default: one a core, at most 8)", valueName: "n"))
    var jobs: Int?

    private static let sortKeys = SortKey.allCases.map(\.rawValue).joined(separator: ", ")

    @Sendable private static func sortKey(_ text: String) throws -> SortKey {
        guard let key = SortKey(rawValue: text) else { throw ValidationError("it is none of \(sortKeys)") }
        return key
    }

    @Sendable private static func condition(_ text: String) throws -> FailCondition {
        let condition: FailCondition
        do {
            condition = try FailCondition(text)
        } catch {
            throw ValidationError(error.message)
        }
        guard condition.isMeasurable else {
            throw ValidationError("with cpu=N only calls, total, max, mean and share are known")
        }
        return condition
    }

    func validate() throws {
        if !(0...10_000).contains(slow) { throw ValidationError("--slow takes a number from 0 to 10000, not \(slow)") }
        if let jobs, !(1...64).contains(jobs) {
            throw ValidationError("--jobs takes a number from 1 to 64, not \(jobs)")
        }
        if stormRate == 0 { throw ValidationError("--storm-rate takes a number from 1 on") }
        if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input (-) can be read once only") }
        if files.isEmpty, StandardInput.isTerminal {
            throw ValidationError("name a recording, such as trace.dat, or pipe one in")
        }
    }

    func run() throws {
        var status = ExitStatus.done
        var isFirst = true
        for path in files.isEmpty ? ["-"] : files {
            do {
                let report = try read(path)
                let held = FailReport(failIf, report, path: report.source.file, units: units(report))
                if held.isHeld, status == ExitStatus.done { status = ExitStatus.conditionHeld }
                try write(report, isFirst: isFirst)
                isFirst = false
                held.messages.forEach(Diagnostics.say)
            } catch let error as RecordingError {
                Diagnostics.say(error.description)
                status = ExitStatus.failed
            }
        }
        if status != ExitStatus.done { throw CommandFailure([], status: status) }
    }

    private func read(_ path: String) throws(RecordingError) -> Report {
        var report = try TraceInput.report(onRecording: path, options: readOptions)
        let isEmpty = report.isEmpty
        report.select(selection)
        report.sort(by: sort, reversed: reverse)
        let isNarrowed = irq != nil || cpu != nil || filter != nil || time != nil
        if report.isEmpty, isNarrowed, !isEmpty || report.ledger.usedEvents > 0 {
            Diagnostics.say("\(report.source.file): nothing is left by --irq, --cpu, --filter or --time; widen them")
        }
        return report
    }

    private func units(_ report: Report) -> Units {
        Units(isUnicode: output.style.isUnicode, isTime: report.source.isClockNanoseconds)
    }

    private var readOptions: ReadOptions {
        var options = ReadOptions()
        options.analysis.cpus = cpu?.numbers(below: 65_536)
        options.analysis.slowCount = slow
        options.analysis.storm = StormCriteria(ratePerSecond: stormRate)
        options.workerCount = jobs
        options.selection = selection
        options.buffer = buffer.map { $0 == "top" ? "" : $0 }
        options.from = time?.from
        options.to = time?.to
        return options
    }

    private var selection: RowSelection {
        var selection = RowSelection()
        selection.irqs = irq?.ranges
        if let filter { selection.isNameWanted = { filter.matches($0) } }
        return selection
    }

    private func write(_ report: Report, isFirst: Bool) throws {
        switch output.chosenFormat {
        case .json: StandardOutput.write(try ReportJSON.bytes(report, namesFile: files.count > 1))
        case .csv:
            StandardOutput.write(Array(ReportCSV.text(report, hasTitle: isFirst).utf8))
            if report.ledger.gaps > 0 {
                Diagnostics.say("\(report.source.file): events were lost, which CSV does not tell; see --format text")
            }
        case .text:
            let head = files.count > 1 ? (isFirst ? "" : "\n") + "== \(SafeText.escaped(report.source.file))\n" : ""
            let text = head + ReportText(report, style: output.style, options: textOptions).text()
            StandardOutput.write(Array(text.utf8))
        }
    }

    private var textOptions: ReportText.Options {
        var options = ReportText.Options()
        options.showsHistograms = histogram
        options.showsCPUs = perCpu
        options.showsSlowest = slow > 0
        options.showsLoads = irq == nil && filter == nil
        options.sort = sort
        options.width = StandardOutput.width
        return options
    }
}
