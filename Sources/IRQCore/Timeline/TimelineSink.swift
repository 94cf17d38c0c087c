/// A taker of spans that keeps what a course over time needs of them.
final class TimelineSink: SpanSink {
    private var collector: TimelineCollector
    private var vectorNames: [String] = []

    /// - Parameter options: the window.
    init(_ options: AnalysisOptions) {
        collector = TimelineCollector(
            from: options.fromNanoseconds, to: options.toNanoseconds, selector: options.selector)
    }

    func add(_ row: SpanRow) { collector.add(row) }

    func take(_ span: FinishedSpan) {
        let one = [span]
        collector.take(one.span)
    }

    func take(_ spans: Span<FinishedSpan>) { collector.take(spans) }

    func addGap(onCPU cpu: Int, from start: UInt64, to end: UInt64) {
        collector.addGap(onCPU: cpu, from: start, to: end)
    }

    func finish(vectorNames: [String]) { self.vectorNames = vectorNames }

    /// Calls `body` with what was kept.
    func withKept<Result>(_ body: (borrowing TimelineCollector, [String]) -> Result) -> Result {
        body(collector, vectorNames)
    }
}
