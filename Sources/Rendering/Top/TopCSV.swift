public import IRQCore

/// One interval of `top` as CSV: a line for each row, `cpu` empty, and one for each of its CPUs.
public enum TopCSV {
    /// Writes the title line.
    public static func writeTitle(to output: inout ByteOutput) {
        table("", time: 0, interval: nil).writeTitle(to: &output)
    }

    /// Writes the lines of an interval.
    public static func write(_ live: Box, _ choice: RowChoice, to output: inout ByteOutput) {
        let (time, interval) = (live.time.wall, live.interrupts.intervalNanoseconds)
        let interrupts = table("interrupts", time: time, interval: interval)
        for index in choice.rows where output.isOpen {
            write(TopSections.interrupt(live, index, choice.columns), interrupts, to: &output)
        }
        // Softirqs stand in the same table.
        let softirqs = table("softirqs", time: time, interval: interval)
        for index in choice.softirqRows where output.isOpen {
            write(TopSections.softirq(live, index, choice.softirqColumns), softirqs, to: &output)
        }
    }

    private typealias Table = CSVTable<TopSections.Row, TopSections.Rate>

    private static func table(_ name: String, time: UInt64, interval: UInt64?) -> Table {
        CSVTable(
            [("time_ns", .stamp(time)), ("interval_ns", .nanoseconds(interval)), ("table", .text(name))],
            TopSections.interrupts.columns, parts: TopSections.rates, after: "state", lineEnd: "\n")
    }

    private static func write(_ row: TopSections.Row, _ table: Table, to output: inout ByteOutput) {
        table.write(row, [row.more.all], to: &output)
        if row.counts.kind == .perCPU { table.write(row, row.more.perCPU, to: &output) }
    }
}
