import IRQCore

/// What a text told, before it is a report.
struct TextContents {
    /// The program that wrote it.
    let form: TraceTextForm
    /// The smallest step of its times; 0 if they are ticks.
    let stepNanoseconds: UInt32
    /// False if results of handlers are words.
    let hasRawResults: Bool
    var cpuCount = 0
    var overrunEvents: UInt64?
    var knownBuffers: [String] = []
    var firstTime: UInt64?
    /// The options that the analysis had, its window resolved.
    var analysis = AnalysisOptions()
    var tasks: [Int32: String] = [:]
    var symbols: [UInt64: FunctionSymbol] = [:]
    /// True if times are those since the event before, of which no recording can be made again.
    var isDelta = false
    var notes: [String] = []
    var results: [BufferResult] = []

    init(form: TraceTextForm, stepNanoseconds: UInt32, hasRawResults: Bool) {
        (self.form, self.stepNanoseconds, self.hasRawResults) = (form, stepNanoseconds, hasRawResults)
    }
}

/// Makes the report of a trace as text.
enum TextReport {
    /// Without an event in so many bytes the text is given up: the wrong thing may have been piped in, an endless one even.
    private static let searchByteLimit = 16 << 20

    /// Reads a text that comes through a pipe or is unpacked.
    static func read(_ stream: inout TextStream, _ options: ReadOptions) throws(RecordingError) -> Report {
        var reader = TextReader(options)
        var byteCount = 0
        repeat {
            byteCount += stream.lineEnd
            reader.read(stream.bytes, upTo: stream.lineEnd, isCut: stream.isCut)
            if isOver(reader, byteCount) { break }
        } while try stream.fill()
        do throws(FormatProblem) {
            return try report(&reader, stream, options)
        } catch {
            throw RecordingError(path: stream.path, offset: error.offset, problem: error.problem, advice: error.advice)
        }
    }

    /// Reads a file.
    static func read(_ file: borrowing MappedFile, _ options: ReadOptions) throws(FormatProblem) -> Report {
        var reader = TextReader(options)
        var stream = TextStream(path: file.path, packing: file.packing)
        var place = 0
        while !isOver(reader, place), stream.fill(from: file, at: &place) {
            reader.read(stream.bytes, upTo: stream.lineEnd, isCut: stream.isCut)
        }
        return try report(&reader, stream, options)
    }

    private static func isOver(_ reader: borrowing TextReader, _ byteCount: Int) -> Bool {
        reader.isDone || (reader.eventCount == 0 && byteCount > searchByteLimit)
    }

    private static func report(
        _ reader: inout TextReader, _ stream: borrowing TextStream, _ options: ReadOptions
    ) throws(FormatProblem) -> Report {
        guard reader.eventCount > 0 else {
            let (problem, advice) = reader.evidence.reason(lineCount: reader.lineCount)
            throw FormatProblem(
                offset: nil, problem: (stream.packing == nil ? "" : "unpacked, it ") + problem, advice: advice)
        }
        let contents = reader.finish(longLineCount: stream.longLineCount)
        if contents.isDelta {
            throw FormatProblem(
                offset: nil, problem: "has the times between events (perf script --deltatime), not those of events",
                advice: "write it without that option: perf script")
        }
        if let buffer = options.buffer, contents.results.isEmpty {
            let known = contents.knownBuffers.map { $0.isEmpty ? "top" : $0.printable }.joined(separator: ", ")
            throw FormatProblem(
                offset: nil, problem: "there is no buffer \(buffer.printable)", advice: "the recording has: \(known)")
        }
        return report(contents, stream)
    }

    private static func report(_ contents: TextContents, _ stream: borrowing TextStream) -> Report {
        var source = RecordingSource(
            file: stream.path, format: contents.form.name, compression: stream.packing?.rawValue, clock: nil,
            isClockNanoseconds: contents.stepNanoseconds > 0, cpuCount: contents.cpuCount, machine: nil,
            buffers: contents.results.map(\.buffer))
        source.resolutionNanoseconds = contents.stepNanoseconds > 0 ? UInt64(contents.stepNanoseconds) : nil
        source.hasRawResults = contents.hasRawResults
        source.tellsLosses = contents.form == .ftrace
        let analysis = contents.analysis
        var notes = contents.notes
        if contents.stepNanoseconds == 0 {
            notes.append("the trace clock does not count nanoseconds: read ns as ticks")
        }
        var report = Report(
            source: source, buffers: contents.results, symbols: contents.symbols,
            tasks: contents.tasks, slowCount: analysis.slowCount, overrunEvents: contents.overrunEvents, notes: notes)
        report.clipWindow(from: analysis.fromNanoseconds, to: analysis.toNanoseconds)
        return report
    }
}
