import IRQCore

/// The spans of one thread of the analysis: as many as fit into memory, and sorted runs of those before in a file without a
/// name.
final class SpanPile: SpanSink {
    /// The spans of a run in general. A few megabytes, which are in use only where there are as many spans.
    static let usualRunCount = 1 << 16

    let buffer: String
    private(set) var rows: [SpanRow] = []
    private(set) var vectorNames: [String] = []
    /// True if it holds all spans: a reader that starts over leaves piles unfinished.
    private(set) var isFinished = false
    /// The problem with the file; what comes behind it is not kept.
    private(set) var failure: RecordingError?
    /// The number of spans in each run in the file.
    private(set) var runs: [Int] = []
    /// The spans behind those in the file, sorted when the pile is finished.
    private(set) var last: [SpanRecord] = []
    /// The largest number of nanoseconds of which all times of spans are multiples, counted from the first one's beginning; 0 for
    /// none.
    private(set) var unit: UInt64 = 0
    /// The beginning of the first span; nil without one.
    private(set) var base: UInt64?
    private var isWanted: [Bool] = []
    private var spool: Spool.Writer?
    private var file: MappedFile?
    private let path: String
    private let selection: RowSelection
    private let runCount: Int

    /// - Parameters:
    ///   - path: that of the recording, for messages.
    ///   - runCount: the spans of a run.
    init(path: String, buffer: String, _ selection: RowSelection, runCount: Int) {
        self.path = path
        self.runCount = runCount
        self.buffer = buffer
        self.selection = selection
    }

    func add(_ row: SpanRow) {
        rows.append(row)
        isWanted.append(selection.containsNumber(of: row))
    }

    func take(_ span: FinishedSpan) {
        if isWanted[Int(span.row)] { put(span) }
    }

    /// Keeps a span, whatever its row.
    func put(_ span: FinishedSpan) {
        guard failure == nil else { return }
        if unit != 1 { findUnit(span) }
        last.append(SpanRecord(span, order: last.count))
        if last.count == runCount { endRun() }
    }

    private func findUnit(_ span: FinishedSpan) {
        // An arrow has no end.
        if span.durationNanoseconds == .max { return }
        let base = self.base ?? span.startNanoseconds
        self.base = base
        unit = Self.commonUnit(unit, max(span.startNanoseconds, base) - min(span.startNanoseconds, base))
        unit = Self.commonUnit(unit, span.durationNanoseconds)
    }

    /// The greatest common divisor.
    static func commonUnit(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }

    func addGap(onCPU cpu: Int, from given: UInt64, to end: UInt64) {
        // Without an event before it is not known how long it is.
        let start = given == 0 ? end : given
        guard start <= end else { return }
        put(
            FinishedSpan(
                row: Self.gapRow, cpu: UInt32(truncatingIfNeeded: cpu), pid: -1, startNanoseconds: start,
                durationNanoseconds: end - start, selfNanoseconds: 0))
    }

    /// The row of a stretch of which events are missing.
    static let gapRow: Int32 = -3

    func finish(vectorNames: [String]) {
        self.vectorNames = vectorNames
        sort()
        do throws(RecordingError) {
            if !runs.isEmpty { file = try spool?.finish(packing: nil) }
        } catch {
            failure = failure ?? error
        }
        isFinished = true
    }

    private func sort() {
        // Those that came first of equal ones, for the result must be the same each time.
        last.sort { $0.isBefore($1) || (!$1.isBefore($0) && $0.order < $1.order) }
    }

    private func endRun() {
        sort()
        do throws(RecordingError) {
            if spool == nil { spool = try Spool.Writer(path: path) }
            let span = last.span
            try spool?.append(unsafe span.bytes)  // plain numbers without padding
            runs.append(last.count)
        } catch {
            failure = error
        }
        last.removeAll(keepingCapacity: true)
    }

    /// Reads spans of the file, from a place on as many as there is room for; returns how many.
    func read(from place: Int, into room: inout [SpanRecord], count: Int) -> Int {
        let byteCount = min(count, room.count) * SpanRecord.byteCount
        let done = unsafe room.withUnsafeMutableBytes { room in
            // Inside: the count was limited to that of the room.
            unsafe file?.copy(
                from: place * SpanRecord.byteCount, into: UnsafeMutableRawBufferPointer(rebasing: room[..<byteCount]))
        }
        return (done ?? 0) / SpanRecord.byteCount
    }
}
