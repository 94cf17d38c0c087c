internal import ArgumentParser
internal import IRQCore
internal import KernelSource
internal import Rendering
internal import TraceInput
internal import TraceOutput

/// `irqscope export`: the spans of recordings, for other programs.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract:
            "Writes each run of a handler that a recording has: a timeline for Perfetto, or lines for DuckDB and pandas.",
        usage: "irqscope export [options] [FILE…]")

    @Argument(
        help: ArgumentHelp("Recordings; - or nothing reads standard input.", valueName: "file"), completion: .file())
    var files: [String] = []

    @OptionGroup var place: PlaceOptions<ExportKind>

    @Option(
        help: ArgumentHelp(
            "What to write: \(ExportFormat.words). (default: as the file's name ends, else perfetto)",
            valueName: "format"),
        completion: Completions.choice(ExportFormat.self), transform: OptionValue.choice)
    var format: ExportFormat?

    @Flag(help: "Pack with gzip, as is done where the file's name ends in .gz.")
    var gzip = false

    @Option(
        help: ArgumentHelp("Only these interrupts, such as 36,40-47.", valueName: "list"),
        completion: Completions.irqs, transform: OptionValue.numbers)
    var irq: NumberList?

    @Option(
        help: ArgumentHelp("Only these CPUs, such as 0,2-5.", valueName: "list"), completion: Completions.cpus,
        transform: OptionValue.numbers)
    var cpu: NumberList?

    @Option(
        help: ArgumentHelp(
            "Only spans that begin in this window of seconds; +1.5 is 1.5 s after the start.", valueName: "from,to"),
        transform: TimeWindow.init)
    var time: TimeWindow?

    @Option(help: ArgumentHelp("Only this buffer (instance); top is the top-level one.", valueName: "name"))
    var buffer: String?

    @Option(help: ArgumentHelp("Only what lies around the N slowest spans.", valueName: "n"))
    var slow: Int?

    @Option(
        help: ArgumentHelp("The time before and behind these. (default: 5ms)", valueName: "time"),
        transform: OptionValue.timeWithUnit)
    var around: UInt64?

    @Option(
        help: ArgumentHelp(
            "For a perf.data of a perf that was killed: the kernel's formats of events; live, a recording, or a copy of tracefs.",
            valueName: "file"))
    var formats: String?

    @Option(help: ArgumentHelp("Threads that decode. (default: one a core, at most 8)", valueName: "n"))
    var jobs: Int?

    func validate() throws {
        if files.contains("") { throw ValidationError("a file's name is empty") }
        if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input (-) can be read once only") }
        if files.isEmpty, StandardInput.isTerminal {
            throw ValidationError("name a recording, such as trace.dat, or pipe one in")
        }
        if let slow, !(1...10_000).contains(slow) {
            throw ValidationError("--slow '\(slow)': a number from 1 to 10000 is needed")
        }
        if slow == nil, around != nil {
            throw ValidationError("--around is the time around the spans of --slow, such as --slow 10")
        }
        if let jobs, !(1...64).contains(jobs) {
            throw ValidationError("--jobs '\(jobs)': a number from 1 to 64 is needed")
        }
    }

    /// The format asked for, or the one that the output's name tells.
    var chosenFormat: ExportFormat { format ?? ExportFormat(nameOf: place.path) ?? .perfetto }

    func run() throws {
        let formats = try FormatsChoice.givenFormats(self.formats)
        let target = try ExportTarget(self)
        var isFailed = false
        for path in files.isEmpty ? ["-"] : files {
            guard let spans = read(path, formats) else {
                isFailed = true
                continue
            }
            if try !target.add(spans) { isFailed = true }
        }
        // A file without anything in it helps nobody.
        if target.recordingCount > 0 { try target.finish() }
        if isFailed { throw CommandFailure([], status: ExitStatus.failed) }
    }

    private func read(_ path: String, _ formats: GivenFormats?) -> SpanCollection? {
        let interrupt = path == "-" && StandardInput.isPipe ? ReadingInterrupt() : nil
        var options = readOptions
        options.formats = formats
        options.stopDescriptor = interrupt?.descriptor
        do throws(RecordingError) {
            let spans = try SpanCollection(
                ofRecording: path, options: options, hasRuns: chosenFormat == .perfetto)
            interrupt?.end()
            say(spans)
            return spans
        } catch {
            Diagnostics.say(error.description)
            interrupt?.deliver()
            return nil
        }
    }

    private var readOptions: ReadOptions {
        var options = ReadOptions()
        options.analysis.cpus = cpu?.cpus
        options.analysis.slowCount = slow ?? 0
        options.selection.irqs = irq?.ranges
        options.workerCount = jobs
        options.buffer = buffer.map { $0 == "top" ? "" : $0 }
        options.from = time?.from
        options.to = time?.to
        return options
    }

    /// Says what the spans do not tell.
    private func say(_ spans: SpanCollection) {
        let report = spans.report
        let file = report.source.file
        _ = Choice(irqs: irq?.ranges, cpus: cpu.map { CPUSet($0.cpus) }).sayAbsent(of: report)
        if spans.titles.isEmpty { Diagnostics.say("\(file): there is no whole span of an interrupt in it") }
        if report.ledger.callsBeyondRowLimit > 0 {
            Diagnostics.say(
                "\(file): \(report.ledger.callsBeyondRowLimit) calls are of rows beyond the first 16,384, and are left out"
            )
        }
        if !report.source.isClockNanoseconds, chosenFormat != .perfetto {
            Diagnostics.say("\(file): its clock does not count nanoseconds: read ns as ticks")
        }
        if !report.isWhole {
            Diagnostics.say("\(file): events were lost or could not be read; irqscope report tells how many, and where")
        }
    }
}
