/// A table of /proc in few bytes, and back.
///
/// On a machine of 1152 CPUs /proc/interrupts has 13 MB, nearly all of it blanks and zeros. Here one blank stands between
/// counts, and four or more counts of 0 in a row become the byte 1 and how many there are (LEB128). A table that is
/// expanded again has the same numbers and names: columns are never found by their offsets.
///
///     " 36:          0          0          0          0    2051656  chip"
///     "36:" 01 04 " 2051656 chip"
///
/// If a name has the byte 1 itself the table is kept as plain text; the first byte tells which (0 plain, 1 squeezed).
public enum SqueezedText {
    private static let mark: UInt8 = 1
    private static let shortestRun = 4
    private static let pieceByteCount = 64 << 10

    // MARK: Squeezing

    /// The bytes of a table.
    public static func squeeze(_ table: borrowing CounterTable) -> [UInt8] {
        let isPlain = hasMark(table.names)
        var result: [UInt8] = []
        result.reserveCapacity(highestByteCount(table))
        result.append(isPlain ? 0 : 1)
        for column in 0..<table.cpuCount {
            result += Array(" CPU".utf8)
            append(UInt64(table.cpu(column)), to: &result)
        }
        result.append(ASCII.newline)
        for index in 0..<table.rowCount {
            let row = table.row(index)
            append(table.names, row.label, to: &result)
            result.append(ASCII.colon)
            squeezeCounts(table, row, isPlain: isPlain, into: &result)
            if !row.tail.isEmpty {
                result.append(ASCII.blank)
                append(table.names, row.tail, to: &result)
            }
            result.append(ASCII.newline)
        }
        return result
    }

    /// No fewer than the bytes it takes: growing bit by bit would take twice as much at its end.
    private static func highestByteCount(_ table: borrowing CounterTable) -> Int {
        var count = 16 + 9 * table.cpuCount
        for index in 0..<table.rowCount {
            let row = table.row(index)
            count &+= row.label.byteCount &+ row.tail.byteCount &+ 3
            for column in 0..<row.countCount {
                // A digit has more than three bits.
                count &+= 2 &+ (64 &- table.count(row, column).leadingZeroBitCount) / 3
            }
        }
        return count
    }

    private static func squeezeCounts(
        _ table: borrowing CounterTable, _ row: CounterRow, isPlain: Bool, into result: inout [UInt8]
    ) {
        var zeros = 0
        for index in 0..<row.countCount {
            let count = table.count(row, index)
            if count == 0, !isPlain {
                zeros &+= 1
                continue
            }
            appendZeros(zeros, to: &result)
            zeros = 0
            result.append(ASCII.blank)
            append(count, to: &result)
        }
        appendZeros(zeros, to: &result)
    }

    private static func appendZeros(_ count: Int, to result: inout [UInt8]) {
        guard count >= shortestRun else {
            for _ in 0..<count {
                result.append(ASCII.blank)
                result.append(ASCII.zero)
            }
            return
        }
        result.append(mark)
        var rest = count
        while rest >= 0x80 {
            result.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        result.append(UInt8(rest))
    }

    private static func append(_ number: UInt64, to result: inout [UInt8]) {
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            result.append(ASCII.zero + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    private static func append(_ text: RawSpan, _ range: TextRange, to result: inout [UInt8]) {
        for position in range.start..<range.end { result.append(text.text(at: position)) }
    }

    private static func hasMark(_ text: RawSpan) -> Bool {
        for position in 0..<text.byteCount where text.text(at: position) == mark { return true }
        return false
    }

    // MARK: Expanding

    /// Expands what was squeezed, piece by piece.
    ///
    /// - Parameters:
    ///   - limit: how many bytes the text may have.
    ///   - take: takes what was expanded so far and whether that is the last; returns how many bytes it has read: the others
    ///     stand at the beginning of the next piece.
    /// - Returns: false if the bytes are none, or the text would be longer than `limit`.
    public static func expand<Failure: Error>(
        _ bytes: RawSpan, limit: Int, _ take: (RawSpan, Bool) throws(Failure) -> Int
    ) throws(Failure) -> Bool {
        var pieces = Pieces()
        var expanded = 0
        let form = bytes.byte(at: 0) ?? 0
        if form > 1 { return false }
        var position = 1
        while position < bytes.byteCount {
            try pieces.hand(isLast: false, take)
            let start = position
            let end = min(bytes.byteCount, start + pieceByteCount)
            while position < end, form == 0 || bytes.text(at: position) != mark { position &+= 1 }
            pieces.room.append(bytes.extracting(start..<position))
            expanded += position - start
            if position < end {
                guard var zeros = readCount(bytes, &position), expanded + zeros * 2 <= limit else { return false }
                expanded += zeros * 2
                while zeros > 0 {
                    let count = min(zeros, pieceByteCount / 2)
                    pieces.room.appendZeros(count)
                    zeros -= count
                    try pieces.hand(isLast: false, take)
                }
            }
            if expanded > limit { return false }
        }
        try pieces.hand(isLast: true, take)
        return true
    }

    /// Text that was expanded and is not taken yet.
    private struct Pieces: ~Copyable {
        var room = TextBuffer(capacity: pieceByteCount)
        /// How much there must be before it is handed on.
        private var least = pieceByteCount

        mutating func hand<Failure: Error>(
            isLast: Bool, _ take: (RawSpan, Bool) throws(Failure) -> Int
        ) throws(Failure) {
            guard isLast || room.byteCount >= least else { return }
            let taken = try take(room.bytes, isLast)
            room.removeFirst(taken)
            // A line that is longer is looked through again: not for each piece of it.
            least = max(pieceByteCount, room.byteCount * 2)
        }
    }

    /// The number behind a mark, which `position` is at; nil if there is none.
    private static func readCount(_ bytes: RawSpan, _ position: inout Int) -> Int? {
        var (count, shift) = (0, 0)
        position &+= 1
        while true {
            guard let byte = bytes.byte(at: position), shift < 28 else { return nil }
            position &+= 1
            count |= Int(byte & 0x7F) << shift
            shift &+= 7
            if byte < 0x80 { return count }
        }
    }
}
