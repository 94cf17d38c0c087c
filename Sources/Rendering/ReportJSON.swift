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
    private static let namedSource = JSONFields(sourceFields + [.init("file") { $0.file }])
    private static let sourceFields: [JSONFields<RecordingSource>.Field] = [
        .init("format") { $0.format }, .init("version") { $0.version }, .init("clock") { $0.clock }, .init("cpus") { $0.cpuCount },
        .init("byte_order") { $0.byteOrder.rawValue }, .init("long_bytes") { $0.longByteCount },
        .init("page_bytes") { $0.pageByteCount }, .init("machine") { $0.machine }, .init("buffers") { $0.buffers },
    ]

    private static let events = JSONFields<Report>([
        .init("total") { $0.ledger.events }, .init("used") { $0.ledger.usedEvents },
        .init("lost") { $0.ledger.gapsOfUnknownSize == 0 ? $0.ledger.lostEvents : nil },
        .init("lost_at_least") { $0.ledger.lostEvents }, .init("gaps") { $0.ledger.gaps },
        .init("spans_dropped_at_gaps") { $0.ledger.spansDroppedAtGaps },
        .init("work_dropped_at_gaps") { $0.ledger.workDroppedAtGaps },
        .init("unmatched_entries") { $0.ledger.unmatchedEntries }, .init("unmatched_exits") { $0.ledger.unmatchedExits },
        .init("unmatched_work_starts") { $0.ledger.unmatchedWorkStarts },
        .init("unmatched_work_ends") { $0.ledger.unmatchedWorkEnds },
        .init("work_open_at_end") { $0.ledger.workOpenAtEnd }, .init("open_at_end") { $0.ledger.openAtEnd },
        .init("overrun") { $0.overrunEvents }, .init("damaged_pages") { $0.ledger.damagedPages },
        .init("damaged_chunks") { $0.ledger.damagedChunks }, .init("malformed") { $0.ledger.malformedEvents },
        .init("spans_too_deep") { $0.ledger.spansTooDeep },
        .init("calls_beyond_row_limit") { $0.ledger.callsBeyondRowLimit },
        .init("queued_beyond_limit") { $0.ledger.queuedBeyondLimit },
        .init("storms_beyond_limit") { $0.ledger.stormsBeyondLimit },
    ])

    // MARK: Durations

    /// Of spans that can have others inside.
    private static let durations = JSONFields(summaryFields + [.init("self_ns") { $0.selfNanoseconds }])
    private static let latencies = JSONFields(summaryFields)
    private static let summaryFields: [JSONFields<DurationSummary>.Field] = [
        .init("count") { $0.count }, .init("total_ns") { $0.totalNanoseconds }, .init("min_ns") { $0.minimumNanoseconds },
        .init("max_ns") { $0.maximumNanoseconds }, .init("mean_ns") { $0.meanNanoseconds },
        .init("stddev_ns") { $0.standardDeviationNanoseconds }, .init("p50_ns") { $0.percentile(perMille: 500) },
        .init("p90_ns") { $0.percentile(perMille: 900) }, .init("p99_ns") { $0.percentile(perMille: 990) },
        .init("p999_ns") { $0.percentile(perMille: 999) }, .init("histogram", each: buckets) { $0.histogram.buckets },
    ]
    private static let buckets = JSONFields<LatencyHistogram.Bucket>([
        .init("low_ns") { $0.lowNanoseconds }, .init("high_ns") { $0.highNanoseconds }, .init("count") { $0.count },
    ])

    // MARK: Rows

    private typealias RowFields = JSONFields<ReportRow>
    private static let irqs = RowFields(
        rowFields + [
            .init("irq") { $0.number }, .init("action") { $0.name }, .init("calls") { $0.calls }, .init("handled") { $0.handled },
            .init("unhandled") { $0.unhandled }, .init("wake_thread") { $0.wakeThread },
        ])
    private static let softirqs = RowFields(
        rowFields + [
            .init("vector") { $0.number }, .init("name") { $0.name }, .init("entries") { $0.calls },
            .init("raise_latency", latencies) { $0.latency },
        ])
    private static let vectors = RowFields(rowFields + [.init("vector") { $0.name }, .init("entries") { $0.calls }])
    private static let work = RowFields(
        rowFields + [
            .init("function") { $0.name }, .init("module") { $0.module }, .init("starts") { $0.calls },
            .init("queue_latency", latencies) { $0.latency },
        ])
    private static let rowFields: [RowFields.Field] = [
        .init("buffer") { $0.buffer }, .init("duration", durations) { $0.duration }, .init("cpus", each: shares) { $0.cpus },
    ]
    private static let shares = JSONFields<CPUShare>([
        .init("cpu") { $0.cpu }, .init("calls") { $0.calls }, .init("total_ns") { $0.totalNanoseconds },
        .init("self_ns") { $0.selfNanoseconds }, .init("max_ns") { $0.maximumNanoseconds },
    ])

    private static let storms = JSONFields<Storm>([
        .init("buffer") { $0.buffer }, .init("kind") { $0.kind.rawValue },
        .init("irq") { $0.kind == .irq ? $0.number : nil }, .init("action") { $0.name }, .init("cpu") { $0.cpu },
        .init("start_ns") { $0.startNanoseconds }, .init("end_ns") { $0.endNanoseconds }, .init("count") { $0.count },
        .init("peak_per_s") { $0.peakPerSecond },
    ])

    private static let slowest = JSONFields<SlowestSpan>([
        .init("buffer") { $0.buffer }, .init("kind") { $0.kind.rawValue },
        .init("number") { $0.kind == .irq || $0.kind == .softirq ? $0.number : nil }, .init("name") { $0.name },
        .init("cpu") { $0.cpu }, .init("start_ns") { $0.startNanoseconds }, .init("duration_ns") { $0.durationNanoseconds },
        .init("self_ns") { $0.selfNanoseconds }, .init("pid") { $0.pid }, .init("task") { $0.task },
    ])
}
