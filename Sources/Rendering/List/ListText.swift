public import IRQCore

/// The inventory as text.
public enum ListText {
    /// Writes the tables.
    ///
    /// - Parameters:
    ///   - isFolded: whether CPUs share columns where there are more than 16.
    ///   - width: the columns of the output; nil to leave nothing out.
    public static func write(
        _ state: Box, _ choice: RowChoice, kernel: String?, isFolded: Bool = true, style: Style, width: Int?,
        to output: inout ByteOutput
    ) {
        let sections = ListSections(state, choice, isFolded: isFolded)
        output.put(
            style.bold(sections.interrupts.title)
                + ": \(Cell.count(total(state.interrupts, choice)).shown(Units())) on \(sections.cpus.words)"
                + (kernel.map { ", Linux \(SafeText.escaped($0))" } ?? "") + "\n")
        // The titles of these tables are plain on a terminal too.
        TextTable(sections.interrupts.columns, units: Units(), width: width).write(choice.rows.count, to: &output) {
            ListSections.interrupt(state, choice, choice.rows[$0])
        }
        if choice.softirqRows.isEmpty { return }
        output.put("\n" + style.bold(sections.softirqs.title) + "\n")
        TextTable(sections.softirqs.columns, units: Units(), width: width).write(choice.softirqRows.count, to: &output)
        {
            ListSections.softirq(state, choice, choice.softirqRows[$0])
        }
    }

    /// The total of all rows; sums of other rows are not counted again; nil beyond 64 bits, or without a CPU.
    private static func total(_ intervals: borrowing CounterIntervals, _ choice: RowChoice) -> UInt64? {
        var total: UInt64 = 0
        for index in choice.rows {
            let row = intervals.sample.table.row(index)
            if row.isSum || row.kind == .text { continue }
            guard let count = RowChoice.total(intervals.sample.table, row, choice.columns) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(count)
            if overflow { return nil }
            total = sum
        }
        return total
    }
}
