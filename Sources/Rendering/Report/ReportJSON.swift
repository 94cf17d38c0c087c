public import IRQCore

/// A report as JSON, schema irqscope.report.v1.
public enum ReportJSON {
    /// Writes the document and the end of its line.
    public static func write(_ report: Report, to output: inout ByteOutput) {
        let rows = RowColumns(report)
        var columns: [Column<Report>] = [
            .init("schema") { _ in .text("irqscope.report.v1") },
            .init("source", source(report)) { ($0.parts.first ?? $0).source },
            .init("window", report.parts.isEmpty ? window : windowOfSeveral) { $0 },
            .init("traced", traced) { $0.traced },
            .init("events", ReportSections.events.columns) { $0 }, .init("coverage", coverage) { $0.coverage },
            .init("deep", DeepJSON.columns) { $0.deep },
            .init("notes") { report in
                .texts(report.notes + report.parts.flatMap { part in part.notes.map { "\(part.source.file): \($0)" } })
            },
            .init("storms", each: named(ReportSections.storms, report) { $0.row }) { $0.storms },
            .init("slowest", each: named(ReportSections.slowest, report) { $0.row }) { $0.slowest },
        ]
        if report.budget != nil { columns.append(.init("budget", ReportBudget.json(report)) { $0 }) }
        columns += RowKind.allCases.map { kind in
            .init(kind.traits.json.rows, each: rows.section(kind).columns) { $0[kind] }
        }
        if !report.parts.isEmpty { columns.append(.init("sources", each: parts) { $0.parts }) }
        let document = Columns(columns)
        output.json { document.write(report, &$0) }
    }

    /// The columns of a table of things that are of one recording, in a report of several with its file.
    private static func named<Row>(
        _ section: Section<Row>, _ report: Report, _ key: @escaping @Sendable (Row) -> RowKey
    ) -> Columns<Row> {
        if report.parts.isEmpty { return section.columns }
        return Columns(section.columns.list + [.init("file") { .text(key($0).recording?.file) }])
    }

    /// A recording of several.
    private static let parts = Columns<Report>(
        namedSource.list.map { $0.of(in: .json) { $0.source } } + [
            .init("window", window) { $0 }, .init("traced", traced) { $0.traced },
            .init("events", ReportSections.events.columns) { $0 },
            .init("coverage", coverage) { $0.coverage }, .init("deep", DeepJSON.columns) { $0.deep },
            .init("notes") { .texts($0.notes) },
        ])

    private static let traced = Columns<ClosedRange<UInt64>>([
        .init("start_ns") { .stamp($0.lowerBound) }, .init("end_ns") { .stamp($0.upperBound) },
    ])

    private static let window = Columns<Report>([
        .init("start_ns") { .stamp($0.startNanoseconds) }, .init("end_ns") { .stamp($0.endNanoseconds) },
    ])

    /// The time of all recordings; their clocks may have nothing to do with each other.
    private static let windowOfSeveral = Columns<Report>([
        .init("start_ns") { _ in .stamp(nil) }, .init("end_ns") { _ in .stamp(nil) },
        .init("together_ns") { .nanoseconds($0.windowNanoseconds) },
    ])

    private static func source(_ report: Report) -> Columns<RecordingSource> {
        if !report.parts.isEmpty { return namedSource }
        var columns = sourceColumns
        if report.source.resolutionNanoseconds != nil {
            columns.append(.init("resolution_ns") { .count($0.resolutionNanoseconds) })
        }
        return Columns(columns)
    }
    static let namedSource = Columns(
        sourceColumns + [
            .init("resolution_ns") { .count($0.resolutionNanoseconds) }, .init("file") { .text($0.file) },
        ])
    private static let sourceColumns: [Column<RecordingSource>] = [
        .init("format") { .text($0.format) }, .init("version") { .number($0.version) },
        .init("compression") { .text($0.compression) }, .init("has_checksums") { .flag($0.hasChecksums) },
        .init("clock") { .text($0.clock) },
        .init("cpus") { .number($0.cpuCount) },
        .init("byte_order") { .text($0.byteOrder?.rawValue) }, .init("long_bytes") { .number($0.longByteCount) },
        .init("page_bytes") { .number($0.pageByteCount) }, .init("machine") { .text($0.machine) },
        .init("buffers") { .texts($0.buffers) },
    ]

    private static let coverage = Columns<Coverage>([
        .init("counted") { .count($0.counted) }, .init("traced") { .count($0.traced) },
        .init("apart_ns") { .nanoseconds($0.skewNanoseconds) },
        .init("uncompared_cpus", each: ReportSections.uncomparedCPUs.columns) { $0.uncomparedCPUs },
        .init("rows", each: ReportSections.coverage.columns) { $0.rows },
    ])
}
