public import IRQCore

/// The inventory as CSV: a line for each row and CPU. Rows that count for the machine have an empty `cpu`.
public enum ListCSV {
    /// Writes the table with its title line.
    public static func write(_ state: Box, _ choice: RowChoice, to output: inout ByteOutput) {
        let sections = ListSections(state, choice)
        // Interrupts and softirqs stand in one table: they have the same columns.
        func table(_ name: String) -> CSVTable<ListSections.Row, ListSections.Part> {
            CSVTable(
                [("table", .text(name))], sections.interrupts.columns, parts: ListSections.parts, after: "ordinal")
        }
        let (interrupts, softirqs) = (table("interrupts"), table("softirqs"))
        interrupts.writeTitle(to: &output)
        for index in choice.rows where output.isOpen {
            let row = ListSections.interrupt(state, choice, index)
            interrupts.write(row, ListSections.parts(row, sections.cpus), to: &output)
        }
        for index in choice.softirqRows where output.isOpen {
            let row = ListSections.softirq(state, choice, index)
            softirqs.write(row, ListSections.parts(row, sections.softirqCPUs), to: &output)
        }
    }
}
