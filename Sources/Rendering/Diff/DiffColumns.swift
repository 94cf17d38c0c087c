internal import IRQCore

/// The columns of a comparison.
enum DiffColumns {
    /// "irq virtio1-req.0": the name that a row has on both sides.
    static func label(_ row: ComparedRow) -> String { "\(row.kind.rawValue) \(row.name)" }

    // MARK: JSON

    static let side = Columns<ComparedRow.Side>([
        .init("irq") { .number($0.number.map { Int($0) }) }, .init("calls") { .count($0.calls) },
        .init("per_s") { .perSecond($0.values[.rate]) }, .init("p50_ns") { nanoseconds($0, .p50) },
        .init("p90_ns") { nanoseconds($0, .p90) }, .init("p99_ns") { nanoseconds($0, .p99) },
        .init("p999_ns") { nanoseconds($0, .p999) }, .init("max_ns") { nanoseconds($0, .maximum) },
        .init("cpu_share") { .share($0.values[.share]) }, .init("expected_calls") { .value($0.expectedCalls) },
    ])

    private static func nanoseconds(_ side: ComparedRow.Side, _ value: ComparedValue) -> Cell {
        .nanoseconds(side.values[value].flatMap { UInt64(exactly: $0.rounded()) })
    }

    private static let between = Columns<ComparedRow.Between>([
        .init("calls") { .count($0.calls) }, .init("per_s") { .perSecond($0.perSecond) },
    ])

    private static let keys: [(value: ComparedValue, key: StaticString)] = [
        (.p50, "p50"), (.p90, "p90"), (.p99, "p99"), (.p999, "p999"), (.rate, "per_s"), (.share, "cpu_share"),
        (.maximum, "max"),
    ]

    /// An object with a member for each value.
    private static func object(
        without left: [ComparedValue] = [], _ cell: @escaping @Sendable (ComparedRow, ComparedValue) -> Cell
    ) -> Columns<ComparedRow> {
        Columns(keys.filter { !left.contains($0.value) }.map { value, key in .init(key) { cell($0, value) } })
    }

    private static let ratios = object { .value($0.ratio($1)) }
    private static let z = object(without: [.share, .maximum]) { .value($0.tests[$1]?.z) }
    private static let p = object(without: [.p90, .p999, .maximum]) { .value($0.tests[$1]?.p) }
    private static let lows = object(without: [.p90, .p999, .maximum]) { .value($0.tests[$1]?.bounds?.lowerBound) }
    private static let highs = object(without: [.p90, .p999, .maximum]) { .value($0.tests[$1]?.bounds?.upperBound) }
    private static let verdicts = object(without: [.maximum]) { .text($0.tests[$1]?.verdict.rawValue) }

    private static let identity: [Column<ComparedRow>] = [
        .init("kind") { .text($0.kind.rawValue) }, .init("key") { .text($0.name) },
        .init("device") { .text($0.device) },
        .init("a", side) { $0.a }, .init("b", side) { $0.b },
    ]
    /// A row of both sides.
    static func pair(_ comparison: Comparison) -> Columns<ComparedRow> {
        let isSets = comparison.method == .sets
        let isPair = !isSets && !comparison.isOfCounts
        return Columns(
            identity + [
                .init("ratio", ratios) { $0 }, .init("z", z) { isPair ? $0 : nil }, .init("p", p) { isSets ? $0 : nil },
                .init("ratio_low", lows) { isSets ? $0 : nil }, .init("ratio_high", highs) { isSets ? $0 : nil },
                .init("verdict") { .text($0.verdict.rawValue) }, .init("verdicts", verdicts) { $0 },
                .init("between", between) { $0.between },
                .init("slower_share") { .share($0.slowerShare) }, .init("is_uncertain") { .flag($0.isUncertain) },
            ])
    }
    /// A row of one side.
    static let single = Columns(identity)

    // MARK: CSV

    /// A row of one side or of both, flat.
    static let flat = Columns<ComparedRow>(
        [
            .init("kind") { .text($0.kind.rawValue) }, .init("key") { .text($0.name) },
            .init("device") { .text($0.device) },
        ]
            + side.list.map { $0.ofPart("a_") { $0.a } } + side.list.map { $0.ofPart("b_") { $0.b } }
            + ratios.list.map { $0.ofPart("ratio_") { $0 } } + z.list.map { $0.ofPart("z_") { $0 } }
            + p.list.map { $0.ofPart("p_") { $0 } }
            + between.list.map { $0.ofPart("between_") { $0.between } }
            + [.init("verdict") { .text(word($0)) }]
            + verdicts.list.map { $0.ofPart("verdict_") { $0 } })

    /// The verdict in CSV; nil where it is unknown whether the row is new or gone.
    private static func word(_ row: ComparedRow) -> String? {
        if row.isOfAbsentKind { return nil }
        return row.a == nil ? "new" : row.b == nil ? "gone" : row.verdict.rawValue
    }

    // MARK: Screen

    /// The table of rows that both sides have.
    static func screen(_ units: Units) -> Columns<ComparedRow> {
        func columns(
            _ value: ComparedValue, _ title: String, _ dispensability: Int,
            _ cell: @escaping @Sendable (Double?) -> Cell
        ) -> [Column<ComparedRow>] {
            [
                .init(screen: .init(title + " A", dispensability: dispensability)) { cell($0.a?.values[value]) },
                .init(screen: .init("B", dispensability: dispensability)) { cell($0.b?.values[value]) },
            ]
        }
        func changes(_ value: ComparedValue, _ dispensability: Int = 0) -> Column<ComparedRow> {
            .init(screen: .init("B/A", dispensability: dispensability)) { .text($0.ratio(value).map(Units.ratio)) }
        }
        let time: @Sendable (Double?) -> Cell = { .mean($0) }
        return Columns(
            [.init(screen: .left("ROW")) { .text(label($0)) }]
                + columns(.rate, "CALLS/S", 0) { .perSecond($0) } + [changes(.rate)]
                + columns(.p50, "P50", 3, time) + [changes(.p50, 3)]
                + columns(.p99, "P99", 0, time) + [changes(.p99)]
                + columns(.maximum, "MAX", 5, time)
                + columns(.share, "CPU", 4) { .share($0) }
                + [.init(screen: .left("VERDICT")) { .text(verdict($0)) }])
    }

    /// The table of counts that both sides have.
    static let counts = Columns<ComparedRow>([
        .init(screen: .left("ROW")) { .text(label($0)) }, .init(screen: "COUNT A") { .count($0.a?.calls) },
        .init(screen: "COUNT B") { .count($0.b?.calls) },
        .init(screen: .init("/S A", dispensability: 2)) { .perSecond($0.a?.values[.rate]) },
        .init(screen: .init("/S B", dispensability: 2)) { .perSecond($0.b?.values[.rate]) },
        .init(screen: .init("B/A", dispensability: 2)) { .text($0.ratio(.rate).map(Units.ratio)) },
        .init(screen: "BETWEEN") { .count($0.between?.calls) },
        .init(screen: .init("/S BETWEEN", dispensability: 1)) { .perSecond($0.between?.perSecond) },
    ])

    /// The table of rows that one side has.
    static let singleScreen = Columns<ComparedRow>([
        .init(screen: .left("ROW")) { .text(label($0)) }, .init(screen: "CALLS") { .count(($0.a ?? $0.b)?.calls) },
        .init(screen: "CALLS/S") { .perSecond(($0.a ?? $0.b)?.values[.rate]) },
        .init(screen: "P50") { .mean(($0.a ?? $0.b)?.values[.p50]) },
        .init(screen: "P99") { .mean(($0.a ?? $0.b)?.values[.p99]) },
        .init(screen: "MAX") { .mean(($0.a ?? $0.b)?.values[.maximum]) },
        .init(screen: .left("")) { row in
            .text((row.a ?? row.b)?.expectedCalls.map { $0 < 10 ? "rare: perhaps chance" : "" } ?? "")
        },
    ])

    /// "differs?", "too few: P50, P99": the verdict, with the sign of doubt, and what it leaves open where some was tested.
    private static func verdict(_ row: ComparedRow) -> String {
        let doubt = row.isUncertain ? "?" : ""
        if !row.isPartlyTested { return row.verdict.rawValue + doubt }
        let isJudged = row.untested.contains { row.tests[$0] != nil }
        let names = row.untested.map { $0 == .rate ? "CALLS/S" : $0.rawValue.uppercased() }
        return (isJudged ? row.verdict.rawValue : "not judged") + doubt + ": " + names.joined(separator: ", ")
    }
}

extension Column {
    /// The same column of a whole that may lack the part, for CSV.
    fileprivate func ofPart<Whole>(
        _ prefix: String, _ part: @escaping @Sendable (Whole) -> Row?
    ) -> Column<Whole> {
        let cell = cell
        var column = Column<Whole>(key, in: .csv) { part($0).map(cell) ?? .text(nil) }
        column.prefix = prefix
        return column
    }
}
