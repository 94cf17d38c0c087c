public import IRQCore

/// The inventory as JSON (irqscope.list.v1).
public enum ListJSON {
    /// Writes the document and the end of its line.
    ///
    /// - Parameter kernel: the kernel's release; nil if unknown.
    public static func write(
        _ state: Box, _ choice: RowChoice, kernel: String?, to output: inout ByteOutput
    ) {
        let sections = ListSections(state, choice)
        output.json { json in
            json.member("schema", .text("irqscope.list.v1"))
            json.member("cpus", sections.cpus.cell)
            json.member(sections.interrupts, choice.rows.count) {
                ListSections.interrupt(state, choice, choice.rows[$0])
            }
            json.member("kernel", .text(kernel))
            json.member("softirq_cpus", sections.softirqCPUs.cell)
            json.member(sections.softirqs, choice.softirqRows.count) {
                ListSections.softirq(state, choice, choice.softirqRows[$0])
            }
        }
    }
}
