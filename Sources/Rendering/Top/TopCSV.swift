public import IRQCore

/// One interval of `top` as CSV: a line for each row, `cpu` empty, and one for each of its CPUs.
public enum TopCSV {
    /// The title line.
    public static let title = "time_ns,interval_ns,table,label,ordinal,state,cpu,delta,per_s,name\n"

    /// Writes the lines of an interval.
    public static func text(_ live: borrowing LiveState, _ choice: RowChoice) -> String {
        var text = ""
        let interval = live.interrupts.intervalNanoseconds.map { String($0) } ?? ""
        let head = [String(live.wallNanoseconds), interval]
        for row in choice.rows {
            let details = live.details[live.detailIndex(row)]
            add(live.interrupts, row, choice.columns, head + ["interrupts", details.label], details.name, to: &text)
        }
        for row in choice.softirqRows {
            let name = live.softirqs.sample.label(live.softirqs.sample.table.row(row))
            add(live.softirqs, row, choice.softirqColumns, head + ["softirqs", name], name, to: &text)
        }
        return text
    }

    private static func add(
        _ intervals: borrowing CounterIntervals, _ row: Int, _ columns: [Int], _ head: [String], _ name: String,
        to text: inout String
    ) {
        let counts = intervals.sample.table.row(row)
        let interval = intervals.interval(row)
        let start = head + [String(counts.ordinal), interval.state.name]
        var sum = interval.delta
        var cells: [(Int, UInt64?)] = []
        if counts.kind == .perCPU {
            sum = 0
            for column in columns {
                let delta = intervals.delta(row, column)
                sum &+= delta ?? 0
                cells.append((intervals.sample.table.cpu(column), delta))
            }
        }
        let total = interval.isKnown && intervals.isCurrent && counts.kind != .text ? sum : nil
        text += line(start + [""] + values(total, intervals) + [name])
        for (cpu, delta) in cells { text += line(start + [String(cpu)] + values(delta, intervals) + [name]) }
    }

    private static func values(_ delta: UInt64?, _ intervals: borrowing CounterIntervals) -> [String] {
        guard let delta, let rate = intervals.perSecond(delta) else { return ["", ""] }
        return [String(delta), String(rate)]
    }

    private static func line(_ cells: [String]) -> String { cells.map(CSVCell.quoted).joined(separator: ",") + "\n" }
}
