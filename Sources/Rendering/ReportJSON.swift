public import IRQCore

/// A report as JSON, schema irqscope.report.v1.
public enum ReportJSON {
    /// Writes the document and the end of its line.
    ///
    /// - Parameter namesFile: whether `source` has the key `file`, to tell several documents apart.
    public static func write(_ report: Report, namesFile: Bool = false, to output: inout ByteOutput) {
        output.json { (namesFile ? namedDocument : document).write(report, &$0) }
    }

    private static let document = fields(of: source)
    private static let namedDocument = fields(of: namedSource)

    private static func fields(of source: JSONFields<RecordingSource>) -> JSONFields<Report> {
        JSONFields(
            [
                .init("schema") { _ in "irqscope.report.v1" }, .init("source", source, \.source),
                .init("window", window) { $0 }, .init("events", events) { $0 },
                .init("coverage", ReportCoverage.fields, \.coverage), .init("notes", \.notes),
                .init("storms", each: storms, \.storms), .init("slowest", each: slowest, \.slowest),
            ] + RowKind.allCases.map { kind in .init(kind.traits.json.rows, each: rows(of: kind)) { $0[kind] } })
    }

    private static let window = JSONFields<Report>([
        .init("start_ns", \.startNanoseconds), .init("end_ns", \.endNanoseconds),
    ])

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
        .init("storms_beyond_limit", \.ledger.stormsBeyondLimit), .init("unused", each: unused, \.unusedEvents),
    ])

    private static let unused = JSONFields<UnusedEvent>([.init("event", \.name), .init("count", \.count)])

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

    private static func rows(of kind: RowKind) -> RowFields {
        let traits = kind.traits
        var fields = rowFields + [.init(traits.json.name, \.name), .init(traits.json.calls, \.calls)]
        if let number = traits.json.number { fields.append(.init(number, \.number)) }
        if let measure = traits.latency?.measure { fields.append(.init(measure.jsonName, latencies) { $0[measure] }) }
        if traits.hasResults {
            fields += [
                .init("handled", \.handled), .init("unhandled", \.unhandled), .init("wake_thread", \.wakeThread),
            ]
        }
        if traits.isFunction { fields.append(.init("module", \.module)) }
        return RowFields(fields)
    }

    private static let rowFields: [RowFields.Field] = [
        .init("buffer", \.buffer), .init("duration", durations, \.duration), .init("cpus", each: shares, \.cpus),
    ]
    private static let shares = JSONFields<CPUShare>([
        .init("cpu", \.cpu), .init("calls", \.calls), .init("total_ns", \.totalNanoseconds),
        .init("self_ns", \.selfNanoseconds), .init("max_ns", \.maximumNanoseconds),
    ])

    private static let storms = JSONFields<Storm>([
        .init("buffer", \.row.buffer), .init("kind", \.row.kind.rawValue),
        .init("irq") { $0.row.kind == .irq ? $0.row.number : nil }, .init("action", \.row.name), .init("cpu", \.cpu),
        .init("start_ns", \.startNanoseconds), .init("end_ns", \.endNanoseconds), .init("count", \.count),
        .init("peak_per_s", \.peakPerSecond),
    ])

    private static let slowest = JSONFields<SlowestSpan>([
        .init("buffer", \.row.buffer), .init("kind", \.row.kind.rawValue), .init("number", \.row.shownNumber),
        .init("name", \.row.name),
        .init("cpu", \.cpu), .init("start_ns", \.startNanoseconds), .init("duration_ns", \.durationNanoseconds),
        .init("self_ns", \.selfNanoseconds), .init("pid", \.pid), .init("task", \.task),
    ])
}
