/// The counts of many rows by column and step of latency: only cells that are not empty take room.
///
/// One table for all rows, with open addressing. It grows up to a budget; then rows have to be taken out.
struct HeatCells: ~Copyable {
    /// A cell that is not empty, of whichever row.
    struct Entry: Sendable {
        let row: Int32
        let column: UInt64
        let step: UInt8
        let count: UInt64
    }

    // Not private: see SpanTable.Row.
    struct Slot: BitwiseCopyable {
        /// The row, the column's place and the step, and a bit that is always set; 0 for an empty slot.
        var key: UInt64
        var count: UInt64
    }

    /// The number of slots above which rows are taken out: 4 MiB.
    static let slotBudget = 1 << 18
    private static let used: UInt64 = 1 << 63

    private var slots: GrowableBuffer<Slot>
    private var shift: UInt64
    /// The cells that are not empty.
    private(set) var count = 0

    init() {
        slots = GrowableBuffer(capacity: 1 << 10)
        slots.resize(to: 1 << 10, filling: Slot(key: 0, count: 0))
        shift = 54
    }

    /// The number of slots.
    var slotCount: Int { slots.count }

    /// True if so many more cells may be made before the table must grow.
    func hasRoom(for additional: Int) -> Bool { count + additional <= slots.count / 4 * 3 }

    /// Doubles the table until there is room for so many more cells.
    mutating func grow(for additional: Int) {
        var size = slots.count
        while count + additional > size / 4 * 3 { size *= 2 }
        rebuild(size: size) { $0 }
    }

    /// Counts a span; there must be room.
    @inline(always)
    mutating func add(row: Int32, column: UInt64, step: UInt8) {
        let key = Self.used | UInt64(UInt32(bitPattern: row)) << 16 | (column & 255) << 8 | UInt64(step)
        add(key, 1)
    }

    @inline(always)
    private mutating func add(_ key: UInt64, _ number: UInt64) {
        let mask = slots.count &- 1
        var place = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) &>> shift)
        while slots[place].key != key {
            if slots[place].key == 0 {
                precondition(count < mask)
                slots[place].key = key
                count &+= 1
                break
            }
            place = (place &+ 1) & mask
        }
        slots[place].count &+= number
    }

    /// Puts the cells into the columns of a wider grid.
    mutating func move(from old: TimeGrid, to new: TimeGrid) {
        guard new.shift > old.shift, count > 0 else { return }
        let by = new.shift - old.shift
        rebuild(size: slots.count) { key in
            let column = old.column(atSlot: Int(key >> 8 & 255)) >> by
            return key & ~0xFF00 | (column & 255) << 8
        }
    }

    /// Takes out all cells of some rows.
    mutating func remove(where isUnwanted: (Int32) -> Bool) {
        rebuild(size: slots.count) { isUnwanted(Self.row(of: $0)) ? nil : $0 }
    }

    private mutating func rebuild(size: Int, _ newKey: (UInt64) -> UInt64?) {
        var larger = GrowableBuffer<Slot>(capacity: size)
        larger.resize(to: size, filling: Slot(key: 0, count: 0))
        swap(&slots, &larger)
        shift = UInt64(64 - size.trailingZeroBitCount)
        count = 0
        for place in 0..<larger.count where larger[place].key != 0 {
            if let key = newKey(larger[place].key) { add(key, larger[place].count) }
        }
    }

    private static func row(of key: UInt64) -> Int32 { Int32(bitPattern: UInt32(truncatingIfNeeded: key >> 16)) }

    /// Calls `body` with the row of each cell.
    borrowing func forEachRow(_ body: (Int) -> Void) {
        for place in 0..<slots.count where slots[place].key != 0 { body(Int(Self.row(of: slots[place].key))) }
    }

    /// The cells, in no order that matters.
    borrowing func entries(_ grid: TimeGrid) -> [Entry] {
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        for place in 0..<slots.count where slots[place].key != 0 {
            let key = slots[place].key
            entries.append(
                Entry(
                    row: Self.row(of: key), column: grid.column(atSlot: Int(key >> 8 & 255)),
                    step: UInt8(key & 255), count: slots[place].count))
        }
        return entries
    }
}

/// The rank of a row among those of its kind: by the time of its spans, and of equal ones by their number.
struct HeatRank {
    let group: Int8
    let total: UInt64
    let count: UInt64

    func isBefore(_ other: HeatRank) -> Bool { (other.total, other.count) < (total, count) }
}

extension HeatCells {
    /// The rows of a kind that keep their cells in any case: more than are shown.
    private static let keptRowCount = 8

    /// Makes room for more cells: by a larger table up to the budget, then by those of the rows that matter least.
    ///
    /// - Returns: the rows that have lost their cells.
    mutating func makeRoom(for additional: Int, _ ranks: [HeatRank]) -> [Int] {
        let lost = slotCount >= Self.slotBudget ? removeLeast(ranks) : []
        if !hasRoom(for: additional) { grow(for: additional) }
        return lost
    }

    /// Takes out the cells of the rows with the lowest rank, of each kind as many, until half of the budget is left or only few
    /// rows of each kind.
    private mutating func removeLeast(_ ranks: [HeatRank]) -> [Int] {
        var cellCounts = [Int](repeating: 0, count: ranks.count)
        forEachRow { cellCounts[$0] += 1 }
        let rows = ranks.indices.filter { cellCounts[$0] > 0 }
        var places: [(place: Int, row: Int)] = []
        for group in Dictionary(grouping: rows, by: { ranks[$0].group }).values {
            let order = group.sorted { ranks[$0].isBefore(ranks[$1]) }
            places += order.enumerated().map { ($0.offset, $0.element) }
        }
        places.sort { ($1.place, $0.row) < ($0.place, $1.row) }
        var left = count
        var lost: [Int] = []
        for (place, row) in places {
            if left <= Self.slotBudget / 8 * 3 || place < Self.keptRowCount { break }
            left -= cellCounts[row]
            lost.append(row)
        }
        var isLost = [Bool](repeating: false, count: ranks.count)
        for row in lost { isLost[row] = true }
        if !lost.isEmpty { remove { isLost[Int($0)] } }
        return lost
    }
}
