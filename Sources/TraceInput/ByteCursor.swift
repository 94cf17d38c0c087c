import IRQCore

/// Reads numbers and strings of a recording one after another; every read is checked.
struct ByteCursor: ~Escapable {
    let bytes: RawSpan
    let isSwapped: Bool
    /// The position of `bytes` in the file, for messages.
    let origin: Int
    private(set) var offset: Int

    /// Starts at `offset` of `bytes`, which themselves begin at byte `origin` of the file.
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, at offset: Int = 0, origin: Int = 0, byteOrder: ByteOrder) {
        self.bytes = bytes
        self.offset = offset
        self.origin = origin
        isSwapped = byteOrder.isSwapped
    }

    /// The place in the file of what is read next.
    var position: Int { origin + offset }
    /// The number of bytes that are left.
    var remaining: Int { max(0, bytes.byteCount - offset) }

    // `what` names a part for a message; thousands of parts are read and hardly ever one is missing.

    mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(
        _ what: @autoclosure () -> String, as type: T.Type = T.self
    ) throws(FormatProblem) -> T {
        guard let value = bytes.load(at: offset, as: T.self, isSwapped: isSwapped) else {
            throw FormatProblem(
                offset: position, problem: "the file ends inside \(what()) (\(remaining) of \(T.bitWidth / 8) bytes)")
        }
        offset += T.bitWidth / 8
        return value
    }

    /// Skips `count` bytes and returns where they lie in `bytes`.
    mutating func range(_ count: UInt64, _ what: @autoclosure () -> String) throws(FormatProblem) -> Range<Int> {
        guard count <= UInt64(remaining) else {
            throw FormatProblem(
                offset: position, problem: "\(what()) should take \(count) bytes, but only \(remaining) are left")
        }
        defer { offset += Int(count) }
        return offset..<offset + Int(count)
    }

    /// A null-terminated string; bytes that are not UTF-8 become U+FFFD.
    mutating func string(_ what: @autoclosure () -> String, limit: Int = 4096) throws(FormatProblem) -> String {
        var text: [UInt8] = []
        let start = offset
        while let byte = bytes.byte(at: offset), text.count <= limit {
            offset += 1
            if byte == 0 { return String(decoding: text, as: UTF8.self) }
            text.append(byte)
        }
        throw FormatProblem(offset: origin + start, problem: "\(what()) has no end")
    }

    /// Skips `expected` if it comes next.
    mutating func skip(_ expected: String) -> Bool {
        let wanted = Array(expected.utf8)
        guard bytes.holds(wanted.count, at: offset) else { return false }
        for (index, byte) in wanted.enumerated() where bytes.byte(at: offset + index) != byte { return false }
        offset += wanted.count
        return true
    }
}

extension RawSpan {
    /// The bytes of `range` as text, cut at a null byte; bytes that are not UTF-8 become U+FFFD.
    func text(_ range: Range<Int>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        for offset in range {
            guard let byte = byte(at: offset), byte != 0 else { break }
            text.append(byte)
        }
        return String(decoding: text, as: UTF8.self)
    }
}
