public import IRQCore

/// The inventory as JSON (irqscope.list.v1).
public enum ListJSON {
    /// Writes the document.
    ///
    /// - Parameter kernel: the kernel's release; nil if unknown.
    public static func bytes(_ state: borrowing LiveState, _ choice: RowChoice, kernel: String?) throws -> [UInt8] {
        var interrupts: [Row] = []
        for index in choice.rows {
            let row = state.interrupts.sample.table.row(index)
            interrupts.append(
                Row(
                    identity: RowIdentity(row, state.details[state.detailIndex(index)]),
                    counts: counts(state.interrupts.sample.table, row, choice.columns),
                    total: Nullable(RowChoice.total(state.interrupts.sample.table, row, choice.columns))))
        }
        var softirqs: [Softirq] = []
        for index in choice.softirqRows {
            let row = state.softirqs.sample.table.row(index)
            softirqs.append(
                Softirq(
                    name: state.softirqs.sample.label(row),
                    counts: counts(state.softirqs.sample.table, row, choice.softirqColumns),
                    total: Nullable(RowChoice.total(state.softirqs.sample.table, row, choice.softirqColumns))))
        }
        return try JSONDocument.encode(
            Document(
                kernel: Nullable(kernel), cpus: cpus(state.interrupts, choice.columns), interrupts: interrupts,
                softirqCpus: cpus(state.softirqs, choice.softirqColumns), softirqs: softirqs))
    }

    private struct Document: Encodable {
        let schema = "irqscope.list.v1"
        let kernel: Nullable<String>
        let cpus: [Int]
        let interrupts: [Row]
        let softirqCpus: [Int]
        let softirqs: [Softirq]
    }

    private struct Row: Encodable {
        let identity: RowIdentity
        let counts: [UInt64]
        let total: Nullable<UInt64>

        private enum CodingKeys: String, CodingKey { case counts, total }

        func encode(to encoder: any Encoder) throws {
            try identity.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(counts, forKey: .counts)
            try container.encode(total, forKey: .total)
        }
    }

    private struct Softirq: Encodable {
        let name: String
        let counts: [UInt64]
        let total: Nullable<UInt64>
    }

    static func cpus(_ intervals: borrowing CounterIntervals, _ columns: [Int]) -> [Int] {
        var cpus: [Int] = []
        for column in columns { cpus.append(intervals.sample.table.cpu(column)) }
        return cpus
    }

    private static func counts(_ table: borrowing CounterTable, _ row: CounterRow, _ columns: [Int]) -> [UInt64] {
        switch row.kind {
        case .text: []
        case .global: [table.count(row, 0)]
        case .perCPU: columns.map { table.count(row, $0) }
        }
    }
}
