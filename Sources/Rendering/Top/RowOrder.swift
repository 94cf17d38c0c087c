public import IRQCore

/// The rows of a screen in the order they are shown, in memory that is used again.
public struct RowOrder: Sendable {
    /// Rows of the table.
    public private(set) var rows: [Int32] = []
    private var keys: [Double] = []
    private var names: [String] = []

    /// Creates an empty order.
    public init() {}

    /// The limits that are asked for beside the person's choice.
    public struct Limits: Sendable {
        /// Only these numbers.
        public var irqs: [ClosedRange<Int64>]?
        /// True by slot for rows that may be shown, kept by whoever matches a regular expression.
        public var isWanted: [Bool]?

        /// The names of the softirqs that may be shown; nil shows all.
        public var wantedSoftirqs: Set<String>?

        /// Creates limits that let all through.
        public init() {}
    }

    /// Orders the interrupts.
    public mutating func arrange(_ live: Box, _ state: TopState, _ limits: Limits = Limits()) {
        rows.removeAll(keepingCapacity: true)
        keys.removeAll(keepingCapacity: true)
        let isByText = state.sort == .name || state.sort == .device
        if isByText { names.removeAll(keepingCapacity: true) }
        for row in 0..<live.interrupts.sample.table.rowCount {
            let interval = live.interrupts.interval(row)
            let slot = Int(interval.slot)
            guard Self.isShown(live, row, slot, state, limits) else { continue }
            rows.append(Int32(truncatingIfNeeded: row))
            switch state.sort {
            case .rate: keys.append(interval.isKnown ? -Double(interval.delta) : 1)
            case .irq: keys.append(Double(row))
            case .total: keys.append(-Double(live.interrupts.sample.table.total(live.interrupts.sample.table.row(row))))
            case .name, .device:
                keys.append(Double(row))
                let details = live.details(row)
                names.append(state.sort == .name ? details.name : details.deviceName ?? "\u{FF}")
            }
        }
        if isByText { rankNames() }
        sort()
        if state.isReversed { rows.reverse() }
    }

    private static func isShown(
        _ live: Box, _ row: Int, _ slot: Int, _ state: TopState, _ limits: Limits
    ) -> Bool {
        let interval = live.interrupts.interval(row)
        if state.hidesIdle, interval.isKnown, interval.delta == 0 { return false }
        if let irqs = limits.irqs {
            let irq = live.interrupts.sample.table.row(row).irq
            var isListed = false
            for range in irqs where irq >= 0 && range.contains(Int64(irq)) { isListed = true }
            if !isListed { return false }
        }
        if let isWanted = limits.isWanted, slot < isWanted.count, !isWanted[slot] { return false }
        return state.filter.isEmpty || live.details(row).contains(state.filter)
    }

    /// Replaces the keys by the places of the names in their order.
    private mutating func rankNames() {
        let places = names.indices.sorted { (names[$0], keys[$0]) < (names[$1], keys[$1]) }
        for (rank, place) in places.enumerated() { keys[place] = Double(rank) }
    }

    /// Heap sort by key and then by row: in place, where the library's sort would allocate.
    private mutating func sort() {
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

extension InterruptDetails {
    /// True if a text occurs in what is known by name, whatever the case of its letters. Allocates nothing.
    func contains(_ wanted: String) -> Bool {
        if Self.occurs(wanted, label) || Self.occurs(wanted, text) { return true }
        if let chip, Self.occurs(wanted, chip) { return true }
        for action in actions ?? [] where Self.occurs(wanted, action) { return true }
        for device in devices {
            if Self.occurs(wanted, device.address) { return true }
            if let name = device.name, Self.occurs(wanted, name) { return true }
            if let driver = device.driver, Self.occurs(wanted, driver) { return true }
        }
        return false
    }

    private static func occurs(_ wanted: String, _ text: String) -> Bool {
        let (needle, hay) = (wanted.utf8, text.utf8)
        if needle.count > hay.count { return false }
        var start = hay.startIndex
        while start < hay.endIndex {
            var (left, right) = (needle.startIndex, start)
            while left < needle.endIndex, right < hay.endIndex, lower(needle[left]) == lower(hay[right]) {
                left = needle.index(after: left)
                right = hay.index(after: right)
            }
            if left == needle.endIndex { return true }
            start = hay.index(after: start)
        }
        return needle.isEmpty
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
