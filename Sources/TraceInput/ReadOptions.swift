public import IRQCore

/// Options for the reading of a recording.
public struct ReadOptions: Sendable {
    /// The options of the analysis.
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
    /// The length of the intervals that a text is reported in, in nanoseconds; nil is one report of all.
    public var intervalNanoseconds: UInt64?
    /// A file descriptor that becomes readable when a pipe is to be read no further; nil without one.
    public var stopDescriptor: Int32?
    /// The number of equal slices of the recording's time by which durations are counted as well; 0 for none. Then all is
    /// read twice, for the first time tells where the recording ends.
    public var sliceCount = 0

    /// The formats of the events for a recording that has none; nil if there are none to give.
    public var formats: GivenFormats?

    /// Creates options that ask for everything.
    public init() {}
}

/// A time that a user gives.
public enum TimeBound: Sendable, Equatable {
    /// Nanoseconds of the trace clock, as reports show them.
    case absolute(UInt64)
    /// Nanoseconds after the recording's first event.
    case sinceStart(UInt64)

    /// The nanoseconds of the trace clock that are meant, where the first event is at `first`.
    func time(since first: @autoclosure () -> UInt64) -> UInt64 {
        switch self {
        case .absolute(let time): return time
        case .sinceStart(let offset):
            let (sum, overflow) = first().addingReportingOverflow(offset)
            return overflow ? .max : sum
        }
    }
}

/// Reads a recording and reports what its interrupts did.
///
/// - Parameter path: a file of a format of `RecordingFormat`, perhaps packed; "-" reads standard input.
/// - Throws: `RecordingError` if nothing can be said. What is damaged in part is reported as far as it can
///   be read, with the missing parts in `Report.notes` and `Report.ledger`.
public func report(onRecording path: String, options: ReadOptions = ReadOptions()) throws(RecordingError) -> Report {
    let report = try readOnce(path, options)
    // A text is read as it comes: for slices of its time it is read once more, if it is there a second time.
    guard options.sliceCount > 0, MappedFile.isRegular(path), report.rows.allSatisfy(\.slices.isEmpty),
        let start = report.startNanoseconds, let end = report.endNanoseconds
    else { return report }
    var options = options
    options.analysis.slices = TimeSlices(from: start, through: end, count: options.sliceCount)
    options.sliceCount = 0
    return try readOnce(path, options)
}

private func readOnce(_ path: String, _ options: ReadOptions) throws(RecordingError) -> Report {
    var report =
        switch try MappedFile.open(path, stopDescriptor: options.stopDescriptor) {
        case .mapped(let file): try report(on: file, options)
        case .text(var stream): try TextReport.read(&stream, options)
        }
    if !options.isPart { report.noteAbsence() }
    return report
}

extension ReadOptions {
    /// True if something of the recording is left out, so that nothing can be said of all of it.
    var isPart: Bool { analysis.cpus != nil || buffer != nil || from != nil || to != nil || intervalNanoseconds != nil }
}

extension Report {
    /// Notes that there is nothing in it to make a row of, where no sentence of the format's own says so.
    fileprivate mutating func noteAbsence() {
        if hasNoEvents, !notes.contains(where: { $0.contains("no events at all") }) {
            notes.append("the recording holds no events at all")
        } else if hasOnlyOtherEvents, !notes.contains(where: { $0.contains("no interrupt events") }) {
            notes.append(
                "the recording has no interrupt events: record with irqscope record, trace-cmd record -e irq, or perf "
                    + "record -a -e 'irq:*'")
        }
    }
}

/// Reads a text as it comes, and reports each interval of `ReadOptions.intervalNanoseconds`, the last one too.
///
/// - Parameter take: takes a report; false if no more are wanted.
/// - Throws: `RecordingError` if nothing can be said.
public func reports(
    onText path: String, options: ReadOptions, take: (Report) -> Bool
) throws(RecordingError) {
    switch try MappedFile.open(path, stopDescriptor: options.stopDescriptor) {
    case .text(var stream): try TextReport.read(&stream, options, take)
    case .mapped(let file):
        let format = try RecordingFormat.readable(file.bytes, packing: file.packing, path: file.path)
        guard format.isStreamed else {
            // One report, whose deep analysis has slices of that length.
            _ = take(try report(on: file, options))
            return
        }
        do throws(FormatProblem) {
            try TextReport.read(file, options, take)
        } catch {
            throw RecordingError(path: file.path, offset: error.offset, problem: error.problem, advice: error.advice)
        }
    }
}

/// The same for a recording in memory; `name` is for messages.
package func report(
    onBytes bytes: RawSpan, name: String, options: ReadOptions = ReadOptions()
) throws(RecordingError) -> Report {
    try report(on: MappedFile.copying(bytes, path: name), options)
}

/// The same as `reports(onText:)` for a text in memory.
package func reports(
    onBytes bytes: RawSpan, name: String, options: ReadOptions, take: (Report) -> Bool
) throws(RecordingError) {
    let file = try MappedFile.copying(bytes, path: name)
    do throws(FormatProblem) {
        try TextReport.read(file, options, take)
    } catch {
        throw RecordingError(path: name, offset: error.offset, problem: error.problem, advice: error.advice)
    }
}

private func report(on file: consuming MappedFile, _ options: ReadOptions) throws(RecordingError) -> Report {
    let format = try RecordingFormat.readable(file.bytes, packing: file.packing, path: file.path)
    do {
        return try format.read(file, options)
    } catch {
        throw RecordingError(path: file.path, offset: error.offset, problem: error.problem, advice: error.advice)
    }
}
