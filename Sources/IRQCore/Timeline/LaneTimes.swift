/// The self time of CPUs by part and column.
struct LaneTimes: ~Copyable {
    /// The times of a CPU.
    struct CPU: Sendable {
        let cpu: Int
        /// Nanoseconds by part and column: `nanoseconds[part][column]`, from the grid's first column on.
        var nanoseconds: [[UInt64]]
    }

    private let partCount: Int
    private var values = GrowableBuffer<UInt64>(capacity: 1)

    init(partCount: Int) { self.partCount = partCount }

    /// Makes room for one more CPU, whose place is the number of those before.
    mutating func addCPU() {
        values.resize(to: values.count + partCount * TimeGrid.slotCount, filling: 0)
    }

    /// Adds a span's self time. Spans of a CPU come in the order of their ends, and the grid has columns for its begin and end.
    ///
    /// The time of what was nested in it has been added already. So what is left of a column from its begin to the span's end is
    /// the span's own: in all columns but the first, and that one gets the rest.
    @inline(always)
    mutating func add(
        _ selfNanoseconds: UInt64, cpu: Int, part: Int, from start: UInt64, to end: UInt64, _ grid: TimeGrid
    ) {
        let base = cpu &* partCount &* TimeGrid.slotCount
        let place = base &+ part &* TimeGrid.slotCount
        let first = grid.column(start)
        if first == grid.column(end) {
            values[place &+ TimeGrid.slot(first)] &+= selfNanoseconds
        } else {
            let rest = addBehind(first, selfNanoseconds, base: base, place: place, to: end, grid)
            values[place &+ TimeGrid.slot(first)] &+= rest
        }
    }

    @inline(never)
    private mutating func addBehind(
        _ first: UInt64, _ nanoseconds: UInt64, base: Int, place: Int, to end: UInt64, _ grid: TimeGrid
    ) -> UInt64 {
        var rest = nanoseconds
        var column = grid.column(end)
        while column > first, rest > 0 {
            let start = column << grid.shift
            var taken: UInt64 = 0
            for part in 0..<partCount { taken &+= values[base &+ part &* TimeGrid.slotCount &+ TimeGrid.slot(column)] }
            let length = min(end &- start, grid.width)
            let own = min(length > taken ? length &- taken : 0, rest)
            values[place &+ TimeGrid.slot(column)] &+= own
            rest &-= own
            column &-= 1
        }
        return rest
    }

    /// Puts the times into the columns of a wider grid.
    mutating func move(from old: TimeGrid, to new: TimeGrid) {
        guard new.shift > old.shift else { return }
        let by = new.shift - old.shift
        var moved = GrowableBuffer<UInt64>(capacity: TimeGrid.slotCount)
        for lane in 0..<values.count / TimeGrid.slotCount {
            let base = lane * TimeGrid.slotCount
            moved.removeAll()
            moved.resize(to: TimeGrid.slotCount, filling: 0)
            for column in old.columns {
                moved[TimeGrid.slot(column >> by)] &+= values[base + TimeGrid.slot(column)]
            }
            for slot in 0..<TimeGrid.slotCount { values[base + slot] = moved[slot] }
        }
    }

    /// The times of a CPU.
    borrowing func times(cpu number: Int, at place: Int, _ grid: TimeGrid) -> CPU {
        CPU(
            cpu: number,
            nanoseconds: (0..<partCount).map { part in
                let base = (place * partCount + part) * TimeGrid.slotCount
                return grid.columns.map { values[base + TimeGrid.slot($0)] }
            })
    }
}
