/// A finished span, as a `SpanSink` gets it.
public struct FinishedSpan: BitwiseCopyable, Sendable {
    /// The row's place among those that the sink was told of.
    public let row: Int32
    /// The CPU's number.
    public let cpu: UInt32
    /// The task that was interrupted, or the worker; -1 where the analysis does not know it.
    public let pid: Int32
    /// When it began, in nanoseconds of the trace clock.
    public let startNanoseconds: UInt64
    /// The time it took, in nanoseconds; of a latency the time that was waited.
    public let durationNanoseconds: UInt64
    /// That without what was nested inside.
    public let selfNanoseconds: UInt64

    /// Creates a span; see the properties.
    public init(
        row: Int32, cpu: UInt32, pid: Int32, startNanoseconds: UInt64, durationNanoseconds: UInt64,
        selfNanoseconds: UInt64
    ) {
        (self.row, self.cpu, self.pid) = (row, cpu, pid)
        (self.startNanoseconds, self.durationNanoseconds) = (startNanoseconds, durationNanoseconds)
        self.selfNanoseconds = selfNanoseconds
    }

    /// When it ended.
    public var endNanoseconds: UInt64 { startNanoseconds &+ durationNanoseconds }
}

/// A row of spans, as a `SpanSink` gets it.
public struct SpanRow: Sendable {
    /// The kind of row.
    public let kind: RowKind
    /// The statistic of the row that the spans are.
    public let measure: Measure
    /// The IRQ, softirq vector, the address of a function, or the place of an x86 vector among the names that `finish` tells.
    public let number: UInt64
    /// The action of an interrupt. Untrusted bytes.
    public let text: [UInt8]

    init(_ key: SpanKey, text: [UInt8]) {
        (kind, measure) = key.kind.row
        number = key.number
        self.text = text
    }
}

/// A taker of all finished spans of some CPUs, for what needs more of them than their statistics.
///
/// Spans come in the order in which they end on their CPU, some hundred at a time; those of work items, which are paired
/// across CPUs, come to a sink of their own. One thread at a time calls it. A reader that has to start over, such as that of
/// perf.data whose samples turn out to be in no order of time, makes new sinks: the old ones never learn of an end.
public protocol SpanSink: AnyObject {
    /// Learns of the next row, before its first span.
    func add(_ row: SpanRow)
    /// Takes a span of a row it was told of.
    func take(_ span: FinishedSpan)
    /// Takes some hundred spans at a time; without that it gets them one by one.
    func take(_ spans: Span<FinishedSpan>)
    /// Learns that events of a CPU are missing after one time and before another one, which is `.max` if no event followed.
    func addGap(onCPU cpu: Int, from start: UInt64, to end: UInt64)
    /// Learns that the recording has ended.
    func finish(vectorNames: [String])
}

extension SpanSink {
    /// Takes the spans one by one.
    public func take(_ spans: Span<FinishedSpan>) {
        for place in spans.indices { take(spans[place]) }
    }
}

extension AnalysisOptions {
    /// The taker of the spans of some CPUs of a buffer; nil if nobody wants them.
    func spanSink(buffer: String) -> (any SpanSink)? {
        isTimelineWanted ? TimelineSink(self) : makeSpanSink?(buffer)
    }
}

/// The spans of a table that wait to be handed to its sink.
struct SpanOutlet: ~Copyable {
    /// Spans that wait at most, if no more are made at once.
    static let capacity = 1024

    let sink: (any SpanSink)?
    /// True if there is one; to ask that itself would count a reference, which the hot loop may not.
    let isWanted: Bool
    var items = GrowableBuffer<FinishedSpan>(capacity: 1)
    var knownRowCount = 0

    init(_ sink: (any SpanSink)?) {
        self.sink = sink
        isWanted = sink != nil
    }

    @inline(always)
    mutating func append(_ span: FinishedSpan) { items.append(span) }
}

extension SpanTable {
    /// Hands all that waits to the sink.
    mutating func handOut() {
        guard let sink = outlet.sink else { return }
        while outlet.knownRowCount < rowCount {
            sink.add(SpanRow(key(ofRow: outlet.knownRowCount), text: text(ofRow: outlet.knownRowCount)))
            outlet.knownRowCount += 1
        }
        if outlet.items.count > 0 { sink.take(outlet.items.elements) }
        outlet.items.removeAll()
    }

    /// Tells the sink that events of a CPU are missing.
    mutating func handOutGap(onCPU cpu: UInt32, from start: UInt64, to end: UInt64) {
        guard let sink = outlet.sink else { return }
        handOut()
        sink.addGap(onCPU: Int(cpu), from: start, to: end)
    }

    /// Ends the recording for the sink.
    mutating func finishSink(vectorNames: [String]) {
        handOut()
        outlet.sink?.finish(vectorNames: vectorNames)
    }
}
