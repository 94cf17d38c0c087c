internal import ArgumentParser
internal import KernelSource
internal import TraceOutput

/// `irqscope record`: makes a recording that `report`, trace-cmd and KernelShark read.
struct RecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Records interrupt events of the running kernel into a trace.dat.",
        usage: "irqscope record [options] [-- COMMAND…]")

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Where to; - is standard output. (default: trace.dat)", valueName: "file"))
    var output: [String] = []

    @Option(help: ArgumentHelp("Stop after this time, such as 10s or 500ms.", valueName: "time"))
    var duration: [String] = []

    @Option(help: ArgumentHelp("Only these interrupts, such as 36,40-47.", valueName: "list"))
    var irq: [String] = []

    @Option(help: ArgumentHelp("Only these CPUs, such as 0,2-5.", valueName: "list"))
    var cpu: [String] = []

    @OptionGroup var tracing: TracingOptions

    @Option(
        help: ArgumentHelp(
            "Memory of the kernel for each CPU. (default: 4M, less with many CPUs; 16M with --flight)",
            valueName: "size"))
    var bufferSize: [String] = []

    @Option(help: ArgumentHelp("Version of the format, 6 or 7. (default: 7)", valueName: "n"))
    var fileVersion: [String] = []

    @Option(help: ArgumentHelp("How to pack version 7: zstd or none. (default: zstd)", valueName: "method"))
    var compression: [String] = []

    @Option(
        help: ArgumentHelp(
            "Keep only the last seconds, and write them when a trigger, a signal or COMMAND's end says so.",
            valueName: "time"))
    var flight: [String] = []

    @Option(help: ArgumentHelp("With --flight: write when a handler took longer than this.", valueName: "time"))
    var triggerSlow: [String] = []

    @Option(
        help: ArgumentHelp(
            "With --flight: write when an interrupt comes so often a second on one CPU, such as 50k.", valueName: "rate"
        ))
    var triggerRate: [String] = []

    @Argument(parsing: .postTerminator, help: ArgumentHelp("Record while this runs.", valueName: "command"))
    var command: [String] = []

    func validate() throws { _ = try plan() }

    private func plan() throws -> RecordPlan {
        var plan = RecordPlan()
        plan.output = try OptionParsing.last(of: output, "--output <file>", Self.outputPath) ?? "trace.dat"
        if plan.output == "-", StandardOutput.isTerminal {
            throw ValidationError("a recording is nothing for a terminal: redirect it, or name a file with -o")
        }
        plan.durationNanoseconds = try OptionParsing.last(of: duration, "--duration <time>", Amounts.nanoseconds)
        plan.trace.irqs = try OptionParsing.last(of: irq, "--irq <list>") { try NumberList($0).ranges }
        plan.trace.cpus = try OptionParsing.last(of: cpu, "--cpu <list>") { try NumberList($0).numbers(below: 65_536) }
        plan.trace.events = try tracing.groups()
        plan.tracingRoot = tracing.tracingRoot.last
        plan.flightNanoseconds = try OptionParsing.last(of: flight, "--flight <time>", Amounts.nanoseconds)
        plan.triggerSlowNanoseconds = try OptionParsing.last(
            of: triggerSlow, "--trigger-slow <time>", Amounts.nanoseconds)
        plan.triggerRatePerSecond = try OptionParsing.last(of: triggerRate, "--trigger-rate <rate>", Amounts.perSecond)
        if plan.flightNanoseconds == nil, plan.hasTrigger {
            throw ValidationError("--trigger-slow and --trigger-rate need --flight, such as --flight 5s")
        }
        if plan.flightNanoseconds != nil, plan.durationNanoseconds != nil {
            throw ValidationError("--flight and --duration exclude each other: give one")
        }
        plan.trace.bufferKilobytesPerCPU =
            try OptionParsing.last(of: bufferSize, "--buffer-size <size>", Amounts.kilobytes)
            ?? (plan.flightNanoseconds == nil ? nil : 16 << 10)
        let version = try OptionParsing.last(of: fileVersion, "--file-version <n>") { text in
            guard let version = Int(text).flatMap({ RecordingVersion(rawValue: $0) }) else {
                throw ValidationError("there is 6 and 7")
            }
            return version
        }
        plan.version = version ?? .v7
        let method = try OptionParsing.last(of: compression, "--compression <method>") {
            guard let method = RecordingCompression(rawValue: $0) else {
                throw ValidationError("there is zstd and none")
            }
            return method
        }
        if plan.version == .v6, method == .zstd {
            throw ValidationError("version 6 is never packed: leave --compression zstd out")
        }
        plan.compression = method ?? (plan.version == .v6 ? .none : .zstd)
        plan.command = command
        return plan
    }

    /// Standard output by any of its names is -, so that nothing else is printed into the recording.
    private static func outputPath(_ text: String) throws -> String? {
        if text.isEmpty { throw ValidationError("a file's name is empty") }
        return ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(text) ? "-" : text
    }

    func run() throws {
        var session = try RecordSession(try plan())
        try session.run()
    }
}
