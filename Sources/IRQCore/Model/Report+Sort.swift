/// The order of rows. Numbers go from high to low, names and IRQ numbers from low to high.
public enum SortKey: String, CaseIterable, Sendable {
    /// Inclusive time.
    case total
    /// Time without what was nested inside.
    case `self`
    /// Entries.
    case calls
    /// Longest duration.
    case max
    /// Mean duration.
    case mean
    /// Median duration.
    case p50
    /// 90th percentile.
    case p90
    /// 99th percentile.
    case p99
    /// 99.9th percentile.
    case p999 = "p99.9"
    /// Calls that nobody claimed.
    case unhandled
    /// Longest wait of a softirq for its entry, or of work for its start.
    case latency
    /// IRQ or vector number.
    case irq
    /// Action, softirq, vector or function.
    case name
}

extension Report {
    /// Sorts all rows; equal ones by number, name and buffer, so that the order is the same every time.
    public mutating func sort(by key: SortKey, reversed: Bool = false) {
        rows = RowKind.allCases.flatMap { Self.sorted(self[$0], key, reversed) }
    }

    private static func sorted(_ rows: [ReportRow], _ key: SortKey, _ reversed: Bool) -> [ReportRow] {
        let keyed = rows.map { (row: $0, value: value(of: $0, key)) }
        let ordered = keyed.sorted { left, right in
            if left.value != right.value { return left.value > right.value }
            if key != .irq, left.row.name != right.row.name { return left.row.name < right.row.name }
            return (left.row.number, left.row.name, left.row.buffer, left.row.key.recording?.place ?? 0)
                < (right.row.number, right.row.name, right.row.buffer, right.row.key.recording?.place ?? 0)
        }
        return reversed ? ordered.reversed().map(\.row) : ordered.map(\.row)
    }

    /// The value that the rows are ordered by, high first; 0 where only names and numbers decide.
    private static func value(of row: ReportRow, _ key: SortKey) -> Double {
        switch key {
        case .total: Double(row.duration.totalNanoseconds)
        case .`self`: Double(row.duration.selfNanoseconds)
        case .calls: Double(row.calls)
        case .max: Double(row.duration.maximumNanoseconds ?? 0)
        case .mean: row.duration.meanNanoseconds ?? 0
        case .p50: Double(row.duration.percentile(perMille: 500) ?? 0)
        case .p90: Double(row.duration.percentile(perMille: 900) ?? 0)
        case .p99: Double(row.duration.percentile(perMille: 990) ?? 0)
        case .p999: Double(row.duration.percentile(perMille: 999) ?? 0)
        case .unhandled: Double(row.unhandled)
        case .latency: Double(row.latency.maximumNanoseconds ?? 0)
        case .irq, .name: 0
        }
    }
}
