internal import ArgumentParser
internal import IRQCore
internal import KernelSource
internal import Rendering
internal import TraceOutput

/// `irqscope record`: makes a recording that `report`, trace-cmd and KernelShark read.
struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Records interrupt events of the running kernel into a trace.dat.",
        usage: "irqscope record [options] [-- COMMAND…]")

    @OptionGroup var place: PlaceOptions<RecordingKind>

    @Option(
        help: ArgumentHelp("Stop after this time, such as 10s or 500ms.", valueName: "time"),
        transform: OptionValue.time)
    var duration: UInt64?

    @Option(
        help: ArgumentHelp("Only these interrupts, such as 36,40-47.", valueName: "list"),
        completion: Completions.irqs, transform: OptionValue.numbers)
    var irq: NumberList?

    @Option(
        help: ArgumentHelp("Only these CPUs, such as 0,2-5.", valueName: "list"), completion: Completions.cpus,
        transform: OptionValue.cpus)
    var cpu: CPUSet?

    @OptionGroup var tracing: TracingOptions
    @OptionGroup var deep: DeepOptions

    @Option(
        help: ArgumentHelp(
            "Memory of the kernel for each CPU. (default: 4M, less with many CPUs; 16M with --flight)",
            valueName: "size"), transform: OptionValue.kilobytes)
    var bufferSize: Int?

    @Option(
        help: ArgumentHelp("Version of the format, 6 or 7. (default: 7)", valueName: "n"),
        completion: .list(["6", "7"]), transform: RecordCommand.version)
    var fileVersion: RecordingVersion?

    @Option(
        help: ArgumentHelp("How to pack version 7: zstd or none. (default: zstd)", valueName: "method"),
        completion: .list(["zstd", "none"]), transform: RecordCommand.compression)
    var compression: RecordingCompression?

    @Option(
        help: ArgumentHelp(
            "Keep only the last seconds, and write them when a trigger, a signal or COMMAND's end says so.",
            valueName: "time"), transform: OptionValue.time)
    var flight: UInt64?

    @Option(
        help: ArgumentHelp(
            "With --flight: write when a handler took longer than this, such as 1ms.", valueName: "time"),
        transform: OptionValue.timeWithUnit)
    var triggerSlow: UInt64?

    @Option(
        help: ArgumentHelp(
            "With --flight: write when an interrupt comes so often a second on one CPU, such as 50k.", valueName: "rate"
        ), transform: OptionValue.rate)
    var triggerRate: Double?

    @Flag(help: "List the events that --events can record, and which of them this kernel has; record nothing.")
    var listEvents = false

    @Flag(name: [.customShort("J"), .long], help: "With --list-events: as JSON.")
    var json = false

    @Argument(parsing: .postTerminator, help: ArgumentHelp("Record while this runs.", valueName: "command"))
    var command: [String] = []

    func validate() throws {
        if json, !listEvents { throw ValidationError("--json is for --list-events only: a recording is no JSON") }
        _ = try plan()
    }

    private func plan() throws -> RecordPlan {
        var plan = RecordPlan()
        plan.output = place.path
        plan.isForced = place.force
        if !place.isNamed, !listEvents, StandardOutput.isTerminal {
            throw ValidationError("a recording is nothing for a terminal: redirect it, or name a file with -o")
        }
        plan.durationNanoseconds = duration
        plan.trace.irqs = irq?.ranges
        plan.trace.cpus = cpu.map { Set($0.cpus) }
        plan.trace.events = deep.groups(tracing.groups)
        plan.trace.tasks = deep.tasks
        plan.isDeep = deep.deep
        plan.tracingRoot = tracing.tracingRoot
        plan.flightNanoseconds = flight
        plan.triggerSlowNanoseconds = triggerSlow
        plan.triggerRatePerSecond = triggerRate
        if plan.flightNanoseconds == nil, plan.hasTrigger {
            throw ValidationError("--trigger-slow and --trigger-rate need --flight, such as --flight 5s")
        }
        if plan.flightNanoseconds != nil, plan.durationNanoseconds != nil {
            throw ValidationError("--flight and --duration exclude each other: give one")
        }
        plan.setBuffers(bufferSize)
        plan.version = fileVersion ?? .v7
        if plan.version == .v6, compression == .zstd {
            throw ValidationError("version 6 is never packed: leave --compression zstd out")
        }
        plan.compression = compression ?? (plan.version == .v6 ? .none : .zstd)
        plan.command = command
        return plan
    }

    @Sendable private static func version(_ text: String) throws -> RecordingVersion {
        try OptionValue.known(Int(text).flatMap { RecordingVersion(rawValue: $0) }, "there is 6 and 7")
    }

    @Sendable private static func compression(_ text: String) throws -> RecordingCompression {
        try OptionValue.known(RecordingCompression(rawValue: text), "there is zstd and none")
    }

    func run() throws {
        if listEvents { return try list() }
        let plan = try plan()
        let status: Int32
        do {
            Choice(irqs: plan.trace.irqs).sayAbsent(of: KernelRoots(procRoot: nil, sysRoot: nil))
            var session = try RecordSession(plan)
            status = try session.run()
        } catch let failure as CommandFailure where failure.status == ExitStatus.failed && !plan.command.isEmpty {
            throw CommandFailure(failure.messages, status: ExitStatus.recordingFailed)
        }
        if status != ExitStatus.done { throw CommandFailure([], status: status) }
    }

    /// The words of a command that stands where options do; nil if there are none.
    ///
    /// - Parameter words: behind `record`.
    static func strayCommand(_ words: some Sequence<String>) -> [String]? {
        let words = Array(words)
        if words.contains("--") { return nil }
        let flags: Set<String> = ["--deep", "--list-events", "--json", "-J", "--help", "-h", "--version", "--force"]
        var place = 0
        while place < words.count, words[place].hasPrefix("-") {
            place += flags.contains(words[place]) || words[place].contains("=") ? 1 : 2
        }
        return place < words.count ? Array(words[place...]) : nil
    }

    /// Prints the catalogue; where tracefs cannot be read, without what this kernel has.
    private func list() throws {
        var entries: [EventList.Entry] = []
        let isChosen = tracing.events != nil || deep.deep || deep.threads != nil
        let chosen = EventCatalogue.events(of: isChosen ? deep.groups(tracing.groups) : Set(EventGroup.allCases))
        do throws(TraceError) {
            let kernel = try KernelEvents(root: tracing.tracingRoot)
            for event in chosen { entries.append(.init(event, found: kernel.names(of: event))) }
        } catch {
            Diagnostics.say("what this kernel has is unknown: \(error.description)")
            entries = chosen.map { .init($0, found: nil) }
        }
        let list = EventList(entries)
        StandardOutput.write { output in
            if json { list.writeJSON(to: &output) } else { list.writeText(width: StandardOutput.width, to: &output) }
        }
    }
}
