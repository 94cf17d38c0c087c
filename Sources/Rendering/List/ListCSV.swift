public import IRQCore

/// The inventory as CSV: a line for each row and CPU (RFC 4180, but lines end in a newline only).
public enum ListCSV {
    private static let title =
        "table,label,ordinal,cpu,count,chip,hwirq,trigger,affinity,effective_affinity,node,name\n"

    /// Writes the table with its title line. Rows that count for the machine have an empty `cpu`.
    public static func write(_ state: borrowing LiveState, _ choice: RowChoice, to output: inout ByteOutput) {
        output.put(title)
        for index in choice.rows where output.isOpen {
            let row = state.interrupts.sample.table.row(index)
            let details = state.details(index)
            let head = CSVCell.joined(["interrupts", details.label, String(row.ordinal)])
            let tail = CSVCell.joined([
                details.chip ?? "", details.hwirq.map { String($0) } ?? "", details.trigger ?? "",
                details.affinity?.list ?? "", details.effectiveAffinity?.list ?? "",
                details.node.map { String($0) } ?? "", details.name,
            ])
            write(state.interrupts, row, choice.columns, head, tail, to: &output)
        }
        for index in choice.softirqRows where output.isOpen {
            let row = state.softirqs.sample.table.row(index)
            let name = CSVCell.quoted(state.softirqs.sample.label(row))
            write(state.softirqs, row, choice.softirqColumns, "softirqs,\(name),0", ",,,,,,\(name)", to: &output)
        }
    }

    /// Writes the lines of a row, which differ in CPU and count only.
    private static func write(
        _ intervals: borrowing CounterIntervals, _ row: CounterRow, _ columns: [Int], _ head: String, _ tail: String,
        to output: inout ByteOutput
    ) {
        for column in row.kind == .perCPU ? columns : [0] {
            output.put(head)
            output.put(",")
            if row.kind == .perCPU { output.put(intervals.sample.table.cpu(column)) }
            output.put(",")
            if row.kind != .text { output.put(intervals.sample.table.count(row, column)) }
            output.put(",")
            output.put(tail)
            output.put("\n")
        }
    }
}
