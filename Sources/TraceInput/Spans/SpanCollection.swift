public import IRQCore
internal import Synchronization

/// All spans of a recording, with the names of their rows, in the order of time.
///
/// The recording is read once, as for a report. Spans wait in piles, one for each thread of the analysis, which keep some
/// 65,000 of them in memory and sort and spool the others; so memory does not grow with the recording, a pipe is as good as a
/// file, and names that a recording tells at its end are known when the first span is written.
public struct SpanCollection {
    /// The report of the recording, for what must be known beside the spans.
    public let report: Report
    /// The rows that spans have places of.
    public let titles: [SpanTitle]
    private let piles: [SpanPile]
    /// For each pile the places of its rows in `titles`.
    private let places: [[Int32]]

    /// The makers of piles hand over what they made; the threads of the analysis do not.
    private final class Made: Sendable {
        let piles = Mutex<[Box]>([])
    }

    /// A pile is made and finished by one thread, and used by one at a time.
    private struct Box: @unchecked Sendable {
        let pile: SpanPile
    }

    /// Reads a recording.
    ///
    /// - Throws: `RecordingError` if nothing can be said.
    public init(ofRecording path: String, options: ReadOptions) throws(RecordingError) {
        try self.init(ofRecording: path, options: options, runCount: SpanPile.usualRunCount)
    }

    /// The same with another number of spans that each pile keeps in memory.
    package init(ofRecording path: String, options given: ReadOptions, runCount: Int) throws(RecordingError) {
        let made = Made()
        var options = given
        let selection = options.selection
        options.analysis.makeSpanSink = { buffer in
            let pile = SpanPile(path: path, buffer: buffer, selection, runCount: runCount)
            let box = Box(pile: pile)
            made.piles.withLock { $0.append(box) }
            return pile
        }
        report = try TraceInput.report(onRecording: path, options: options)
        piles = made.piles.withLock { $0.map(\.pile).filter(\.isFinished) }
        if let failure = piles.lazy.compactMap(\.failure).first { throw failure }
        var titles: [SpanTitle] = []
        var known: [SpanTitle: Int32] = [:]
        places = piles.map { [names = report.names] pile in
            pile.rows.map { row in
                let title = SpanTitle(
                    row, buffer: pile.buffer, vectorNames: pile.vectorNames, functions: names.functions)
                if let place = known[title] { return place }
                known[title] = Int32(titles.count)
                titles.append(title)
                return Int32(titles.count - 1)
            }
        }
        self.titles = titles
    }

    /// The stretches of which events are missing, in the order of time.
    public var gaps: [SpanGap] {
        piles.flatMap(\.gaps).sorted { ($0.start, $0.cpu) < ($1.start, $1.cpu) }
    }

    /// Hands over all spans, whose rows are places in `titles`, until one is not taken.
    public func forEach(_ take: (FinishedSpan) -> Bool) {
        var merge = SpanMerge(piles)
        while let (record, pile) = merge.next() {
            guard take(record.span(row: places[pile][Int(record.row)])) else { return }
        }
    }
}
