internal import IRQCore

/// The tables of `list`: counts since boot, and what is behind each interrupt.
struct ListSections {
    /// The counts of a row: one for each chosen CPU, one for the machine, or none.
    struct Counts {
        let values: [UInt64]
        let total: UInt64?

        init(_ table: borrowing CounterTable, _ row: CounterRow, _ columns: [Int]) {
            total = RowChoice.total(table, row, columns)
            var values: [UInt64] = []
            switch row.kind {
            case .text: break
            case .global: values.append(table.count(row, 0))
            case .perCPU:
                values.reserveCapacity(columns.count)
                for column in columns { values.append(table.count(row, column)) }
            }
            self.values = values
        }
    }

    typealias Row = LiveRow<Counts>

    /// A count of a row on a CPU; a row for the machine has no CPU, one of text no count either.
    struct Part {
        let cpu: Int?
        let count: UInt64?
    }

    /// The CPUs of the counts, in their order.
    let cpus: ColumnCPUs
    let softirqCPUs: ColumnCPUs
    let interrupts: Section<Row>
    let softirqs: Section<Row>
    static let parts = Columns<Part>([.init("cpu") { .number($0.cpu) }, .init("count") { .count($0.count) }])

    /// So many CPUs have columns of their own in text; more share them.
    static let unfoldedCount = 16

    /// The tables for the chosen CPUs.
    ///
    /// - Parameter isFolded: whether text has columns for ranges of CPUs where there are more than `unfoldedCount`.
    init(_ state: Box, _ choice: RowChoice, isFolded: Bool = true) {
        let cpus = state.interrupts.cpus(choice.columns)
        let softirqCPUs = state.softirqs.cpus(choice.softirqColumns)
        (self.cpus, self.softirqCPUs) = (cpus, softirqCPUs)
        interrupts = Section(
            "interrupts", "Interrupts since boot", Row.identity + Self.counts(cpus, isFolded) + Row.facts())
        softirqs = Section(
            "softirqs", "Softirqs since boot",
            [.init("name", .left("softirq")) { .text($0.details.label) }] + Self.counts(softirqCPUs, isFolded))
    }

    private static func counts(_ cpus: ColumnCPUs, _ isFolded: Bool) -> [Column<Row>] {
        // The counts of CPUs go first where the line is too narrow, those of the last ones before all.
        let single = ranges(cpus.numbers.count, isFolded).enumerated().map { place, range in
            Column<Row>(screen: .init(cpus.name(range), dispensability: 100 + place)) { row in
                .count(row.counts.kind == .perCPU ? sum(row.more.values[range]) : nil)
            }
        }
        return [.init("total", "total", in: .json) { .count($0.more.total) }] + single + [
            .init("counts", in: .json) { .counts($0.more.values) },
            .init(screen: "busiest") { .text(busiest($0, cpus)) },
        ]
    }

    /// The places of the CPUs that share a column: the same number in all but the last.
    private static func ranges(_ count: Int, _ isFolded: Bool) -> [Range<Int>] {
        let step = isFolded && count > unfoldedCount ? (count + unfoldedCount - 1) / unfoldedCount : 1
        return stride(from: 0, to: count, by: step).map { $0..<min($0 + step, count) }
    }

    /// The sum of some counts; nil beyond 64 bits.
    private static func sum(_ counts: ArraySlice<UInt64>) -> UInt64? {
        var sum: UInt64 = 0
        for count in counts {
            let (next, overflow) = sum.addingReportingOverflow(count)
            if overflow { return nil }
            sum = next
        }
        return sum
    }

    /// The CPU with most of a row's counts, and its share: `CPU1 99%`.
    private static func busiest(_ row: Row, _ cpus: ColumnCPUs) -> String? {
        let values = row.counts.kind == .perCPU ? row.more.values : []
        guard let most = values.max(), most > 0, let place = values.firstIndex(of: most) else { return nil }
        // A sum of doubles: one of integers may wrap.
        let total = values.reduce(0.0) { $0 + Double($1) }
        return "\(cpus.name(place)) \(Int((Double(most) / total * 100).rounded(.down)))%"
    }

    // MARK: Rows

    static func interrupt(_ state: Box, _ choice: RowChoice, _ index: Int) -> Row {
        let row = state.interrupts.sample.table.row(index)
        return Row(row, state.details(index), Counts(state.interrupts.sample.table, row, choice.columns))
    }

    static func softirq(_ state: Box, _ choice: RowChoice, _ index: Int) -> Row {
        let row = state.softirqs.sample.table.row(index)
        return Row(
            row, softirq: state.softirqs.sample.label(row),
            Counts(state.softirqs.sample.table, row, choice.softirqColumns))
    }

    /// The parts of a row, lazily: there may be thousands.
    static func parts(_ row: Row, _ cpus: ColumnCPUs) -> some Sequence<Part> {
        let (values, isPerCPU) = (row.more.values, row.counts.kind == .perCPU)
        return (0..<(isPerCPU ? values.count : 1)).lazy.map { place in
            Part(
                cpu: isPerCPU && cpus.areNamed ? cpus.numbers[place] : nil,
                count: place < values.count ? values[place] : nil)
        }
    }
}

/// The CPUs of columns of counts.
struct ColumnCPUs: Sendable {
    /// Their numbers; those of the columns where nobody knows the CPUs.
    let numbers: [Int]
    /// False for a table without a line that names the CPUs.
    let areNamed: Bool

    /// The numbers for JSON; null where nobody knows them.
    var cell: Cell { areNamed ? .numbers(numbers) : .text(nil) }

    /// The head of a column: `CPU3`, or `(4)` for the fourth column.
    func name(_ place: Int) -> String { areNamed ? "CPU\(numbers[place])" : "(\(numbers[place] + 1))" }

    /// The head of a column for those of some places: `CPU0-7`.
    func name(_ places: Range<Int>) -> String {
        let (low, high) = (places.lowerBound, places.upperBound - 1)
        if low == high { return name(low) }
        return areNamed ? "CPU\(numbers[low])-\(numbers[high])" : "(\(numbers[low] + 1)-\(numbers[high] + 1))"
    }

    /// The words for all of them.
    var words: String {
        if numbers.isEmpty { return "no CPU" }
        return areNamed ? "CPU \(CPUSet(numbers).list)" : "\(numbers.count) CPUs of unknown numbers"
    }
}

extension CounterIntervals {
    /// The CPUs of some columns.
    func cpus(_ columns: [Int]) -> ColumnCPUs {
        var cpus: [Int] = []
        for column in columns { cpus.append(sample.table.cpu(column)) }
        return ColumnCPUs(numbers: cpus, areNamed: sample.table.namesCPUs)
    }
}
