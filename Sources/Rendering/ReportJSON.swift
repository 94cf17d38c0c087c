public import IRQCore

/// A report as JSON, schema irqscope.report.v1.
public enum ReportJSON {
    /// Writes the document and the end of its line.
    ///
    /// - Parameter namesFile: whether `source` has the key `file`, to tell several documents apart.
    public static func write(_ report: Report, namesFile: Bool = false, to output: inout ByteOutput) {
        output.json { json in
            json.member("coverage", report.coverage, ReportCoverage.fields)
            json.member("events", report, events)
            json.member("irqs", each: report.irqs, irqs)
            json.member("notes", report.notes)
            json.member("schema", "irqscope.report.v1")
            json.member("slowest", each: report.slowest, slowest)
            json.member("softirqs", each: report.softirqs, softirqs)
            json.member("source", report.source, namesFile ? namedSource : source)
            json.member("storms", each: report.storms, storms)
            json.member("vectors", each: report.vectors, vectors)
            json.object("window") { json in
                json.member("end_ns", report.endNanoseconds)
                json.member("start_ns", report.startNanoseconds)
            }
            json.member("work", each: report.work, work)
        }
    }

    private static let source = JSONFields(sourceFields)
    private static let namedSource = JSONFields(sourceFields + [.init("file", \.file)])
    private static let sourceFields: [JSONFields<RecordingSource>.Field] = [
        .init("format", \.format), .init("version", \.version), .init("clock", \.clock), .init("cpus", \.cpuCount),
        .init("byte_order", \.byteOrder.rawValue), .init("long_bytes", \.longByteCount),
        .init("page_bytes", \.pageByteCount), .init("machine", \.machine), .init("buffers", \.buffers),
    ]

    private static let events = JSONFields<Report>([
        .init("total", \.ledger.events), .init("used", \.ledger.usedEvents),
        .init("lost") { $0.ledger.gapsOfUnknownSize == 0 ? $0.ledger.lostEvents : nil },
        .init("lost_at_least", \.ledger.lostEvents), .init("gaps", \.ledger.gaps),
        .init("spans_dropped_at_gaps", \.ledger.spansDroppedAtGaps),
        .init("work_dropped_at_gaps", \.ledger.workDroppedAtGaps),
        .init("unmatched_entries", \.ledger.unmatchedEntries), .init("unmatched_exits", \.ledger.unmatchedExits),
        .init("unmatched_work_starts", \.ledger.unmatchedWorkStarts),
        .init("unmatched_work_ends", \.ledger.unmatchedWorkEnds),
        .init("work_open_at_end", \.ledger.workOpenAtEnd), .init("open_at_end", \.ledger.openAtEnd),
        .init("overrun", \.overrunEvents), .init("damaged_pages", \.ledger.damagedPages),
        .init("damaged_chunks", \.ledger.damagedChunks), .init("malformed", \.ledger.malformedEvents),
        .init("spans_too_deep", \.ledger.spansTooDeep),
        .init("calls_beyond_row_limit", \.ledger.callsBeyondRowLimit),
        .init("queued_beyond_limit", \.ledger.queuedBeyondLimit),
        .init("storms_beyond_limit", \.ledger.stormsBeyondLimit),
    ])

    // MARK: Durations

    /// Of spans that can have others inside.
    private static let durations = JSONFields(summaryFields + [.init("self_ns", \.selfNanoseconds)])
    private static let latencies = JSONFields(summaryFields)
    private static let summaryFields: [JSONFields<DurationSummary>.Field] = [
        .init("count", \.count), .init("total_ns", \.totalNanoseconds), .init("min_ns", \.minimumNanoseconds),
        .init("max_ns", \.maximumNanoseconds), .init("mean_ns", \.meanNanoseconds),
        .init("stddev_ns", \.standardDeviationNanoseconds), .init("p50_ns") { $0.percentile(perMille: 500) },
        .init("p90_ns") { $0.percentile(perMille: 900) }, .init("p99_ns") { $0.percentile(perMille: 990) },
        .init("p999_ns") { $0.percentile(perMille: 999) }, .init("histogram", each: buckets, \.histogram.buckets),
    ]
    private static let buckets = JSONFields<LatencyHistogram.Bucket>([
        .init("low_ns", \.lowNanoseconds), .init("high_ns", \.highNanoseconds), .init("count", \.count),
    ])

    // MARK: Rows

    private typealias RowFields = JSONFields<ReportRow>
    private static let irqs = RowFields(
        rowFields + [
            .init("irq", \.number), .init("action", \.name), .init("calls", \.calls), .init("handled", \.handled),
            .init("unhandled", \.unhandled), .init("wake_thread", \.wakeThread),
        ])
    private static let softirqs = RowFields(
        rowFields + [
            .init("vector", \.number), .init("name", \.name), .init("entries", \.calls),
            .init("raise_latency", latencies, \.latency),
        ])
    private static let vectors = RowFields(rowFields + [.init("vector", \.name), .init("entries", \.calls)])
    private static let work = RowFields(
        rowFields + [
            .init("function", \.name), .init("module", \.module), .init("starts", \.calls),
            .init("queue_latency", latencies, \.latency),
        ])
    private static let rowFields: [RowFields.Field] = [
        .init("buffer", \.buffer), .init("duration", durations, \.duration), .init("cpus", each: shares, \.cpus),
    ]
    private static let shares = JSONFields<CPUShare>([
        .init("cpu", \.cpu), .init("calls", \.calls), .init("total_ns", \.totalNanoseconds),
        .init("self_ns", \.selfNanoseconds), .init("max_ns", \.maximumNanoseconds),
    ])

    private static let storms = JSONFields<Storm>([
        .init("buffer", \.buffer), .init("kind", \.kind.rawValue),
        .init("irq") { $0.kind == .irq ? $0.number : nil }, .init("action", \.name), .init("cpu", \.cpu),
        .init("start_ns", \.startNanoseconds), .init("end_ns", \.endNanoseconds), .init("count", \.count),
        .init("peak_per_s", \.peakPerSecond),
    ])

    private static let slowest = JSONFields<SlowestSpan>([
        .init("buffer", \.buffer), .init("kind", \.kind.rawValue),
        .init("number") { $0.kind == .irq || $0.kind == .softirq ? $0.number : nil }, .init("name", \.name),
        .init("cpu", \.cpu), .init("start_ns", \.startNanoseconds), .init("duration_ns", \.durationNanoseconds),
        .init("self_ns", \.selfNanoseconds), .init("pid", \.pid), .init("task", \.task),
    ])
}
