internal import IRQCore

/// The words for a row that differs.
struct DiffSentence {
    /// The way in which it changed.
    enum Change: String {
        case slower, faster, changed
    }

    /// A value that differs, in words.
    struct Value {
        let name: String
        let (before, after): (String, String)
        /// "x1.52".
        let ratio: String
        /// "z 8.1" or "p < 0.001".
        let chance: String
        /// The same as a sentence for those who do not live by statistics.
        let explanation: String
    }

    let change: Change
    let values: [Value]

    init(_ row: ComparedRow, _ units: Units) {
        let found = ComparedValue.allCases.compactMap { value -> (value: ComparedValue, test: ComparedRow.Test)? in
            guard let test = row.tests[value], test.verdict == .differs else { return nil }
            return (value, test)
        }
        let times = found.filter { $0.value.perMille != nil }.map(\.test.ratio)
        change = (times.max() ?? 0) > 1 ? .slower : times.isEmpty ? .changed : .faster
        values = found.map { value, test in
            let name: String
            let show: (Double?) -> String
            switch value {
            case .rate: (name, show) = ("calls/s", Units.rate)
            case .share: (name, show) = ("CPU", Units.percent)
            case .p50, .p90, .p99, .p999, .maximum:
                (name, show) = (value == .p999 ? "p99.9" : value.rawValue, { units.duration($0) })
            }
            return Value(
                name: name, before: show(row.a?.values[value]), after: show(row.b?.values[value]),
                ratio: Units.ratio(row.ratio(value) ?? test.ratio), chance: Self.chance(test),
                explanation: Self.explanation(test))
        }
    }

    private static func chance(_ test: ComparedRow.Test) -> String {
        test.z.map { "z \($0 < 0 ? "-" : "")\(Units.fixed(abs($0), 1))" }
            ?? test.p.map { "p \($0 < 0.001 ? "< 0.001" : Units.fixed($0, 3))" } ?? ""
    }

    private static func explanation(_ test: ComparedRow.Test) -> String {
        if let z = test.z {
            return "the difference is \(Units.fixed(abs(z), 1)) times its standard error within these recordings"
        }
        guard let p = test.p else { return "" }
        if p < 0.001 { return "chance alone would make such a difference in fewer than 1 of 1,000 cases" }
        return "chance alone would make such a difference in \(PageText.number(p * 100)) of 100 cases at most"
    }

    /// The sentence where no row differs.
    static func unchanged(_ rows: [ComparedRow]) -> String {
        if rows.isEmpty { return "No row is on both sides: nothing can be compared." }
        if rows.allSatisfy({ $0.verdict == .tooFew && !$0.isPartlyTested }) {
            return "Too few calls or recordings to tell any difference from chance."
        }
        let none = "No row differs by more than chance and by enough to matter"
        let open = rows.count { $0.verdict == .tooFew }
        if open == 0 { return none + "." }
        return none
            + ", as far as that could be tested: of \(open) of \(rows.count) row\(rows.count == 1 ? "" : "s") not all could."
    }
}

extension Comparison {
    /// The word for rows of a kind of which a side has nothing.
    var unrecordedWord: String { isOfCounts ? "Not counted" : "Not recorded" }
}
