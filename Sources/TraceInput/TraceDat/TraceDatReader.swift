import IRQCore

/// A trace.dat of version 6 or 7, open.
struct TraceDatReader: RecordingReader, ~Copyable {
    static let formatName = "trace.dat"
    /// The first bytes: 0x17 0x08 0x44 "tracing", trace-cmd.dat.v6(5).
    static let magic: [UInt8] = [0x17, 0x08, 0x44] + Array("tracing".utf8)

    private var contents: TraceDatContents
    private let formats: EventFormats
    private let layout: PageLayout
    private let buffers: [BufferReader]
    private var unpacker = Unpacker()

    /// Reads all but the pages of the buffers that `options` ask for.
    init(_ file: borrowing MappedFile, _ options: ReadOptions) throws(FormatProblem) {
        var unpacker = Unpacker()
        var contents = try TraceDatContents.read(file.bytes, unpacker: &unpacker)
        if let name = options.buffer { try contents.select(name) }
        let described = try contents.pageLayout(file.bytes)
        let clock = contents.buffers.lazy.compactMap(\.clock).first ?? contents.clock
        // Ticks of an order, or of a hundredth of a second: no time between two events of different CPUs.
        let isComparable = clock != "counter" && clock != "uptime"
        let formats = try contents.eventFormats(file.bytes, isDeep: options.analysis.isDeep && isComparable)
        if options.analysis.isDeep, !isComparable {
            contents.notes.append(
                "the trace clock \"\(clock?.printable ?? "")\" cannot be compared across CPUs: wake-ups and threads are left out"
            )
        }
        contents.noteMissingEvents(formats)
        let buffers = contents.buffers.map { buffer in
            BufferReader(
                buffer, compression: contents.compression,
                decoder: PageDecoder(
                    layout: buffer.layout(described, file.bytes, contents.compression, &unpacker),
                    timeScale: contents.timeScale), workerCount: options.workerCount)
        }
        self.contents = contents
        self.formats = formats
        self.buffers = buffers
        self.unpacker = unpacker
        layout = buffers.first?.decoder.layout ?? described
    }

    var source: RecordingSource { contents.source(layout) }
    var notes: [String] { contents.notes }
    var vectorNames: [String] { formats.vectorNames }
    var hasFunctions: Bool {
        formats.contains(.workStart) || formats.contains(.taskletEntry) || formats.isDeep
    }
    var overrunEvents: UInt64? { contents.overrun }
    var attachment: [UInt8]? { contents.attachment }
    var missingPartCount: Int { contents.missingPartCount }
    var unreadPartCount: Int { contents.unreadPartCount }
    // zlib has one of its own, zstd may.
    var hasChecksums: Bool? {
        let isNonePacked = contents.compression == .none || buffers.allSatisfy { !$0.buffer.isCompressed }
        return isNonePacked ? false : contents.compression == .zlib ? true : nil
    }

    mutating func firstTime(_ file: borrowing MappedFile) -> UInt64? {
        var first: UInt64?
        for buffer in buffers {
            if let time = buffer.firstTime(file.bytes, &unpacker) { first = min(first ?? .max, time) }
        }
        return first
    }

    func analyze(_ file: borrowing MappedFile, _ options: AnalysisOptions) -> [BufferResult] {
        var results: [BufferResult] = []
        for buffer in buffers {
            var result = buffer.analyze(file, formats, options)
            for cpu in buffer.buffer.cutCPUs where options.cpus?.contains(cpu) ?? true { result.addOpenEnd(ofCPU: cpu) }
            results.append(result)
        }
        return results
    }

    mutating func kallsyms(_ file: borrowing MappedFile) throws(FormatProblem) -> Blob? {
        try contents.loadKallsyms(file.bytes, unpacker: &unpacker)
        return contents.kallsyms
    }

    mutating func kernelTexts(_ file: borrowing MappedFile) throws(FormatProblem) -> [UInt64: String] {
        try contents.loadKernelTexts(file.bytes, unpacker: &unpacker)
        guard let texts = contents.kernelTexts else { return [:] }
        return try texts.withBytes(of: file.bytes) { (text, _) in KernelTexts.read(text) }
    }

    func taskNames(_ file: borrowing MappedFile) throws(FormatProblem) -> [Int32: String] {
        guard let lines = contents.savedCmdlines else { return [:] }
        return try lines.withBytes(of: file.bytes) { (text, _) in SavedCommandLines.read(text) }
    }
}

extension TraceDatContents {
    /// Leaves only the buffer of this name.
    fileprivate mutating func select(_ name: String) throws(FormatProblem) {
        let kept = buffers.filter { $0.name == name }
        guard !kept.isEmpty else {
            let known = buffers.map { $0.name.isEmpty ? "top" : $0.name.printable }.joined(separator: ", ")
            throw FormatProblem(
                offset: nil, problem: "there is no buffer \(name.printable)", advice: "the recording has: \(known)")
        }
        buffers = kept
    }

    /// The scale from the recorded times to those that trace-cmd shows; nil if they are the same.
    fileprivate var timeScale: TimeScale? {
        TimeScale(
            multiplier: tscMultiplier == 0 ? 1 : tscMultiplier, shift: tscMultiplier == 0 ? 0 : tscShift,
            offsetNanoseconds: timeOffset)
    }

    fileprivate func source(_ layout: PageLayout) -> RecordingSource {
        // The clock of the first buffer that tells.
        let clock = buffers.lazy.compactMap(\.clock).first ?? clock
        // Which clocks count nanoseconds: kernel/trace/trace.c, trace_clocks.
        let isClockNanoseconds =
            switch clock {
            case "x86-tsc", "ppc-tb": tscMultiplier != 0
            default: clock != "counter" && clock != "uptime"
            }
        return RecordingSource(
            format: TraceDatReader.formatName, version: version, clock: clock, isClockNanoseconds: isClockNanoseconds,
            cpuCount: cpuCount ?? buffers.map { ($0.sections.map(\.cpu).max() ?? -1) + 1 }.max() ?? 0,
            byteOrder: byteOrder, longByteCount: longByteCount, pageByteCount: layout.subBufferByteCount,
            machine: machine, buffers: buffers.map(\.name))
    }
}
