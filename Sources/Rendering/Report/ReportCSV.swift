public import IRQCore

/// A table of a report as comma-separated values (`CSVTable`): times in nanoseconds, unknown values empty.
public struct ReportCSV: Sendable {
    /// The name of the table, as `--section` has it.
    public let name: String
    private let writeTable: @Sendable (Report, Bool, inout ByteOutput) -> Void

    /// Writes the title line, unless another report has one, then all lines.
    public func write(_ report: Report, hasTitle: Bool = true, to output: inout ByteOutput) {
        writeTable(report, hasTitle, &output)
    }

    /// All tables; the first is the one that is meant if none is named.
    public static let all: [ReportCSV] =
        [ReportCSV("rows", recording: \.key.recording, { RowColumns($0).section(nil).columns }) { $0.rows }]
        + RowKind.allCases.map { kind in
            ReportCSV(
                kind.traits.json.rows.description, recording: \.key.recording,
                { RowColumns($0).section(kind).columns }
            ) { $0[kind] }
        } + [
            ReportCSV(
                "per_cpu", of: { $0.rows }, recording: \.key.recording, rowIdentity, { _ in RowColumns.shares }
            ) { $1.cpus },
            ReportCSV(
                "histograms", of: { $0.rows }, recording: \.key.recording, rowIdentity, { _ in bucketColumns }, buckets),
            ReportCSV("cpus", recording: \.recording, { ReportSections.cpus($0, Style()).columns }) {
                CPULoad.all(in: $0)
            },
            ReportCSV(ReportSections.storms, recording: \.row.recording) { $0.storms },
            ReportCSV(ReportSections.slowest, recording: \.row.recording) { $0.slowest },
            ReportCSV(ReportBudget.verdicts, recording: \.recording) { $0.budgetVerdicts },
            ReportCSV(ReportSections.events) { [$0] },
            ReportCSV(ReportSections.unused) { $0.unusedEvents },
            ReportCSV(ReportSections.coverage) { $0.coverage?.rows ?? [] },
            ReportCSV(
                "coverage_cpus", of: { $0.coverage?.rows ?? [] }, { _ in coverageIdentity },
                { _ in ReportSections.coverageCPUs }
            ) { $1.cpus },
            ReportCSV(ReportSections.uncomparedCPUs) { $0.coverage?.uncomparedCPUs ?? [] },
        ]

    /// The first three columns of each table, by which its file is known.
    static let titles: [[Substring]] = all.map { table in
        let source = RecordingSource(
            format: "", clock: nil, isClockNanoseconds: true, cpuCount: 0, machine: nil, buffers: [])
        let none = Report(
            source: source, buffers: [], symbols: [:], tasks: [:], slowCount: 0, overrunEvents: nil, notes: [])
        var title: [UInt8] = []
        var output = ByteOutput { bytes in
            title += unsafe bytes.withUnsafeBytes { unsafe Array($0) }
            return true
        }
        table.write(none, to: &output)
        output.flush()
        return String(decoding: title, as: UTF8.self).split(separator: ",").prefix(3).map {
            $0.prefix { !$0.isNewline }
        }
    }

    private typealias Recording<Row> = @Sendable (Row) -> RowKey.Recording?

    private init<Row>(
        _ section: Section<Row>, recording: Recording<Row>? = nil, _ rows: @escaping @Sendable (Report) -> [Row]
    ) {
        self.init(section.key.description, recording: recording, { _ in section.columns }, rows)
    }

    /// A table with a line a row.
    private init<Row>(
        _ name: String, recording: Recording<Row>?, _ columns: @escaping @Sendable (Report) -> Columns<Row>,
        _ rows: @escaping @Sendable (Report) -> [Row]
    ) {
        self.init(name, of: rows, recording: recording, columns, { _ in Columns<Void>([]) }) { _, _ in [()] }
    }

    /// A table with a line for each part of a row, which begins with the row's identity.
    ///
    /// - Parameter recording: that of a row in a report of several; nil where each recording has rows of its own.
    private init<Row, Part>(
        _ name: String, of rows: @escaping @Sendable (Report) -> [Row], recording: Recording<Row>? = nil,
        _ identity: @escaping @Sendable (Report) -> Columns<Row>,
        _ columns: @escaping @Sendable (Report) -> Columns<Part>,
        _ parts: @escaping @Sendable (Report, Row) -> [Part]
    ) {
        self.name = name
        writeTable = { report, hasTitle, output in
            let reports = recording == nil && !report.parts.isEmpty ? report.parts : [report]
            for (place, report) in reports.enumerated() {
                // Rows that were added up are of no file.
                let file = report.parts.isEmpty ? report.source.file : nil
                let fileColumn = Column<Row>("file", in: .csv) { .text(recording?($0)?.file ?? file) }
                let table = CSVTable(
                    [], Columns([fileColumn] + identity(report).list), parts: columns(report), after: nil)
                if hasTitle, place == 0 { table.writeTitle(to: &output) }
                for row in rows(report) { table.write(row, parts(report, row), to: &output) }
            }
        }
    }

    private static let identityKeys = ["kind", "buffer", "number", "name"]

    /// The columns that tell a row from others.
    private static func rowIdentity(_ report: Report) -> Columns<ReportRow> {
        Columns(RowColumns(report).section(nil).columns.list.filter { identityKeys.contains($0.key.description) })
    }

    private static let coverageIdentity = Columns(
        ReportSections.coverage.columns.list.filter { ["table", "label"].contains($0.key.description) })

    // MARK: Histograms

    private struct Bucket {
        let measure: Measure
        let bucket: LatencyHistogram.Bucket
    }

    private static let bucketColumns = Columns<Bucket>(
        [.init("measure") { .text($0.measure.jsonName.description) }]
            + RowColumns.buckets.list.map { $0.of { $0.bucket } })

    private static func buckets(_ report: Report, of row: ReportRow) -> [Bucket] {
        ([.duration] + [row.kind.traits.latency?.measure].compactMap { $0 }).flatMap { measure in
            row[measure].histogram.buckets.map { Bucket(measure: measure, bucket: $0) }
        }
    }
}
