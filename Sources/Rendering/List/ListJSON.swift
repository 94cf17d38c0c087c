public import IRQCore

/// The inventory as JSON (irqscope.list.v1).
public enum ListJSON {
    /// Writes the document and the end of its line.
    ///
    /// - Parameter kernel: the kernel's release; nil if unknown.
    public static func write(
        _ state: borrowing LiveState, _ choice: RowChoice, kernel: String?, to output: inout ByteOutput
    ) {
        output.json { json in
            json.member("cpus", cpus(state.interrupts, choice.columns))
            json.array("interrupts") { json in
                for index in choice.rows where json.isOpen { json.object(row(state, index, choice.columns), rows) }
            }
            json.member("kernel", kernel)
            json.member("schema", "irqscope.list.v1")
            json.member("softirq_cpus", cpus(state.softirqs, choice.softirqColumns))
            json.array("softirqs") { json in
                for index in choice.softirqRows {
                    let row = state.softirqs.sample.table.row(index)
                    json.object { json in
                        json.member("counts", counts(state.softirqs.sample.table, row, choice.softirqColumns))
                        json.member("name", state.softirqs.sample.label(row))
                        json.member(
                            "total", RowChoice.total(state.softirqs.sample.table, row, choice.softirqColumns))
                    }
                }
            }
        }
    }

    private struct Counts {
        let values: [UInt64]
        let total: UInt64?
    }

    private static func row(_ state: borrowing LiveState, _ index: Int, _ columns: [Int]) -> LiveRow<Counts> {
        let row = state.interrupts.sample.table.row(index)
        return LiveRow(
            counts: row, details: state.details(index),
            more: Counts(
                values: counts(state.interrupts.sample.table, row, columns),
                total: RowChoice.total(state.interrupts.sample.table, row, columns)))
    }

    private static let rows = JSONFields(
        LiveRow<Counts>.identity + [.init("counts") { $0.more.values }, .init("total") { $0.more.total }])

    static func cpus(_ intervals: borrowing CounterIntervals, _ columns: [Int]) -> [Int] {
        var cpus: [Int] = []
        for column in columns { cpus.append(intervals.sample.table.cpu(column)) }
        return cpus
    }

    private static func counts(_ table: borrowing CounterTable, _ row: CounterRow, _ columns: [Int]) -> [UInt64] {
        if row.kind == .text { return [] }
        if row.kind == .global { return [table.count(row, 0)] }
        var counts: [UInt64] = []
        counts.reserveCapacity(columns.count)
        for column in columns { counts.append(table.count(row, column)) }
        return counts
    }
}
