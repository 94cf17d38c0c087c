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
                .init("schema") { _ in "irqscope.report.v1" }, .init("source", source) { $0.source },
                .init("window", window) { $0 }, .init("events", events) { $0 },
                .init("coverage", ReportCoverage.fields) { $0.coverage }, .init("notes") { $0.notes },
                .init("storms", each: storms) { $0.storms }, .init("slowest", each: slowest) { $0.slowest },
            ] + RowKind.allCases.map { kind in .init(kind.traits.json.rows, each: rows(of: kind)) { $0[kind] } })
    }

    private static let window = JSONFields<Report>([
        .init("start_ns") { $0.startNanoseconds }, .init("end_ns") { $0.endNanoseconds },
    ])

    private static let source = JSONFields(sourceFields)
    private static let namedSource = JSONFields(sourceFields + [.init("file") { $0.file }])
    private static let sourceFields: [JSONFields<RecordingSource>.Field] = [
        .init("format") { $0.format }, .init("version") { $0.version }, .init("clock") { $0.clock },
        .init("compression") { $0.compression }, .init("cpus") { $0.cpuCount },
        .init("byte_order") { $0.byteOrder?.rawValue }, .init("long_bytes") { $0.longByteCount },
        .init("page_bytes") { $0.pageByteCount }, .init("machine") { $0.machine }, .init("buffers") { $0.buffers },
    ]

    private static let events = JSONFields<Report>(
        LossLedger.counters.compactMap { counter in
            counter.key.map { key in .init(key) { $0.ledger[keyPath: counter.path] } }
        } + [
            .init("lost") { $0.ledger.gapsOfUnknownSize == 0 ? $0.ledger.lostEvents : nil },
            .init("overrun") { $0.overrunEvents }, .init("unused", each: unused) { $0.unusedEvents },
        ])

    private static let unused = JSONFields<UnusedEvent>([.init("event") { $0.name }, .init("count") { $0.count }])

    // MARK: Durations

    /// Of spans that can have others inside.
    private static let durations = JSONFields(summaryFields + [.init("self_ns") { $0.selfNanoseconds }])
    private static let latencies = JSONFields(summaryFields)
    private static let summaryFields: [JSONFields<DurationSummary>.Field] = [
        .init("count") { $0.count }, .init("total_ns") { $0.totalNanoseconds },
        .init("min_ns") { $0.minimumNanoseconds },
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

    private static func rows(of kind: RowKind) -> RowFields {
        let traits = kind.traits
        var fields = rowFields + [.init(traits.json.name) { $0.name }, .init(traits.json.calls) { $0.calls }]
        if let number = traits.json.number { fields.append(.init(number) { $0.number }) }
        if let measure = traits.latency?.measure { fields.append(.init(measure.jsonName, latencies) { $0[measure] }) }
        if traits.hasResults {
            fields += [
                .init("handled") { $0.handled }, .init("unhandled") { $0.unhandled },
                .init("wake_thread") { $0.wokeThread },
            ]
        }
        if traits.isFunction { fields.append(.init("module") { $0.module }) }
        return RowFields(fields)
    }

    private static let rowFields: [RowFields.Field] = [
        .init("buffer") { $0.buffer }, .init("duration", durations) { $0.duration },
        .init("cpus", each: shares) { $0.cpus },
    ]
    private static let shares = JSONFields<CPUShare>([
        .init("cpu") { $0.cpu }, .init("calls") { $0.calls }, .init("total_ns") { $0.totalNanoseconds },
        .init("self_ns") { $0.selfNanoseconds }, .init("max_ns") { $0.maximumNanoseconds },
    ])

    private static let storms = JSONFields<Storm>([
        .init("buffer") { $0.row.buffer }, .init("kind") { $0.row.kind.rawValue },
        .init("irq") { $0.row.kind == .irq ? $0.row.number : nil }, .init("action") { $0.row.name },
        .init("cpu") { $0.cpu },
        .init("start_ns") { $0.startNanoseconds }, .init("end_ns") { $0.endNanoseconds }, .init("count") { $0.count },
        .init("peak_per_s") { $0.peakPerSecond },
    ])

    private static let slowest = JSONFields<SlowestSpan>([
        .init("buffer") { $0.row.buffer }, .init("kind") { $0.row.kind.rawValue },
        .init("number") { $0.row.shownNumber },
        .init("name") { $0.row.name },
        .init("cpu") { $0.cpu }, .init("start_ns") { $0.startNanoseconds },
        .init("duration_ns") { $0.durationNanoseconds },
        .init("self_ns") { $0.selfNanoseconds }, .init("pid") { $0.pid }, .init("task") { $0.task },
    ])
}
