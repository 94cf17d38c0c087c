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
    /// Sorts all rows; equal ones by number, name and buffer, so that the order is the same every time. What is unknown stands
    /// last, also in the reversed order.
    public mutating func sort(by key: SortKey, reversed: Bool = false) {
        rows = RowKind.allCases.flatMap { Self.sorted(self[$0], key, reversed) }
    }

    private static func sorted(_ rows: [ReportRow], _ key: SortKey, _ reversed: Bool) -> [ReportRow] {
        let keyed = rows.map { (row: $0, value: value(of: $0, key) ?? -1) }
        let ordered = keyed.sorted { left, right in
            if left.value != right.value { return left.value > right.value }
            if key != .irq, left.row.name != right.row.name { return left.row.name < right.row.name }
            return (left.row.number, left.row.name, left.row.buffer, left.row.key.recording?.place ?? 0)
                < (right.row.number, right.row.name, right.row.buffer, right.row.key.recording?.place ?? 0)
        }
        if !reversed { return ordered.map(\.row) }
        let known = ordered.prefix { $0.value >= 0 }
        return known.reversed().map(\.row) + ordered.dropFirst(known.count).map(\.row)
    }

    /// The value that the rows are ordered by, high first; nil if it is unknown, 0 where only names and numbers decide.
    private static func value(of row: ReportRow, _ key: SortKey) -> Double? {
        // Entries without an end tell no time.
        let isTimed = row.duration.count > 0
        func percentile(_ perMille: Int) -> Double? { row.duration.percentile(perMille: perMille).map { Double($0) } }
        return switch key {
        case .total: isTimed ? Double(row.duration.totalNanoseconds) : nil
        case .`self`: isTimed ? Double(row.duration.selfNanoseconds) : nil
        case .calls: Double(row.calls)
        case .max: row.duration.maximumNanoseconds.map { Double($0) }
        case .mean: row.duration.meanNanoseconds
        case .p50: percentile(500)
        case .p90: percentile(900)
        case .p99: percentile(990)
        case .p999: percentile(999)
        case .unhandled: Double(row.unhandled)
        case .latency: row.latency.maximumNanoseconds.map { Double($0) }
        case .irq, .name: 0
        }
    }
}
