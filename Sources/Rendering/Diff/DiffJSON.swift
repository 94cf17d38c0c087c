public import IRQCore

/// A comparison as JSON, schema irqscope.diff.v1.
public enum DiffJSON {
    private static let absentKinds = Columns<Comparison>([
        .init("a") { .texts(names($0.absentKinds.a)) }, .init("b") { .texts(names($0.absentKinds.b)) },
    ])

    private static func names(_ kinds: Set<RowKind>) -> [String] {
        RowKind.allCases.filter(kinds.contains).map(\.rawValue)
    }

    /// Writes the document and the end of its line.
    public static func write(_ comparison: Comparison, to output: inout ByteOutput) {
        let document = Columns<Comparison>([
            .init("schema") { _ in .text("irqscope.diff.v1") }, .init("method") { .text($0.method.rawValue) },
            .init("a", each: ReportJSON.namedSource) { $0.a }, .init("b", each: ReportJSON.namedSource) { $0.b },
            .init("rows", each: DiffColumns.pair(comparison)) { $0.rows.filter { $0.a != nil && $0.b != nil } },
            .init("new") { .texts($0.new.map(\.name)) }, .init("gone") { .texts($0.gone.map(\.name)) },
            .init("one_sided", each: DiffColumns.single) {
                $0.new + $0.gone + $0.unrecordedInA + $0.unrecordedInB
            },
            .init("absent_kinds", absentKinds) { $0 }, .init("notes") { .texts($0.notes) },
        ])
        output.json { document.write(comparison, &$0) }
    }
}
