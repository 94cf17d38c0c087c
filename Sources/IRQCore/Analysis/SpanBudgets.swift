/// The durations of each row that are above its budget, counted exactly.
struct SpanBudgets: ~Copyable {
    // Not private: see SpanTable.Row.
    struct Row: BitwiseCopyable {
        let limit: UInt64
        var exceeded: UInt64 = 0
    }

    /// False if there is no budget.
    let isUsed: Bool
    private var limits = InlineArray<8, UInt64>(repeating: .max)
    // By the number of the row's histogram.
    private var rows = GrowableBuffer<Row>(capacity: 64)

    init(_ budget: Budget?) {
        isUsed = budget != nil
        guard let budget else { return }
        for kind in SpanKind.allCases {
            let limit = budget.limits.first { $0.subject.row.map { $0 == kind.row } ?? false }
            limits[Int(kind.rawValue)] = limit?.nanoseconds ?? .max
        }
    }

    /// Makes room for so many more rows.
    mutating func reserve(rows count: Int) {
        if isUsed { rows.reserve(count) }
    }

    /// Makes a row, which is numbered as its histogram.
    mutating func addRow(_ kind: SpanKind) {
        if isUsed { rows.append(Row(limit: limits[Int(kind.rawValue)])) }
    }

    /// Holds a duration against the budget.
    @inline(always)
    mutating func record(_ duration: UInt64, in row: Int32) {
        if isUsed, duration > rows[Int(row)].limit { rows[Int(row)].exceeded &+= 1 }
    }

    /// The number of durations of a row that were above its budget.
    borrowing func exceeded(_ row: Int32) -> UInt64 { isUsed ? rows[Int(row)].exceeded : 0 }

    /// Starts all counts over.
    mutating func startInterval() {
        for row in 0..<rows.count { rows[row].exceeded = 0 }
    }
}
