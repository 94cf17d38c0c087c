extension CounterTable {
    /// The table as text, as the kernel would print it without padding: `36: 1 2 chip 1-edge dev`. Read again it is the same
    /// table, for columns are never found by their offsets.
    var plainText: [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(highestTextByteCount)
        for column in 0..<cpuCount {
            text += Array(" CPU".utf8)
            Self.append(UInt64(cpu(column)), to: &text)
        }
        text.append(ASCII.newline)
        for index in 0..<rowCount {
            let row = row(index)
            Self.append(names, row.label, to: &text)
            text.append(ASCII.colon)
            for column in 0..<row.countCount {
                text.append(ASCII.blank)
                Self.append(count(row, column), to: &text)
            }
            if !row.tail.isEmpty {
                text.append(ASCII.blank)
                Self.append(names, row.tail, to: &text)
            }
            text.append(ASCII.newline)
        }
        return text
    }

    /// No fewer than the bytes of the text: growing bit by bit would take twice as much memory at its end.
    private var highestTextByteCount: Int {
        var byteCount = 16 + 9 * cpuCount
        for index in 0..<rowCount {
            let row = row(index)
            byteCount &+= row.label.byteCount &+ row.tail.byteCount &+ 3
            for column in 0..<row.countCount {
                // A decimal digit has more than three bits.
                byteCount &+= 2 &+ (64 &- count(row, column).leadingZeroBitCount) / 3
            }
        }
        return byteCount
    }

    private static func append(_ number: UInt64, to text: inout [UInt8]) {
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            text.append(ASCII.zero + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    private static func append(_ names: RawSpan, _ range: TextRange, to text: inout [UInt8]) {
        for position in range.start..<range.end { text.append(names.text(at: position)) }
    }
}
