public import IRQCore

/// Rows in the order they are shown, in memory that is used again: of interrupts, softirqs, or CPUs.
public struct RowOrder: Sendable {
    /// Rows of the table.
    public private(set) var rows: [Int32] = []
    /// Low ones come first.
    private var keys: [UInt64] = []
    private var names: [String] = []

    /// Creates an empty order.
    public init() {}

    // MARK: Making an order

    /// Forgets all rows.
    mutating func removeAll() {
        rows.removeAll(keepingCapacity: true)
        keys.removeAll(keepingCapacity: true)
        if !names.isEmpty { names.removeAll(keepingCapacity: true) }
    }

    /// Adds a row; rows are added in the order of the kernel.
    mutating func append(_ row: Int, key: UInt64) {
        rows.append(Int32(truncatingIfNeeded: row))
        keys.append(key)
    }

    /// Adds a row that is to stand by its amount, the largest first; what is unknown stands last.
    mutating func append(_ row: Int, amount: UInt64?) {
        append(row, key: amount.map { .max - 1 - min($0, .max - 1) } ?? .max)
    }

    /// Adds a row that is to stand by its name; all rows are added so then. Those without one stand last.
    mutating func append(_ row: Int, name: String?) {
        append(row, key: name == nil ? .max : UInt64(rows.count))
        names.append(name ?? "")
    }

    /// Puts the rows in order; those with the same key stay as they were added. What is unknown stands last either way.
    mutating func sort(isReversed: Bool) {
        if !names.isEmpty { rankNames() }
        heapSort()
        if isReversed { rows[..<(keys.firstIndex(of: .max) ?? keys.count)].reverse() }
    }

    /// Replaces the keys by the places of the names in their order.
    private mutating func rankNames() {
        let places = names.indices.sorted { (names[$0], keys[$0]) < (names[$1], keys[$1]) }
        for (rank, place) in places.enumerated() where keys[place] < .max { keys[place] = UInt64(rank) }
    }

    /// Sorts by key and then by row: in place, where the library's sort would allocate.
    private mutating func heapSort() {
        let count = rows.count
        if count < 2 { return }
        for root in stride(from: count / 2 - 1, through: 0, by: -1) { sink(root, count) }
        for end in stride(from: count - 1, to: 0, by: -1) {
            rows.swapAt(0, end)
            keys.swapAt(0, end)
            sink(0, end)
        }
    }

    private mutating func sink(_ root: Int, _ end: Int) {
        var root = root
        while true {
            var child = root * 2 + 1
            if child >= end { return }
            if child + 1 < end, isBefore(child, child + 1) { child += 1 }
            if !isBefore(root, child) { return }
            rows.swapAt(root, child)
            keys.swapAt(root, child)
            root = child
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        keys[left] != keys[right] ? keys[left] < keys[right] : rows[left] < rows[right]
    }
}

extension RowOrder {
    /// Orders some rows of interrupts.
    public mutating func arrange(_ live: Box, _ chosen: [Int], _ order: TopState.SortOrder) {
        removeAll()
        for row in chosen { append(row, live, order.key) }
        sort(isReversed: order.isReversed)
    }

    /// Adds a row of interrupts by what a key tells of it.
    mutating func append(_ row: Int, _ live: Box, _ key: TopState.SortKey) {
        switch key {
        case .rate, .softirqs:
            let interval = live.interrupts.interval(row)
            append(row, amount: interval.isKnown ? interval.delta : nil)
        case .irq: append(row, key: UInt64(row))
        case .total:
            append(row, amount: live.interrupts.sample.table.total(live.interrupts.sample.table.row(row)))
        case .name: append(row, name: live.details(row).name)
        case .device: append(row, name: live.details(row).deviceName)
        case .p50, .p99, .max, .peak, .cpu, .raise99:
            append(row, amount: Self.amount(live, live.handlerPlace(row), key))
        }
    }

    /// The duration that a key means; nil where it is unknown.
    static func amount(_ live: Box, _ place: SpanPlace?, _ key: TopState.SortKey) -> UInt64? {
        guard let place else { return nil }
        if key == .peak { return live.tracing.durations.longest(place)?.nanoseconds }
        let spans = live.tracing.durations.interval(place)
        switch key {
        case .p50: return spans.p50Nanoseconds
        case .p99, .raise99: return spans.p99Nanoseconds
        case .max: return spans.longestNanoseconds
        case .cpu: return spans.count > 0 ? spans.totalNanoseconds : nil
        default: return nil
        }
    }
}
