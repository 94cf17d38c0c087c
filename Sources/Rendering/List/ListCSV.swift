public import IRQCore

/// The inventory as CSV: a line for each row and CPU (RFC 4180, but lines end in a newline only).
public enum ListCSV {
    /// Writes the table with its title line. Rows that count for the machine have an empty `cpu`.
    public static func text(_ state: borrowing LiveState, _ choice: RowChoice) -> String {
        var text = "table,label,ordinal,cpu,count,chip,hwirq,trigger,affinity,effective_affinity,node,name\n"
        for index in choice.rows {
            let row = state.interrupts.sample.table.row(index)
            let details = state.details[state.detailIndex(index)]
            let tail = [
                details.chip ?? "", details.hwirq.map { String($0) } ?? "", details.trigger ?? "",
                details.affinity?.list ?? "", details.effectiveAffinity?.list ?? "",
                details.node.map { String($0) } ?? "", details.name,
            ]
            let head = ["interrupts", details.label, String(row.ordinal)]
            add(state.interrupts, row, choice.columns, head, tail, to: &text)
        }
        for index in choice.softirqRows {
            let row = state.softirqs.sample.table.row(index)
            let name = state.softirqs.sample.label(row)
            add(
                state.softirqs, row, choice.softirqColumns, ["softirqs", name, "0"], ["", "", "", "", "", "", name],
                to: &text)
        }
        return text
    }

    private static func add(
        _ intervals: borrowing CounterIntervals, _ row: CounterRow, _ columns: [Int], _ head: [String],
        _ tail: [String], to text: inout String
    ) {
        if row.kind != .perCPU {
            let count = row.kind == .global ? String(intervals.sample.table.count(row, 0)) : ""
            text += line(head + ["", count] + tail)
            return
        }
        for column in columns {
            let count = String(intervals.sample.table.count(row, column))
            text += line(head + [String(intervals.sample.table.cpu(column)), count] + tail)
        }
    }

    private static func line(_ cells: [String]) -> String { cells.map(CSVCell.quoted).joined(separator: ",") + "\n" }
}
