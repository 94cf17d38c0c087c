/// One reading of a table of counts: its text, its numbers, and when it was read.
public struct CounterSample: ~Copyable {
    /// The bytes that were read; rows refer to them by offset.
    public internal(set) var text: TextBuffer
    // Not settable from outside: Swift 6.3.1 crashes on the public setter of such a type in release builds.
    /// The numbers in them.
    public internal(set) var table: CounterTable
    /// CLOCK_MONOTONIC before the first byte was read, in nanoseconds.
    public var startNanoseconds: UInt64 = 0
    /// CLOCK_MONOTONIC after the last byte was read, in nanoseconds.
    public var endNanoseconds: UInt64 = 0

    /// Creates an empty sample.
    public init(_ source: CounterTable.Source) {
        text = TextBuffer(capacity: 16 << 10)
        table = CounterTable(source)
    }

    /// When it was read: the middle of the reading, in nanoseconds.
    public var timeNanoseconds: UInt64 {
        startNanoseconds &+ (endNanoseconds &- min(startNanoseconds, endNanoseconds)) / 2
    }

    /// Lends the text's memory to whoever reads the file.
    public mutating func fillText<Failure: Error>(
        _ fill: (inout TextBuffer) throws(Failure) -> Void
    ) throws(Failure) { try fill(&text) }

    /// Reads the numbers out of the text.
    public mutating func parse() throws(ProcTextError) {
        try Self.parse(text, into: &table)
    }

    private static func parse(_ text: borrowing TextBuffer, into table: inout CounterTable) throws(ProcTextError) {
        try table.parse(text.bytes)
    }

    /// The label of a row.
    public func label(_ row: CounterRow) -> String { string(row.label) }

    /// What follows the counts of a row; bytes that are no UTF-8 become U+FFFD.
    public func tail(_ row: CounterRow) -> String { string(row.tail) }

    /// Whether a row of this sample and one of another are the same counter: label, ordinal, kind of counts and
    /// what follows them. Runs of blanks count as one, because newer kernels pad the chips' names to
    /// the longest there is.
    @inline(__always)
    func isSame(_ row: CounterRow, as other: CounterRow, of sample: borrowing CounterSample) -> Bool {
        guard row.ordinal == other.ordinal, row.kind == other.kind else { return false }
        let left = text.bytes
        let right = sample.text.bytes
        guard Self.isSame(left, row.label, right, other.label) else { return false }
        return Self.isSame(left, row.tail, right, other.tail)
    }

    @inline(__always)
    private static func isSame(_ left: RawSpan, _ a: TextRange, _ right: RawSpan, _ b: TextRange) -> Bool {
        var (i, j) = (a.start, b.start)
        while i < a.end, j < b.end {
            let (x, y) = (left.text(at: i), right.text(at: j))
            if ASCII.isBlank(x), ASCII.isBlank(y) {
                i = left.skippingBlanks(from: i)
                j = right.skippingBlanks(from: j)
                continue
            }
            if x != y { return false }
            i &+= 1
            j &+= 1
        }
        return i >= a.end && j >= b.end
    }

    private func string(_ range: TextRange) -> String {
        let bytes = text.bytes
        return String(decoding: (range.start..<range.end).map { bytes.text(at: $0) }, as: UTF8.self)
    }
}
