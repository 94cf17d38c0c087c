import IRQCore

/// Calls `body` with the bytes of a text.
public func withSpan<Result, Failure: Error>(
    _ bytes: [UInt8], _ body: (RawSpan) throws(Failure) -> Result
) throws(Failure) -> Result {
    let span = bytes.span
    return try body(span.bytes)
}

/// Calls `body` with the bytes of a text.
public func withSpan<Result, Failure: Error>(
    _ text: String, _ body: (RawSpan) throws(Failure) -> Result
) throws(Failure) -> Result {
    try withSpan(Array(text.utf8), body)
}

extension CounterSample {
    /// A sample of a text, with its numbers.
    public init(_ source: CounterTable.Source, _ bytes: [UInt8]) throws(ProcTextError) {
        self.init(source)
        try read(bytes)
    }

    /// Reads a text.
    public mutating func read(_ bytes: [UInt8]) throws(ProcTextError) {
        let span = bytes.span
        try parse(span.bytes)
    }

    /// Reads a text in pieces of so many bytes, and of more where a line is longer.
    public mutating func read(_ bytes: [UInt8], pieces byteCount: Int) throws(ProcTextError) {
        begin(expecting: bytes.count)
        var (start, end) = (0, 0)
        while true {
            end = min(end + byteCount, bytes.count)
            let span = bytes.span
            start += try readLines(span.bytes.extracting(start..<end), isLast: end == bytes.count)
            if end == bytes.count { return }
        }
    }

    /// The rows, one a line: `LOC#1 per_cpu [1,2] Local timer interrupts`.
    public var lines: [String] {
        (0..<table.rowCount).map { index in
            let row = table.row(index)
            let counts = (0..<table.countCount(row)).map { String(table.count(row, $0)) }.joined(separator: ",")
            let number = row.irq >= 0 ? "=\(row.irq)" : ""
            let ordinal = row.ordinal > 0 ? "#\(row.ordinal)" : ""
            return "\(label(row))\(number)\(ordinal) \(row.kind)\(row.isSum ? " sum" : "") [\(counts)] \(tail(row))"
        }
    }

    /// The CPUs of the header.
    public var cpus: [Int] { (0..<table.cpuCount).map { table.cpu($0) } }
}
