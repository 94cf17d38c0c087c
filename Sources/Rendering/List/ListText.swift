public import IRQCore

/// The inventory as text: counts since boot, and what is behind each interrupt.
public enum ListText {
    /// Writes the tables.
    ///
    /// - Parameters:
    ///   - width: the columns of the terminal; nil to leave nothing out.
    public static func write(
        _ state: borrowing LiveState, _ choice: RowChoice, kernel: String?, style: Style, width: Int?,
        to output: inout ByteOutput
    ) {
        let cpus = ListJSON.cpus(state.interrupts, choice.columns)
        let online = cpus.isEmpty ? "no CPU" : "CPU \(CPUSet(cpus).list)"
        let total = total(state.interrupts, choice)
        output.put(
            style.bold("Interrupts since boot") + ": \(total.map(Units.count) ?? "-") on \(online)"
                + (kernel.map { ", Linux \(SafeText.escaped($0))" } ?? "") + "\n")
        writeInterrupts(state, choice, width: width, to: &output)
        if !choice.softirqRows.isEmpty {
            output.put("\n" + style.bold("Softirqs since boot") + "\n")
            writeSoftirqs(state, choice, width: width, to: &output)
        }
    }

    /// Sums of other rows are not counted again; nil beyond 64 bits, or without a CPU.
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

    private static func writeInterrupts(
        _ state: borrowing LiveState, _ choice: RowChoice, width: Int?, to output: inout ByteOutput
    ) {
        var columns: [TextTable.Column] = [.init("IRQ"), .init("total")]
        // The counts of single CPUs go first where the line is too narrow, those of the last ones before all.
        for column in choice.columns {
            let cpu = state.interrupts.sample.table.cpu(column)
            columns.append(.init("CPU\(cpu)", dispensability: 100 + cpu))
        }
        columns += [
            .init("busiest"), .init("kind", .left, dispensability: 3), .init("trigger", .left, dispensability: 5),
            .init("affinity", .left), .init("effective", .left, dispensability: 2),
            .init("node", dispensability: 4), .init("device", .left, dispensability: 1), .init("name", .left),
        ]
        TextTable(columns).write(choice.rows.count, width: width, to: &output) { place in
            let index = choice.rows[place]
            let row = state.interrupts.sample.table.row(index)
            let details = state.details(index)
            let total = RowChoice.total(state.interrupts.sample.table, row, choice.columns)
            var cells = [SafeText.escaped(details.label), total.map(Units.count) ?? "-"]
            cells += counts(state.interrupts, row, choice.columns)
            cells += [
                busiest(state.interrupts, row, choice.columns), details.delivery?.words ?? "-",
                details.trigger ?? "-", list(details.affinity), list(details.effectiveAffinity),
                details.node.map { String($0) } ?? "-", device(details), SafeText.escaped(details.name),
            ]
            return cells
        }
    }

    private static func writeSoftirqs(
        _ state: borrowing LiveState, _ choice: RowChoice, width: Int?, to output: inout ByteOutput
    ) {
        var columns: [TextTable.Column] = [.init("softirq", .left), .init("total")]
        for column in choice.softirqColumns {
            let cpu = state.softirqs.sample.table.cpu(column)
            columns.append(.init("CPU\(cpu)", dispensability: 100 + cpu))
        }
        columns.append(.init("busiest"))
        TextTable(columns).write(choice.softirqRows.count, width: width, to: &output) { place in
            let row = state.softirqs.sample.table.row(choice.softirqRows[place])
            let total = RowChoice.total(state.softirqs.sample.table, row, choice.softirqColumns)
            var cells = [SafeText.escaped(state.softirqs.sample.label(row)), total.map(Units.count) ?? "-"]
            cells += counts(state.softirqs, row, choice.softirqColumns)
            return cells + [busiest(state.softirqs, row, choice.softirqColumns)]
        }
    }

    private static func counts(
        _ intervals: borrowing CounterIntervals, _ row: CounterRow, _ columns: [Int]
    ) -> [String] {
        guard row.kind == .perCPU else { return columns.map { _ in "-" } }
        var cells: [String] = []
        for column in columns { cells.append(Units.count(intervals.sample.table.count(row, column))) }
        return cells
    }

    /// The CPU with most of a row's counts, and its share: `CPU1 99%`.
    private static func busiest(
        _ intervals: borrowing CounterIntervals, _ row: CounterRow, _ columns: [Int]
    ) -> String {
        guard row.kind == .perCPU else { return "-" }
        // A sum of doubles: one of integers may wrap.
        var (best, most, total): (Int, UInt64, Double) = (-1, 0, 0)
        for column in columns {
            let count = intervals.sample.table.count(row, column)
            total += Double(count)
            if count > most { (best, most) = (column, count) }
        }
        if best < 0 { return "-" }
        let percent = Int((Double(most) / total * 100).rounded(.down))
        return "CPU\(intervals.sample.table.cpu(best)) \(percent)%"
    }

    private static func list(_ set: CPUSet?) -> String {
        guard let set, !set.isEmpty else { return "-" }
        return set.list
    }

    private static func device(_ details: InterruptDetails) -> String {
        guard let device = details.devices.first else { return "-" }
        let names = [device.name, device.address].compactMap { $0 }
        let others = details.devices.count > 1 ? " +\(details.devices.count - 1)" : ""
        return SafeText.escaped(names.joined(separator: " ") + others)
    }
}

extension Delivery {
    /// The words for people.
    public var words: String {
        switch self {
        case .msiX: "MSI-X"
        case .msi: "MSI"
        case .wired: "wired"
        case .ipi: "IPI"
        case .perCPU: "per-CPU"
        case .sgi: "SGI"
        case .ppi: "PPI"
        case .spi: "SPI"
        case .lpi: "LPI"
        }
    }
}
