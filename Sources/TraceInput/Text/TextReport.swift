import IRQCore

/// The findings in a text, before it is a report.
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
    /// The beginning of an interval, and its end; the last one ends with its last event.
    var interval: (start: UInt64, end: UInt64?)?
    /// The options that the analysis had, its window resolved.
    var analysis = AnalysisOptions()
    var tasks: [Int32: String] = [:]
    /// The texts that functions and reasons stand for.
    var names: [UInt64: String] = [:]
    /// True if times are those since the event before, of which no recording can be made again.
    var isDelta = false
    var notes: [String] = []
    /// Damaged lines that no buffer counts.
    var damagedCount: UInt64 = 0
    /// Parts of the text that are not read, such as another trace behind the first.
    var unreadPartCount = 0
    /// Events that the kernel counted and the text does not have; nil if none are known to be missing.
    var shortage: TextEntries.Shortage?
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
        var last: Report?
        try read(&stream, options) { report in
            last = report
            return true
        }
        // The last report always comes, or an error does.
        guard let last else { preconditionFailure("no report") }
        return last
    }

    /// Reads a file.
    static func read(_ file: borrowing MappedFile, _ options: ReadOptions) throws(FormatProblem) -> Report {
        var last: Report?
        try read(file, options) { report in
            last = report
            return true
        }
        guard let last else { preconditionFailure("no report") }
        return last
    }

    /// Reads a text that comes through a pipe or is unpacked, and hands over the report of each interval.
    static func read(
        _ stream: inout TextStream, _ options: ReadOptions, _ take: (Report) -> Bool
    ) throws(RecordingError) {
        var reader = TextReader(options)
        var byteCount = 0
        repeat {
            byteCount += stream.lineEnd
            guard readPiece(&reader, stream, take) else { return }
            if isOver(reader, byteCount) { break }
            // A quiet machine is reported, too.
            if let length = options.intervalNanoseconds, !stream.hasMore(within: length), reader.hasNews {
                guard take(report(reader.takeInterval(longLineCount: stream.longLineCount), stream)) else { return }
            }
        } while try stream.fill()
        do throws(FormatProblem) {
            _ = take(try report(&reader, stream, options))
        } catch {
            throw RecordingError(path: stream.path, offset: error.offset, problem: error.problem, advice: error.advice)
        }
    }

    /// Reads a file, and hands over the report of each interval.
    static func read(
        _ file: borrowing MappedFile, _ options: ReadOptions, _ take: (Report) -> Bool
    ) throws(FormatProblem) {
        var reader = TextReader(options)
        var stream = TextStream(path: file.path, packing: file.packing)
        var place = 0
        while !isOver(reader, place), stream.fill(from: file, at: &place) {
            guard readPiece(&reader, stream, take) else { return }
        }
        if reader.isDeepMissing {
            reader = TextReader(options, isDeepForced: true)
            stream = TextStream(path: file.path, packing: file.packing)
            place = 0
            while !isOver(reader, place), stream.fill(from: file, at: &place) { _ = readPiece(&reader, stream, take) }
        }
        _ = take(try report(&reader, stream, options))
    }

    /// Reads the lines that wait; false if no more reports are wanted.
    private static func readPiece(
        _ reader: inout TextReader, _ stream: borrowing TextStream, _ take: (Report) -> Bool
    ) -> Bool {
        var start = 0
        while true {
            reader.read(stream.bytes, from: &start, upTo: stream.lineEnd, isCut: stream.isCut)
            if !reader.isIntervalOver { return true }
            let contents = reader.takeInterval(longLineCount: stream.longLineCount)
            if !take(report(contents, stream)) { return false }
        }
    }

    private static func isOver(_ reader: borrowing TextReader, _ byteCount: Int) -> Bool {
        reader.isDone || (reader.eventCount == 0 && byteCount > searchByteLimit)
    }

    private static func report(
        _ reader: inout TextReader, _ stream: borrowing TextStream, _ options: ReadOptions
    ) throws(FormatProblem) -> Report {
        guard reader.hasEvents else {
            let (problem, advice) = reader.reason
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
        var report = report(contents, stream)
        if report.hasOnlyOtherEvents, !options.isPart {
            report.notes.append(
                "the trace has no interrupt events: record some, for example with trace-cmd record -e irq, or perf record "
                    + "-a -e 'irq:*'")
        }
        return report
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
            notes.append(
                "the trace clock does not count nanoseconds: read ns as ticks; high rates are not looked for, for how many ticks "
                    + "make a second is unknown")
        }
        let symbols = contents.names.mapValues { FunctionSymbol(textName: $0) }
        var report = Report(
            source: source, buffers: contents.results, symbols: symbols,
            tasks: contents.tasks, slowCount: analysis.slowCount, overrunEvents: contents.overrunEvents, notes: notes)
        report.ledger.malformedEvents &+= contents.damagedCount
        report.ledger.unreadParts &+= UInt64(contents.unreadPartCount)
        if let shortage = contents.shortage { report.add(shortage) }
        report.budget = analysis.budget
        report.deep = ReportBuilder.deep(
            of: contents.results, functions: symbols, places: symbols, texts: contents.names, &report.notes)
        if let interval = contents.interval {
            report.startNanoseconds = interval.start
            if let end = interval.end { report.endNanoseconds = end }
        }
        report.clipWindow(from: analysis.fromNanoseconds, to: analysis.toNanoseconds)
        if analysis.isTimelineWanted {
            report.addTimeline(
                of: contents.results, symbols: symbols, tasks: contents.tasks,
                selection: analysis.selector?.selection ?? RowSelection())
        }
        return report
    }
}

extension Report {
    /// Counts what the end of a text lacks. What may have been taken out on purpose was not lost: a note tells of that.
    fileprivate mutating func add(_ shortage: TextEntries.Shortage) {
        guard shortage.isCut else { return }
        ledger.gaps &+= 1
        ledger.lostEvents &+= shortage.missing
        if !shortage.isExact { ledger.gapsOfUnknownSize &+= 1 }
    }
}
