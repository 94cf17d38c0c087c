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
    /// The names of its tasks, those that events of the scheduler tell first. Untrusted text.
    public let names: RecordingNames
    private let piles: [SpanPile]
    /// For each pile the places of its rows in `titles`.
    private let places: [[Int32]]

    /// The makers of piles hand over what they made; the threads of the analysis do not.
    private final class Made: Sendable {
        let piles = Mutex<[Box]>([])

        func add(_ pile: SpanPile, _ runs: RunPile? = nil) {
            let box = Box(pile: pile, runs: runs)
            piles.withLock { $0.append(box) }
        }
    }

    /// A pile is made and finished by one thread, and used by one at a time.
    private struct Box: @unchecked Sendable {
        let pile: SpanPile
        let runs: RunPile?
    }

    /// Reads a recording.
    ///
    /// - Parameter hasRuns: true if the runs of tasks are wanted too.
    /// - Throws: `RecordingError` if nothing can be said.
    public init(ofRecording path: String, options: ReadOptions, hasRuns: Bool = false) throws(RecordingError) {
        try self.init(ofRecording: path, options: options, hasRuns: hasRuns, runCount: SpanPile.usualRunCount)
    }

    /// The same with another number of spans that each pile keeps in memory.
    package init(ofRecording path: String, options given: ReadOptions, hasRuns: Bool, runCount: Int)
        throws(RecordingError)
    {
        let made = Made()
        var options = given
        let selection = options.selection
        options.analysis.makeSpanSink = { buffer in
            let pile = SpanPile(path: path, buffer: buffer, selection, runCount: runCount)
            made.add(pile)
            return pile
        }
        if hasRuns {
            options.analysis.makeRunSink = { buffer in
                let pile = SpanPile(path: path, buffer: buffer, selection, runCount: runCount)
                let runs = RunPile(pile, selection)
                made.add(pile, runs)
                return runs
            }
        }
        report = try TraceInput.report(onRecording: path, options: options)
        let finished = made.piles.withLock { $0.filter { $0.pile.isFinished } }
        piles = finished.map(\.pile)
        var names = report.names
        for runs in finished.compactMap(\.runs) { names.tasks.merge(runs.names) { $1 } }
        self.names = names
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

    /// The number of nanoseconds by which all times differ, or a multiple of it: the step of the clock, if that is coarse.
    public var unitNanoseconds: UInt64 {
        var (unit, first): (UInt64, UInt64?) = (0, nil)
        for pile in piles {
            guard let base = pile.base else { continue }
            let start = first ?? base
            first = start
            unit = SpanPile.commonUnit(SpanPile.commonUnit(unit, pile.unit), max(base, start) - min(base, start))
        }
        return max(unit, 1)
    }

    /// Hands over all spans, whose rows are places in `titles`, until one is not taken.
    public func forEach(_ take: (FinishedSpan) -> Bool) {
        forEachItem { item in
            if case .span(let span) = item { take(span) } else { true }
        }
    }

    /// Hands over all spans, runs and arrows, until one is not taken.
    public func forEachItem(_ take: (TimelineItem) -> Bool) {
        var merge = SpanMerge(piles)
        while let (record, pile) = merge.next() {
            let item: TimelineItem =
                switch record.row {
                case RunPile.runRow: .run(record.span(row: -1), buffer: piles[pile].buffer)
                case SpanPile.gapRow: .gap(record.span(row: -1), buffer: piles[pile].buffer)
                case RunPile.arrowRow: .arrow(record.span(row: -1), buffer: piles[pile].buffer)
                default: .span(record.span(row: places[pile][Int(record.row)]))
                }
            guard take(item) else { return }
        }
    }
}
