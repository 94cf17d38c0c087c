/// The columns of a course over time: equal lengths of a power of two of nanoseconds, counted from the zero of the clock.
///
/// Columns become twice as long as often as is needed for all times to fit. As they are counted from zero, two of them become
/// one in the same way everywhere: what several threads have counted can be put together afterwards.
struct TimeGrid: BitwiseCopyable, Sendable, Equatable {
    /// The places that a store has for columns, one behind the other without an end: more than there are columns.
    static let slotCount = 256

    /// The length of a column, as a power of two.
    private(set) var shift: UInt64 = 0
    /// The first column.
    private(set) var first: UInt64 = 0
    /// The number of columns; 0 before there is a time.
    private(set) var count: UInt64 = 0

    /// Creates a grid without a column.
    init() {}

    /// The length of a column in nanoseconds.
    var width: UInt64 { 1 << shift }

    /// The column of a time.
    @inline(always)
    func column(_ time: UInt64) -> UInt64 { time >> shift }

    /// True if a column is among those of the grid.
    @inline(always)
    func holds(_ column: UInt64) -> Bool { column &- first < count }

    /// The place of a column in a store.
    @inline(always)
    static func slot(_ column: UInt64) -> Int { Int(truncatingIfNeeded: column & 255) }

    /// The column that lies at a place of a store; one of the grid.
    func column(atSlot slot: Int) -> UInt64 { first &+ ((UInt64(slot) &- first) & 255) }

    /// The last column; there must be one.
    var last: UInt64 { first + count - 1 }

    /// The columns that have something at any time.
    var columns: Range<UInt64> { first..<first + count }

    /// The grid that also has a column for a time.
    func including(_ time: UInt64) -> TimeGrid {
        var grid = self
        if count == 0 {
            (grid.first, grid.count) = (column(time), 1)
            return grid
        }
        var (low, high) = (min(first, column(time)), max(first + count - 1, column(time)))
        while high - low >= UInt64(Timeline.columnLimit) {
            low >>= 1
            high >>= 1
            grid.shift += 1
        }
        (grid.first, grid.count) = (low, high - low + 1)
        return grid
    }

    /// The grid that has all columns of two.
    func including(_ other: TimeGrid) -> TimeGrid {
        if other.count == 0 { return self }
        if count == 0 { return other }
        var grid = self
        if grid.shift < other.shift {
            let by = other.shift - grid.shift
            let last = (grid.first + grid.count - 1) >> by
            grid.first >>= by
            grid.count = last - grid.first + 1
            grid.shift = other.shift
        }
        return grid.including(other.first << other.shift)
            .including((other.first + other.count - 1) << other.shift)
    }
}
