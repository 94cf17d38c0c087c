public import IRQCore

/// The rows and CPUs of a sample that are shown, in their order.
public struct RowChoice: Sendable {
    /// Rows of the table of interrupts, in the order they are shown.
    public var rows: [Int]
    /// Columns of the table of interrupts.
    public var columns: [Int]
    /// Rows of the table of softirqs.
    public var softirqRows: [Int]
    /// Columns of the table of softirqs.
    public var softirqColumns: [Int]

    /// Chooses.
    ///
    /// - Parameters:
    ///   - irqs: only these numbers; rows without one are then left out.
    ///   - isWanted: tells whether a name matches; asked for a row's label, name, chip, and devices.
    public init(
        _ state: Box, irqs: [ClosedRange<Int64>]? = nil,
        isWanted: ((String) -> Bool)? = nil
    ) {
        let table = state.interrupts.sample.table.rowCount
        rows = []
        for row in 0..<table {
            if let irqs {
                let irq = Int64(state.interrupts.sample.table.row(row).irq)
                guard irq >= 0, irqs.contains(where: { $0.contains(irq) }) else { continue }
            }
            if let isWanted, !state.details(row).searchableNames.contains(where: isWanted) { continue }
            rows.append(row)
        }
        columns = Array(0..<state.interrupts.sample.table.cpuCount)
        softirqColumns = Array(0..<state.softirqs.sample.table.cpuCount)
        softirqRows = []
        if irqs == nil {
            for row in 0..<state.softirqs.sample.table.rowCount {
                let name = state.softirqs.sample.label(state.softirqs.sample.table.row(row))
                if isWanted?(name) ?? true { softirqRows.append(row) }
            }
        }
    }

    /// The sum of a row's counts on the chosen CPUs; nil for a row without counts, or beyond 64 bits.
    public func total(_ intervals: borrowing CounterIntervals, _ row: Int) -> UInt64? {
        Self.total(intervals.sample.table, intervals.sample.table.row(row), columns)
    }

    static func total(_ table: borrowing CounterTable, _ row: CounterRow, _ columns: [Int]) -> UInt64? {
        switch row.kind {
        case .text: nil
        case .global: table.count(row, 0)
        case .perCPU: sum(table, row, columns)
        }
    }

    private static func sum(_ table: borrowing CounterTable, _ row: CounterRow, _ columns: [Int]) -> UInt64? {
        if columns.isEmpty { return nil }
        var sum: UInt64 = 0
        for column in columns {
            let (next, overflow) = sum.addingReportingOverflow(table.count(row, column))
            if overflow { return nil }
            sum = next
        }
        return sum
    }
}

extension InterruptDetails {
    /// The names that `--filter` is matched against.
    public var searchableNames: [String] {
        [label, name] + [chip].compactMap { $0 }
            + devices.flatMap { [$0.name, $0.driver, $0.address].compactMap { $0 } }
    }
}
