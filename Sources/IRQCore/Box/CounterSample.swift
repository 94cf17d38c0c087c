/// One reading of a table of counts: its numbers and names, and when it was read.
public struct CounterSample: ~Copyable {
    // Not settable from outside: Swift 6.3.1 crashes on the public setter of such a type in release builds.
    /// The numbers, and the names of the rows.
    public internal(set) var table: CounterTable
    /// CLOCK_MONOTONIC before the first byte was read, in nanoseconds.
    public var startNanoseconds: UInt64 = 0
    /// CLOCK_MONOTONIC after the last byte was read, in nanoseconds.
    public var endNanoseconds: UInt64 = 0

    /// Creates an empty sample.
    public init(_ source: CounterTable.Source, cpus: CPUSet? = nil) { table = CounterTable(source, cpus: cpus) }

    /// The time at which it was read: the middle of the reading, in nanoseconds.
    public var timeNanoseconds: UInt64 {
        startNanoseconds &+ (endNanoseconds &- min(startNanoseconds, endNanoseconds)) / 2
    }

    /// Reads a whole text; see `CounterTable.parse`.
    public mutating func parse(_ text: RawSpan) throws(ProcTextError) { try table.parse(text) }

    /// Makes sure that some row could be read; see `CounterTable.requireRows`.
    public mutating func requireRows() throws(ProcTextError) { try table.requireRows() }

    /// Begins to read a text that comes in pieces; see `CounterTable.begin`.
    public mutating func begin(expecting byteCount: Int) { table.begin(expecting: byteCount) }

    /// Reads a piece of it; see `CounterTable.readLines`.
    public mutating func readLines(_ text: RawSpan, isLast: Bool) throws(ProcTextError) -> Int {
        try table.readLines(text, isLast: isLast)
    }

    /// The label of a row.
    public func label(_ row: CounterRow) -> String { table.names.string(row.label) }

    /// The text that follows the counts of a row; bytes that are no UTF-8 become U+FFFD.
    public func tail(_ row: CounterRow) -> String { table.names.string(row.tail) }
}

extension CounterTable {
    /// True if a row of this table and one of the table before are the same counter: label, ordinal, kind of counts and
    /// what follows them. Runs of blanks count as one, because newer kernels pad the chips' names to
    /// the longest there is. Names of both are kept here.
    @inline(always)
    func isSame(_ row: CounterRow, as other: CounterRow) -> Bool {
        guard row.ordinal == other.ordinal, row.kind == other.kind else { return false }
        if row.label == other.label, row.tail == other.tail { return true }
        return Self.isSame(names, row.label, other.label) && Self.isSame(names, row.tail, other.tail)
    }

    private static func isSame(_ names: RawSpan, _ a: TextRange, _ b: TextRange) -> Bool {
        var (i, j) = (a.start, b.start)
        while i < a.end, j < b.end {
            let (x, y) = (names.text(at: i), names.text(at: j))
            if ASCII.isBlank(x), ASCII.isBlank(y) {
                while i < a.end, ASCII.isBlank(names.text(at: i)) { i &+= 1 }
                while j < b.end, ASCII.isBlank(names.text(at: j)) { j &+= 1 }
                continue
            }
            if x != y { return false }
            i &+= 1
            j &+= 1
        }
        return i >= a.end && j >= b.end
    }
}

extension RawSpan {
    /// Some bytes as text; those that are no UTF-8 become U+FFFD.
    func string(_ range: TextRange) -> String {
        unsafe extracting(range.start..<range.end).withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

/// A moment on all the clocks that matter, in nanoseconds.
public struct BoxTime: Equatable, Sendable {
    /// CLOCK_BOOTTIME: since boot, time asleep included.
    public var boot: UInt64
    /// CLOCK_MONOTONIC: since boot, time asleep left out.
    public var awake: UInt64
    /// CLOCK_REALTIME: since 1970, as somebody set the clock. For people only: nothing is decided by it.
    public var wall: UInt64

    /// Creates a time.
    public init(boot: UInt64 = 0, awake: UInt64 = 0, wall: UInt64 = 0) {
        (self.boot, self.awake, self.wall) = (boot, awake, wall)
    }
}
