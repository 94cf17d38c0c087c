/// The place of one number in an event's record.
public struct NumberField: Sendable, BitwiseCopyable, Equatable {
    /// Bytes from the start of the record's data.
    public let offset: Int32
    /// 1, 2, 4 or 8.
    public let byteCount: Int32
    /// True if it is signed.
    public let isSigned: Bool

    /// Creates a field; nil if no kernel writes such a number.
    public init?(offset: Int, byteCount: Int, isSigned: Bool) {
        guard (0...0xFFFF).contains(offset), [1, 2, 4, 8].contains(byteCount) else { return nil }
        self.offset = Int32(offset)
        self.byteCount = Int32(byteCount)
        self.isSigned = isSigned
    }
}

/// The place of the text in an event's record.
public struct TextField: Sendable, BitwiseCopyable, Equatable {
    /// The way the text is found.
    public enum Encoding: UInt8, Sendable, BitwiseCopyable {
        /// `__data_loc`: a 32-bit word, the length above 16 bits of offset from the record's start.
        case dataLocation
        /// `__rel_loc`: the same, with the offset counted from behind the word.
        case relativeLocation
        /// `char name[N]`: the bytes themselves.
        case array
    }

    /// Bytes from the start of the record's data.
    public let offset: Int32
    /// The size of the array; 4 for the other encodings.
    public let byteCount: Int32
    /// The way the text is found.
    public let encoding: Encoding

    /// Creates a field; nil if it could not lie in a record.
    public init?(offset: Int, byteCount: Int, encoding: Encoding) {
        guard (0...0xFFFF).contains(offset), (1...0xFFFF).contains(byteCount),
            encoding == .array || byteCount == 4
        else { return nil }
        self.offset = Int32(offset)
        self.byteCount = Int32(byteCount)
        self.encoding = encoding
    }
}
