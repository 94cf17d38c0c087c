import IRQCore

/// A perf.data, open: a file, a pipe or a directory, with what belongs to it.
struct PerfDataReader: RecordingReader, ~Copyable {
    static let formatName = "perf.data"

    private let contents: PerfContents
    private let formats: EventFormats
    private let companions: [PerfCompanion]
    private let findings: PerfFindings

    /// The findings of the way through the records.
    private final class PerfFindings {
        var notes: [String] = []
        var tasks: [Int32: String] = [:]
        var cpuCount = 0
        /// The parts that were not read to their end because of damage, and those that end where another file begins.
        private(set) var (damagedCount, joinedCount) = (0, 0)

        func countDamage(_ parts: [PerfPart]) {
            damagedCount = parts.count { $0.damage?.isOtherFile == false }
            joinedCount = parts.count { $0.damage?.isOtherFile == true }
        }
    }

    /// Reads all but the samples.
    init(_ file: borrowing MappedFile, _ options: ReadOptions) throws(FormatProblem) {
        var contents = try PerfContents.read(file.bytes)
        if let name = options.buffer, !name.isEmpty {
            throw FormatProblem(
                offset: nil, problem: "there is no buffer \(name.printable)", advice: "a perf.data has one buffer: top")
        }
        formats = try contents.eventFormats(file, options.formats, isDeep: options.analysis.isDeep)
        companions = contents.isDirectory ? contents.openCompanions(of: file.path) : []
        contents.noteEvents(formats)
        self.contents = contents
        findings = PerfFindings()
    }

    var source: RecordingSource {
        RecordingSource(
            format: Self.formatName, version: contents.version, clock: contents.clock, isClockNanoseconds: true,
            cpuCount: contents.cpuCount ?? findings.cpuCount, byteOrder: contents.byteOrder,
            longByteCount: contents.tracing?.longByteCount, pageByteCount: contents.tracing?.headerPageByteCount,
            machine: contents.machine, buffers: [""])
    }
    var notes: [String] { contents.notes + findings.notes }
    var vectorNames: [String] { formats.vectorNames }
    /// Addresses of functions stay without names: perf keeps no table of symbols.
    var hasFunctions: Bool { false }
    var overrunEvents: UInt64? { nil }
    var attachment: [UInt8]? { nil }
    // Of a file that ends early it is told by its header and by its last record: that is one place.
    var missingPartCount: Int { max(contents.missingPartCount, findings.damagedCount) }
    var unreadPartCount: Int { contents.unreadPartCount + findings.joinedCount }

    /// The buffers of the CPUs come by turns, so that the first event is known only when all have been read.
    mutating func firstTime(_ file: borrowing MappedFile) -> UInt64? { run(file, AnalysisOptions()).firstTime }

    func analyze(_ file: borrowing MappedFile, _ options: AnalysisOptions) -> [BufferResult] {
        [run(file, options)]
    }

    mutating func kernelTexts(_ file: borrowing MappedFile) throws(FormatProblem) -> [UInt64: String] {
        guard let texts = contents.tracing?.kernelTexts else { return [:] }
        return try texts.withBytes(of: file.bytes) { (text, _) in KernelTexts.read(text) }
    }

    mutating func kallsyms(_ file: borrowing MappedFile) throws(FormatProblem) -> Blob? { nil }

    func taskNames(_ file: borrowing MappedFile) throws(FormatProblem) -> [Int32: String] {
        var names: [Int32: String] = [:]
        if let lines = contents.tracing?.savedCmdlines {
            names = try lines.withBytes(of: file.bytes) { (text, _) in SavedCommandLines.read(text) }
        }
        return names.merging(findings.tasks) { $1 }
    }

    // MARK: - Records

    /// Leads all records through the analysis: as they come, and if that is no order of time, once more through a queue.
    private func run(_ file: borrowing MappedFile, _ options: AnalysisOptions) -> BufferResult {
        let isBackward = contents.attributes.contains { $0.isWrittenBackward }
        if !isBackward, let result = attempt(file, options, isSorted: false) { return result }
        if let result = attempt(file, options, isSorted: true) { return result }
        return BufferAnalysis(shardCount: 1, options: options).finish(buffer: "", vectorNames: [])
    }

    /// One way through all records; nil if it came to a sample that is too early. Sorted, it comes to none.
    private func attempt(
        _ file: borrowing MappedFile, _ options: AnalysisOptions, isSorted: Bool
    ) -> BufferResult? {
        let parts = parts()
        var run = PerfRun(contents, contents.sampleTable, formats, partCount: parts.count, isSorted: isSorted, options)
        while let next = run.nextPart, !run.isLate {
            parts[next].readOn(file, &run, formats)
            run.endSlice(part: next, isFinished: parts[next].isFinished, formats)
        }
        if run.isLate { return nil }
        run.end(formats)
        findings.notes = contents.notes(of: run.counts, run.losses, parts, isMergeForced: run.isMergeForced)
        findings.countDamage(parts)
        findings.tasks = run.taskNames
        findings.cpuCount = run.cpuLimit
        return run.finish(formats)
    }

    private func parts() -> [PerfPart] {
        var parts = [PerfPart(contents.data, index: 0, byteOrder: contents.byteOrder)]
        for (index, companion) in companions.enumerated() {
            parts.append(
                PerfPart(
                    0..<companion.file.byteCount, index: index + 1, companion: companion, byteOrder: contents.byteOrder)
            )
        }
        return parts
    }
}
