import IRQCore

/// A field of a protobuf message (protobuf.dev/programming-guides/encoding).
struct ProtoField {
    /// Its number in the message's description.
    let number: Int
    /// The value of a varint or of a fixed number; 0 for a field of bytes.
    let value: UInt64
    /// The place of its bytes, of a field that has a length; else empty.
    let range: Range<Int>
    /// True if it has a length, as texts and messages have.
    let hasLength: Bool

    /// The value as a signed number of 32 bits, as int32 is written.
    var int32: Int32 { Int32(truncatingIfNeeded: value) }
}

/// Walks over the fields of a message; every read is checked.
struct ProtoFields: ~Escapable {
    private let bytes: RawSpan
    private(set) var offset: Int
    /// The end of the message as it was told, and of the bytes that are there.
    private let limit: Int
    private let end: Int
    /// True if the walk ended at bytes that are no field.
    private(set) var isDamaged = false
    /// True if the walk ended at a field that goes on behind the bytes that are there.
    private(set) var isCut = false

    /// Walks over the message in `range`, as far as `bytes` go.
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, _ range: Range<Int>) {
        self.bytes = bytes
        offset = max(range.lowerBound, 0)
        limit = range.upperBound
        end = min(limit, bytes.byteCount)
    }

    /// The next field; nil at the end of the message, or at damage.
    mutating func next() -> ProtoField? {
        guard offset < end, !isDamaged, !isCut else {
            isCut = isCut || (!isDamaged && offset < limit)
            return nil
        }
        let start = offset
        guard let tag = bytes.varint(at: &offset, end: end) else { return stop(at: start) }
        guard let number = Int(exactly: tag >> 3), number > 0, number < 1 << 29 else { return stop(at: start) }
        switch tag & 7 {
        case 0:
            guard let value = bytes.varint(at: &offset, end: end) else { return stop(at: start) }
            return ProtoField(number: number, value: value, range: offset..<offset, hasLength: false)
        case 1: return fixed(number, UInt64.self, start)
        case 2:
            guard let length = bytes.varint(at: &offset, end: end) else { return stop(at: start) }
            guard length <= UInt64(limit - offset) else {
                offset = start
                isDamaged = true
                return nil
            }
            let first = offset
            guard length <= UInt64(end - offset) else {
                offset = start
                isCut = true
                return nil
            }
            offset += Int(length)
            return ProtoField(number: number, value: 0, range: first..<offset, hasLength: true)
        case 5: return fixed(number, UInt32.self, start)
        default: return stop(at: start)
        }
    }

    /// Ends the walk at bytes that are no field, or at the end of the bytes that are there.
    private mutating func stop(at start: Int) -> ProtoField? {
        if offset == end, end < limit { isCut = true } else { isDamaged = true }
        offset = start
        return nil
    }

    private mutating func fixed<Value: FixedWidthInteger & BitwiseCopyable>(
        _ number: Int, _: Value.Type, _ start: Int
    ) -> ProtoField? {
        let size = MemoryLayout<Value>.size
        guard end - offset >= size,
            let value = bytes.load(at: offset, as: Value.self, isSwapped: ByteOrder.little.isSwapped)
        else {
            if limit - offset >= size { isCut = true } else { isDamaged = true }
            offset = start
            return nil
        }
        offset += size
        return ProtoField(
            number: number, value: UInt64(truncatingIfNeeded: value), range: offset..<offset, hasLength: false)
    }
}

extension RawSpan {
    /// The number in groups of seven bits at `offset`, which moves behind it; nil if it does not end before `end`.
    func varint(at offset: inout Int, end: Int) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < end, shift < 64, let byte = byte(at: offset) {
            offset += 1
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
