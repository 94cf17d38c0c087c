public import IRQCore

/// A report as JSON, schema irqscope.report.v1.
public enum ReportJSON {
    /// Writes the document and the end of its line.
    ///
    /// - Parameter namesFile: true if `source` has the key `file`, to tell several documents apart.
    public static func write(_ report: Report, namesFile: Bool = false, to output: inout ByteOutput) {
        let rows = RowColumns(report)
        let document = Columns<Report>(
            [
                .init("schema") { _ in .text("irqscope.report.v1") },
                .init("source", source(report, namesFile)) { $0.source }, .init("window", window) { $0 },
                .init("events", ReportSections.events.columns) { $0 }, .init("coverage", coverage) { $0.coverage },
                .init("deep", DeepJSON.columns) { $0.deep },
                .init("notes") { .texts($0.notes) },
                .init("storms", each: ReportSections.storms.columns) { $0.storms },
                .init("slowest", each: ReportSections.slowest.columns) { $0.slowest },
            ]
                + (report.budget == nil ? [] : [.init("budget", ReportBudget.json) { $0 }])
                + RowKind.allCases.map { kind in
                    .init(kind.traits.json.rows, each: rows.section(kind).columns) { $0[kind] }
                })
        output.json { document.write(report, &$0) }
    }

    private static let window = Columns<Report>([
        .init("start_ns") { .stamp($0.startNanoseconds) }, .init("end_ns") { .stamp($0.endNanoseconds) },
    ])

    private static func source(_ report: Report, _ namesFile: Bool) -> Columns<RecordingSource> {
        var columns = sourceColumns
        if report.source.resolutionNanoseconds != nil {
            columns.append(.init("resolution_ns") { .count($0.resolutionNanoseconds) })
        }
        if namesFile { columns.append(.init("file") { .text($0.file) }) }
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
