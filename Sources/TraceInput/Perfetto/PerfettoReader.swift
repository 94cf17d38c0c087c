import IRQCore

/// A trace of Perfetto, open: the events that traced_probes read from ftrace.
struct PerfettoReader: RecordingReader, ~Copyable {
    static let formatName = "perfetto"

    private let contents: PerfettoContents
    /// The places in `contents.streams` that are read.
    private let streams: [Int]
    /// The parts that could not be unpacked.
    private let unpacked: PerfettoUnpacking.Outcome
    private let texts = PerfettoTexts()
    private let findings = Findings()

    /// Facts that turn out on the way through the events.
    private final class Findings {
        var earlierCount = 0
        var hasUnknownFunctions = false
        var usedCount: UInt64 = 0
    }

    /// Makes the report of a file; packed packets are unpacked into a file of their own first.
    static func report(_ file: borrowing MappedFile, _ options: ReadOptions) throws(FormatProblem) -> Report {
        let contents = PerfettoContents(file)
        guard contents.isPacked else {
            return try ReportBuilder.report(
                PerfettoReader(contents, PerfettoUnpacking.Outcome(), file.bytes, options), file, options)
        }
        var outcome = PerfettoUnpacking.Outcome()
        let plain = try PerfettoUnpacking.unpack(file, &outcome)
        let reader = try PerfettoReader(PerfettoContents(plain), outcome, file.bytes, options)
        return try ReportBuilder.report(reader, plain, options)
    }

    private init(
        _ contents: PerfettoContents, _ unpacked: PerfettoUnpacking.Outcome, _ file: RawSpan, _ options: ReadOptions
    ) throws(FormatProblem) {
        self.contents = contents
        var unpacked = unpacked
        if unpacked.damageOffset == nil, let offset = contents.damageOffset {
            unpacked.damageOffset = offset
            unpacked.damageName = RecordingFormat.name(of: file.extracting(offset..<file.byteCount))
        }
        self.unpacked = unpacked
        let names = contents.streams.map(\.name)
        let filled = names.indices.filter { !contents.streams[$0].bundles.isEmpty }
        streams = filled.filter { options.buffer == nil || options.buffer == names[$0] }
        if filled.isEmpty {
            throw FormatProblem(
                offset: nil, problem: "is a trace of Perfetto without ftrace events",
                advice: "record with the data source linux.ftrace and the events irq/*, see irqscope-report(1)")
        }
        if streams.isEmpty, let name = options.buffer {
            let list = filled.map { names[$0].isEmpty ? "top" : names[$0] }.joined(separator: ", ")
            throw FormatProblem(
                offset: nil, problem: "there is no buffer \(name.isEmpty ? "top" : name.printable)",
                advice: "this trace of Perfetto has: \(list)")
        }
    }

    var source: RecordingSource {
        let cpus = streams.flatMap { contents.streams[$0].bundles.keys }
        return RecordingSource(
            format: Self.formatName, clock: streams.first.flatMap { contents.streams[$0].clock },
            isClockNanoseconds: true, cpuCount: (cpus.max() ?? -1) + 1, machine: contents.machine,
            buffers: streams.map { contents.streams[$0].name })
    }

    var notes: [String] {
        var notes: [String] = []
        if let offset = unpacked.damageOffset {
            let name = unpacked.damageName.map { " (it looks like \($0))" } ?? ""
            notes.append("the file is damaged or cut short at byte \(offset)\(name): what follows was not read")
        }
        if unpacked.damagedCount > 0 {
            notes.append("\(unpacked.damagedCount) packed parts could not be unpacked: their events are missing")
        }
        // A part that could not be unpacked is one of them.
        let damagedCount = contents.damagedCount - unpacked.damagedCount
        if damagedCount > 0 {
            notes.append("\(damagedCount) packets are damaged: some of their events are missing")
        }
        if contents.unreadPageCount > 0 {
            notes.append(
                "Perfetto could not read \(contents.unreadPageCount) pages of the kernel's: the events behind them, up to "
                    + "its next reading, are left out")
        }
        if findings.earlierCount > 0 {
            notes.append(
                "\(findings.earlierCount) times the next event of a CPU lies before the last one: the file may be several "
                    + "traces, one behind the other")
        }
        if findings.usedCount == 0 {
            notes.append(
                "the trace has no interrupt events: record with ftrace_events: \"irq/*\", see irqscope-report(1)")
        }
        if findings.hasUnknownFunctions {
            notes.append(
                "functions without a name are one row, unknown: record with symbolize_ksyms: true in ftrace_config")
        }
        return notes
    }

    var vectorNames: [String] { contents.events.vectorNames }
    var hasFunctions: Bool { contents.symbolNames.count > 1 }
    var overrunEvents: UInt64? { streams.first.flatMap { contents.streams[$0].lostEvents } }
    var attachment: [UInt8]? { nil }
    /// True if another recording begins where this one ends. A cut packet looks like the beginning of a trace of Perfetto.
    private var isFollowed: Bool { unpacked.damageName.map { $0 != Self.formatName } ?? false }
    var missingPartCount: Int { unpacked.damageOffset != nil && !isFollowed ? 1 : 0 }
    // A gap is made of these where events of the CPU follow: where none do, or came before, nothing else tells of them.
    var unreadPartCount: Int {
        contents.damagedCount + contents.unreadPageCount + (isFollowed ? 1 : 0)
    }

    mutating func firstTime(_ file: borrowing MappedFile) -> UInt64? {
        streams.compactMap { PerfettoRun.firstTime(file.bytes, contents, stream: $0) }.min()
    }

    func analyze(_ file: borrowing MappedFile, _ options: AnalysisOptions) -> [BufferResult] {
        streams.map { stream in
            var run = PerfettoRun(contents, stream: stream, texts: texts, options)
            run.run(file)
            findings.earlierCount = max(findings.earlierCount, run.earlierCount)
            let result = run.finish()
            findings.usedCount += result.ledger.usedEvents
            if result.functionAddresses.contains(PerfettoRun.unknownFunction) { findings.hasUnknownFunctions = true }
            return result
        }
    }

    /// The names of functions as lines of kallsyms: the numbers that stand in place of addresses.
    mutating func kallsyms(_ file: borrowing MappedFile) throws(FormatProblem) -> Blob? {
        let lines = contents.symbolNames.enumerated().map { place, name in
            let digits = String(place + 1, radix: 16)
            let name = name.split(whereSeparator: \.isNewline).first ?? "unknown"
            return String(repeating: "0", count: 16 - digits.count) + digits + " t " + name + "\n"
        }
        let bytes = Array(lines.joined().utf8)
        return .unpacked(bytes, 0..<bytes.count, origin: 0)
    }

    mutating func kernelTexts(_ file: borrowing MappedFile) throws(FormatProblem) -> [UInt64: String] { texts.byPlace }

    func taskNames(_ file: borrowing MappedFile) throws(FormatProblem) -> [Int32: String] { contents.taskNames }
}
