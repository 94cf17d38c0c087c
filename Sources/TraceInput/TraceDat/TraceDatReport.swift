public import IRQCore

/// How a recording is read.
public struct ReadOptions: Sendable {
    /// What the analysis is asked for.
    public var analysis = AnalysisOptions()
    /// The rows to show. All are read; but if the slowest spans are wanted, they are those of these rows.
    public var selection = RowSelection()
    /// Threads that decode; nil is one for each core, eight at the most.
    public var workerCount: Int?
    /// The buffer (instance) to read, "" for the top-level one; nil reads all.
    public var buffer: String?
    /// Leaves out spans that begin before this time.
    public var from: TimeBound?
    /// Leaves out spans that begin at this time or later.
    public var to: TimeBound?

    /// Creates options that ask for everything.
    public init() {}
}

/// A time that a user gives.
public enum TimeBound: Sendable, Equatable {
    /// Nanoseconds of the trace clock, as reports show them.
    case absolute(UInt64)
    /// Nanoseconds after the recording's first event.
    case sinceStart(UInt64)
}

/// Reads a recording and reports what its interrupts did.
///
/// - Parameter path: a file of a format of `RecordingFormat`; "-" reads standard input.
/// - Throws: `RecordingError` if nothing can be said. What is damaged in part is reported as far as it can
///   be read, with the missing parts in `Report.notes` and `Report.ledger`.
public func report(onRecording path: String, options: ReadOptions = ReadOptions()) throws(RecordingError) -> Report {
    try report(on: MappedFile.open(path), options)
}

/// The same for a recording in memory; `name` is for messages.
package func report(
    onBytes bytes: RawSpan, name: String, options: ReadOptions = ReadOptions()
) throws(RecordingError) -> Report {
    try report(on: MappedFile.copying(bytes, path: name), options)
}

private func report(on file: consuming MappedFile, _ options: ReadOptions) throws(RecordingError) -> Report {
    let read = try RecordingFormat.reader(for: file.bytes, packing: file.packing, path: file.path)
    do {
        return try read(file, options)
    } catch {
        throw RecordingError(path: file.path, offset: error.offset, problem: error.problem, advice: error.advice)
    }
}

/// Leads a trace.dat's pages through the analysis.
enum TraceDatReader {
    static let formatName = "trace.dat"
    /// The first bytes: 0x17 0x08 0x44 "tracing", trace-cmd.dat.v6(5).
    static let magic: [UInt8] = [0x17, 0x08, 0x44] + Array("tracing".utf8)

    static func report(_ file: borrowing MappedFile, _ options: ReadOptions) throws(FormatProblem) -> Report {
        var unpacker = Unpacker()
        var contents = try TraceDatContents.read(file.bytes, unpacker: &unpacker)
        try select(options.buffer, &contents)
        let layout = try contents.pageLayout(file.bytes)
        let formats = try contents.eventFormats(file.bytes)
        contents.noteMissingEvents(formats)

        let readers = contents.buffers.map { buffer in
            BufferReader(
                buffer, compression: contents.compression,
                decoder: PageDecoder(
                    layout: buffer.layout(layout, file.bytes, contents.compression, &unpacker),
                    timeScale: contents.timeScale), workerCount: options.workerCount)
        }
        var analysisOptions = options.analysis
        analysisOptions.fromNanoseconds = resolve(options.from, readers, file, &unpacker) ?? 0
        analysisOptions.toNanoseconds = resolve(options.to, readers, file, &unpacker) ?? .max

        if options.selection.isNarrowed, options.analysis.slowCount > 0 {
            analysisOptions.slowest = RowSelector(
                options.selection, names: try names(options.selection, formats, &contents, file, &unpacker))
        }
        let results = readers.map { $0.analyze(file, formats, analysisOptions) }
        let functions = results.reduce(into: Set<UInt64>()) { $0.formUnion($1.functionAddresses) }
        let symbols = symbols(functions, &contents, file, &unpacker)

        var tasks: [Int32: String] = [:]
        if options.analysis.slowCount > 0, let lines = contents.savedCmdlines {
            tasks = try lines.withBytes(of: file.bytes) { (text, _) in SavedCommandLines.read(text) }
        }
        var report = Report(
            source: contents.source(readers.first?.decoder.layout ?? layout, of: file), buffers: results,
            symbols: symbols, tasks: tasks, slowCount: options.analysis.slowCount, overrunEvents: contents.overrun,
            notes: contents.notes)
        report.clipWindow(from: analysisOptions.fromNanoseconds, to: analysisOptions.toNanoseconds)
        let snapshots = contents.attachment.flatMap { SnapshotAttachment($0) }
        if let snapshots {
            report.addMissing(
                snapshots.missingEvents, cpus: options.analysis.cpus,
                overrun: snapshots.isFromStart ? contents.overrun : nil)
        }
        // The counts are those of the whole recording: a part of it cannot be compared with them.
        let isWhole = options.from == nil && options.to == nil && options.analysis.cpus == nil && options.buffer == nil
        if isWhole, let snapshots {
            report.coverage = Coverage(
                snapshots, irqs: report[.irq], vectors: report[.vector], softirqs: report[.softirq])
        }
        return report
    }

    private static func resolve(
        _ bound: TimeBound?, _ readers: [BufferReader], _ file: borrowing MappedFile, _ unpacker: inout Unpacker
    ) -> UInt64? {
        switch bound {
        case .absolute(let time): return time
        case .sinceStart(let time):
            var start: UInt64?
            for reader in readers {
                if let first = reader.firstTime(file.bytes, &unpacker) { start = min(start ?? .max, first) }
            }
            let (sum, overflow) = (start ?? 0).addingReportingOverflow(time)
            return overflow ? .max : sum
        case nil: return nil
        }
    }

    private static func select(_ name: String?, _ contents: inout TraceDatContents) throws(FormatProblem) {
        guard let name else { return }
        let kept = contents.buffers.filter { $0.name == name }
        guard !kept.isEmpty else {
            let known = contents.buffers.map { $0.name.isEmpty ? "top" : $0.name.printable }.joined(separator: ", ")
            throw FormatProblem(
                offset: nil, problem: "there is no buffer \(name.printable)", advice: "the recording has: \(known)")
        }
        contents.buffers = kept
    }

    // MARK: - Names

    /// The names by which rows are selected while they are made. Names of functions are looked up in a copy of the
    /// recording's kallsyms, which is unpacked for that only if it is needed.
    private static func names(
        _ selection: RowSelection, _ formats: borrowing EventFormats, _ contents: inout TraceDatContents,
        _ file: borrowing MappedFile, _ unpacker: inout Unpacker
    ) throws(FormatProblem) -> SpanNames {
        var names = SpanNames(vectors: formats.vectorNames)
        guard selection.isNameWanted != nil, formats.contains(.workStart) else { return names }
        do {
            try contents.loadKallsyms(file.bytes, unpacker: &unpacker)
        } catch {
            return names  // told when the rows get their names
        }
        guard let blob = contents.kallsyms else { return names }
        let text = try blob.withBytes(of: file.bytes) { (bytes, _) in Array(copying: bytes) }
        names.function = { address in
            let span = text.span
            return SymbolNames.find([address], in: unsafe span.bytes)[address]
        }
        return names
    }

    private static func symbols(
        _ addresses: Set<UInt64>, _ contents: inout TraceDatContents, _ file: borrowing MappedFile,
        _ unpacker: inout Unpacker
    ) -> [UInt64: FunctionSymbol] {
        guard !addresses.isEmpty else { return [:] }
        do {
            try contents.loadKallsyms(file.bytes, unpacker: &unpacker)
            guard let blob = contents.kallsyms else { return [:] }
            return try blob.withBytes(of: file.bytes) { (text, _) in SymbolNames.find(addresses, in: text) }
        } catch {
            contents.notes.append("work functions have no names: \(error.problem)")
            return [:]
        }
    }
}

extension TraceDatContents {
    /// What turns the recorded times into those that trace-cmd shows; nil if they are the same.
    var timeScale: TimeScale? {
        TimeScale(
            multiplier: tscMultiplier == 0 ? 1 : tscMultiplier, shift: tscMultiplier == 0 ? 0 : tscShift,
            offsetNanoseconds: timeOffset)
    }

    /// The clock of the first buffer that tells.
    var clockName: String? { buffers.lazy.compactMap(\.clock).first ?? clock }

    /// Whether the times are nanoseconds (kernel/trace/trace.c, trace_clocks).
    var isClockNanoseconds: Bool {
        guard let clock = clockName else { return true }
        if clock == "x86-tsc" || clock == "ppc-tb" { return tscMultiplier != 0 }
        return clock != "counter" && clock != "uptime"
    }

    func source(_ layout: PageLayout, of file: borrowing MappedFile) -> RecordingSource {
        RecordingSource(
            file: file.path, format: TraceDatReader.formatName, version: version, compression: file.packing?.rawValue,
            clock: clockName, isClockNanoseconds: isClockNanoseconds,
            cpuCount: cpuCount ?? buffers.map { ($0.sections.map(\.cpu).max() ?? -1) + 1 }.max() ?? 0,
            byteOrder: byteOrder, longByteCount: longByteCount, pageByteCount: layout.subBufferByteCount,
            machine: machine, buffers: buffers.map(\.name))
    }
}
