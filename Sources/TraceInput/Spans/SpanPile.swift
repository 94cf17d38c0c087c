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
    private(set) var gaps: [SpanGap] = []
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
        guard isWanted[Int(span.row)], failure == nil else { return }
        last.append(SpanRecord(span, order: last.count))
        if last.count == runCount { endRun() }
    }

    /// More gaps than this are not kept one by one.
    private static let gapLimit = 1 << 16

    func addGap(onCPU cpu: Int, from start: UInt64, to end: UInt64) {
        guard start <= end, gaps.count < Self.gapLimit else { return }
        gaps.append(SpanGap(cpu: cpu, start: start, end: end))
    }

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

/// A stretch of time of which events of a CPU are missing.
public struct SpanGap: Sendable {
    /// The CPU's number.
    public let cpu: Int
    /// The time of the last event before.
    public let start: UInt64
    /// The time of the first event behind.
    public let end: UInt64
}
