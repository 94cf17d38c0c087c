public import IRQCore

/// One interval of `top` as CSV: a line for each row, `cpu` empty, and one for each of its CPUs.
public enum TopCSV {
    /// Writes the title line.
    public static func writeTitle(to output: inout ByteOutput) {
        output.put("time_ns,interval_ns,table,label,ordinal,state,cpu,delta,per_s,name\n")
    }

    /// Writes the lines of an interval.
    public static func write(_ live: borrowing LiveState, _ choice: RowChoice, to output: inout ByteOutput) {
        let interval = live.interrupts.intervalNanoseconds.map { String($0) } ?? ""
        let head = "\(live.time.wall),\(interval),"
        for row in choice.rows where output.isOpen {
            let details = live.details(row)
            let label = head + "interrupts," + CSVCell.quoted(details.label)
            write(live.interrupts, row, choice.columns, label, CSVCell.quoted(details.name), to: &output)
        }
        for row in choice.softirqRows where output.isOpen {
            let name = CSVCell.quoted(live.softirqs.sample.label(live.softirqs.sample.table.row(row)))
            write(live.softirqs, row, choice.softirqColumns, head + "softirqs," + name, name, to: &output)
        }
    }

    private static func write(
        _ intervals: borrowing CounterIntervals, _ row: Int, _ columns: [Int], _ label: String, _ name: String,
        to output: inout ByteOutput
    ) {
        let counts = intervals.sample.table.row(row)
        let interval = intervals.interval(row)
        let head = "\(label),\(counts.ordinal),\(interval.state.name),"
        let deltas = counts.kind == .perCPU ? intervals.deltas(row, columns) : []
        let sum = counts.kind == .perCPU ? deltas.reduce(0) { $0 &+ ($1 ?? 0) } : interval.delta
        let isKnown = interval.isKnown && intervals.isCurrent && counts.kind != .text
        writeLine(head, nil, isKnown ? sum : nil, intervals, name, to: &output)
        for (column, delta) in zip(columns, deltas) {
            writeLine(head, intervals.sample.table.cpu(column), delta, intervals, name, to: &output)
        }
    }

    private static func writeLine(
        _ head: String, _ cpu: Int?, _ delta: UInt64?, _ intervals: borrowing CounterIntervals, _ name: String,
        to output: inout ByteOutput
    ) {
        output.put(head)
        if let cpu { output.put(cpu) }
        output.put(",")
        var rate: Double?
        if let delta { rate = intervals.perSecond(delta) }
        if let delta, rate != nil { output.put(delta) }
        output.put(",")
        if let rate { output.put(rate == 0 ? "0.0" : rate.description) }
        output.put(",")
        output.put(name)
        output.put("\n")
    }
}
