internal import Glibc
public import IRQCore

/// How a recording is read.
public struct ReadOptions: Sendable {
    /// What the analysis is asked for.
    public var analysis = AnalysisOptions()
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
/// - Parameter path: a trace.dat of version 6 or 7; "-" reads standard input.
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
    try TraceDatMagic.check(file.bytes, path: file.path)
    do {
        return try TraceDatReader.report(file, options)
    } catch {
        throw RecordingError(path: file.path, offset: error.offset, problem: error.problem, advice: error.advice)
    }
}

/// Leads a trace.dat's pages through the analysis.
enum TraceDatReader {
    /// Bytes of one CPU that are decoded before the workqueue events of all CPUs are merged.
    private static let roundByteCount = 1 << 20
    /// Workqueue events that may wait to be merged, over all CPUs.
    private static let pendingWorkLimit = 1 << 18

    static func report(_ file: borrowing MappedFile, _ options: ReadOptions) throws(FormatProblem) -> Report {
        var unpacker = Unpacker()
        var contents = try TraceDatContents.read(file.bytes, unpacker: &unpacker)
        try select(options.buffer, &contents)
        let layout = try pageLayout(contents, file)
        let plan = ReadPlan(
            decoder: PageDecoder(layout: layout, timeScale: contents.timeScale),
            formats: try formats(&contents, file))
        noteMissingEvents(plan.formats, &contents)

        let start = firstTime(contents, file, plan, &unpacker)
        var analysisOptions = options.analysis
        analysisOptions.fromNanoseconds = resolve(options.from, start) ?? 0
        analysisOptions.toNanoseconds = resolve(options.to, start) ?? .max

        var results: [BufferResult] = []
        for buffer in contents.buffers {
            results.append(analyze(buffer, contents, file, plan, analysisOptions, workerCount: options.workerCount))
        }

        let functions = results.reduce(into: Set<UInt64>()) { $0.formUnion($1.functionAddresses) }
        let symbols = symbols(functions, &contents, file, &unpacker)
        var tasks: [Int32: String] = [:]
        if options.analysis.slowCount > 0, let lines = contents.savedCmdlines {
            tasks = try lines.withBytes(of: file.bytes) { (text, _) in SavedCommandLines.read(text) }
        }
        var report = Report(
            source: contents.source(layout), buffers: results, symbols: symbols, tasks: tasks,
            slowCount: options.analysis.slowCount, overrunEvents: contents.overrun, notes: contents.notes)
        report.clipWindow(from: analysisOptions.fromNanoseconds, to: analysisOptions.toNanoseconds)
        return report
    }

    private static func resolve(_ bound: TimeBound?, _ start: UInt64?) -> UInt64? {
        switch bound {
        case .absolute(let time): time
        case .sinceStart(let time): (start ?? 0).addingReportingOverflow(time).partialValue
        case nil: nil
        }
    }

    /// The time of the earliest page, which is that of the first event; nil without pages.
    private static func firstTime(
        _ contents: TraceDatContents, _ file: borrowing MappedFile, _ plan: borrowing ReadPlan,
        _ unpacker: inout Unpacker
    ) -> UInt64? {
        var first: UInt64?
        for buffer in contents.buffers {
            for section in buffer.sections {
                let reader = PageReader(
                    section, slot: 0, isCompressed: buffer.isCompressed, fileByteCount: file.byteCount)
                let time = reader.firstTime(file.bytes, plan, contents.compression, &unpacker)
                if let time { first = min(first ?? .max, time) }
            }
        }
        return first.map { contents.timeScale?.nanoseconds($0) ?? $0 }
    }

    private static func select(_ name: String?, _ contents: inout TraceDatContents) throws(FormatProblem) {
        guard let name else { return }
        let kept = contents.buffers.filter { $0.name == name }
        guard !kept.isEmpty else {
            let known = contents.buffers.map { $0.name.isEmpty ? "top" : $0.name.printable }.joined(separator: ", ")
            throw FormatProblem(
                offset: 0, problem: "there is no buffer \(name.printable)", advice: "the recording has: \(known)")
        }
        contents.buffers = kept
    }

    // MARK: - Formats

    private static func pageLayout(
        _ contents: TraceDatContents, _ file: borrowing MappedFile
    ) throws(FormatProblem) -> PageLayout {
        guard let recorded = RecordedFormats(byteOrder: contents.byteOrder, longByteCount: contents.longByteCount)
        else { throw FormatProblem(offset: 0, problem: "memory is out", advice: "free some and try again") }
        if let blob = contents.headerPage, blob.byteCount > 0 {
            let (text, position) = try blob.withBytes(of: file.bytes) { (bytes, origin) in
                (Array(copying: bytes), origin)
            }
            guard
                let layout = recorded.pageLayout(
                    headerPage: text, longByteCount: contents.longByteCount, byteOrder: contents.byteOrder)
            else { throw FormatProblem(offset: position, problem: "the text of header_page makes no sense") }
            return layout
        }
        // Before header_page existed: the recorder's page and long.
        guard
            let layout = PageLayout(
                subBufferByteCount: contents.headerPageByteCount, commitByteCount: contents.longByteCount,
                byteOrder: contents.byteOrder)
        else {
            throw FormatProblem(
                offset: 0, problem: "a page size of \(contents.headerPageByteCount) bytes cannot be")
        }
        return layout
    }

    private static func formats(
        _ contents: inout TraceDatContents, _ file: borrowing MappedFile
    ) throws(FormatProblem) -> EventFormats {
        guard let recorded = RecordedFormats(byteOrder: contents.byteOrder, longByteCount: contents.longByteCount)
        else { throw FormatProblem(offset: 0, problem: "memory is out", advice: "free some and try again") }
        var table = EventFormats()
        for (system, blob) in contents.formats {
            let text = try blob.withBytes(of: file.bytes) { (bytes, _) in Array(copying: bytes) }
            if !recorded.add(text, system: system, to: &table) {
                let name = (RecordedFormats.name(text) ?? "?").printable
                contents.notes.append("the format of event \(system):\(name) makes no sense: its events are left out")
            }
        }
        return table
    }

    private static func noteMissingEvents(_ formats: borrowing EventFormats, _ contents: inout TraceDatContents) {
        if !formats.contains(.irqEntry), !formats.contains(.softirqEntry) {
            contents.notes.append(
                "the recording describes no interrupt events: record with trace-cmd record -e irq")
        }
        let buffers = contents.buffers
        if buffers.allSatisfy({ $0.sections.isEmpty }) {
            contents.notes.append("the recording holds no events at all")
        }
        if !contents.isClockNanoseconds, let clock = contents.clockName {
            contents.notes.append("the trace clock \"\(clock.printable)\" does not count nanoseconds: read ns as ticks")
        }
    }

    // MARK: - Pages

    private static func workerCount(_ buffer: TraceBuffer, _ wanted: Int?) -> Int {
        let cores = wanted ?? min(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 8)
        return max(1, min(cores, buffer.sections.count))
    }

    private static func analyze(
        _ buffer: TraceBuffer, _ contents: TraceDatContents, _ file: borrowing MappedFile, _ plan: borrowing ReadPlan,
        _ options: AnalysisOptions, workerCount wanted: Int?
    ) -> BufferResult {
        let workerCount = workerCount(buffer, wanted)
        var analysis = BufferAnalysis(shardCount: workerCount, options: options)
        let workers = FixedSlots<Worker>(count: workerCount) { _ in Worker() }
        // The largest sections first, each to the shard that has least to do.
        var load = [Int](repeating: 0, count: workerCount)
        for section in buffer.sections.sorted(by: { $0.range.count > $1.range.count }) {
            let shard = load.indices.min { load[$0] < load[$1] } ?? 0
            load[shard] += section.range.count
            let slot = analysis.withShard(shard) { $0.addCPU(section.cpu) }
            workers.with(shard) {
                $0.readers.append(
                    PageReader(
                        section, slot: slot, isCompressed: buffer.isCompressed, fileByteCount: file.byteCount))
            }
        }
        let waiting = max(pendingWorkLimit / max(buffer.sections.count, 1), 1024)
        while let frontier = frontier(workers, analysis) {
            analysis.mergeWork(before: frontier)
            round(workers, analysis, file, plan, contents.compression, frontier: frontier, waitingLimit: waiting)
        }
        return analysis.finish(buffer: buffer.name, vectorNames: plan.formats.vectorNames)
    }

    /// The time up to which every CPU that is not finished has been read; nil when all are.
    private static func frontier(
        _ workers: borrowing FixedSlots<Worker>, _ analysis: borrowing BufferAnalysis
    ) -> UInt64? {
        var earliest: UInt64?
        for index in 0..<workers.count {
            workers.with(index) { worker in
                for reader in worker.readers where !reader.isFinished {
                    let reached = analysis.withShard(index) { $0.lastTime(slot: reader.slot) }
                    earliest = min(earliest ?? .max, reached)
                }
            }
        }
        return earliest
    }

    /// Lets every shard read on, in parallel. A CPU that is far ahead of the others waits, so that its
    /// workqueue events do not pile up; the one that is most behind never does.
    private static func round(
        _ workers: borrowing FixedSlots<Worker>, _ analysis: borrowing BufferAnalysis, _ file: borrowing MappedFile,
        _ plan: borrowing ReadPlan, _ compression: CompressionMethod, frontier: UInt64, waitingLimit: Int
    ) {
        Parallel.forEach(count: workers.count) { index in
            workers.with(index) { worker in
                analysis.withShard(index) { shard in
                    for place in worker.readers.indices where !worker.readers[place].isFinished {
                        var reader = worker.readers[place]
                        let isBehind = shard.lastTime(slot: reader.slot) <= frontier
                        if isBehind || shard.pendingWorkCount(slot: reader.slot) < waitingLimit {
                            reader.feed(
                                byteCount: roundByteCount, file: file, plan: plan, compression: compression,
                                worker: &worker, shard: &shard)
                            worker.readers[place] = reader
                        }
                    }
                }
            }
        }
    }

    // MARK: - Names

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
            contents.notes.append("work functions have no names: \(error.problem) (byte \(error.offset))")
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

    func source(_ layout: PageLayout) -> RecordingSource {
        RecordingSource(
            format: "trace.dat", version: version, clock: clockName, isClockNanoseconds: isClockNanoseconds,
            cpuCount: cpuCount ?? buffers.map { ($0.sections.map(\.cpu).max() ?? -1) + 1 }.max() ?? 0,
            byteOrder: byteOrder, longByteCount: longByteCount, pageByteCount: layout.subBufferByteCount,
            machine: machine, buffers: buffers.map(\.name))
    }
}
