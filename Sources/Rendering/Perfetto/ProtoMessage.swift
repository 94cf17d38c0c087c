/// A message in the wire format of protocol buffers (protobuf.dev/programming-guides/encoding).
struct ProtoMessage {
    private(set) var bytes: [UInt8] = []

    /// Appends a field that is a number.
    mutating func put(_ field: Int, _ value: UInt64) {
        putVarint(UInt64(field) << 3)
        putVarint(value)
    }

    /// Appends a field that is text.
    mutating func put(_ field: Int, _ text: String) { put(field, Array(text.utf8)) }

    /// Appends a field that is a message.
    mutating func put(_ field: Int, _ body: (inout ProtoMessage) -> Void) {
        var message = ProtoMessage()
        body(&message)
        put(field, message.bytes)
    }

    private mutating func put(_ field: Int, _ content: [UInt8]) {
        putVarint(UInt64(field) << 3 | 2)
        putVarint(UInt64(content.count))
        bytes += content
    }

    private mutating func putVarint(_ given: UInt64) {
        var value = given
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: value))
    }
}

extension ByteOutput {
    /// Writes a number in seven bits a byte, the lowest first.
    mutating func putVarint(_ given: UInt64) {
        var value = given
        while value >= 0x80 {
            put(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        put(UInt8(truncatingIfNeeded: value))
    }

    /// The bytes that `putVarint` takes.
    static func varintByteCount(_ value: UInt64) -> Int { max((70 - value.leadingZeroBitCount) / 7, 1) }
}
