// The one checked binary load. Every read of foreign bytes goes through here or through
// `bytes(at:)`, so this file and the buffer owners hold nearly all unsafe expressions of the module.

extension RawSpan {
    /// The integer at `offset`, or nil if it does not lie inside the span.
    ///
    /// - Parameters:
    ///   - offset: bytes from the start of the span; need not be aligned; any value is allowed.
    ///   - isSwapped: true if the writer's byte order differs from this machine's.
    @inlinable @inline(__always)
    public func load<T: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int, as: T.Type = T.self, isSwapped: Bool
    ) -> T? {
        // One comparison: as an unsigned number a negative offset is larger than any bound.
        let bound = max(byteCount &- (MemoryLayout<T>.size &- 1), 0)
        guard UInt(bitPattern: offset) < UInt(bitPattern: bound) else { return nil }
        // Inside: checked on the line above.
        let value = unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: T.self)
        return isSwapped ? value.byteSwapped : value
    }

    /// The unsigned integer of 1, 2, 4 or 8 bytes at `offset`; nil outside the span or for another size.
    ///
    /// - Parameter isSigned: true if a smaller integer is extended by its sign; the result is then
    ///   the bit pattern of the 64-bit signed value.
    @inlinable @inline(__always)
    public func loadInteger(at offset: Int, byteCount size: Int, isSigned: Bool, isSwapped: Bool) -> UInt64? {
        if size == 4 {
            guard let value = load(at: offset, as: UInt32.self, isSwapped: isSwapped) else { return nil }
            return isSigned ? UInt64(bitPattern: Int64(Int32(bitPattern: value))) : UInt64(value)
        }
        return loadUncommonInteger(at: offset, byteCount: size, isSigned: isSigned, isSwapped: isSwapped)
    }

    /// The sizes that are rarer in ring-buffer records than four bytes.
    @inlinable
    func loadUncommonInteger(at offset: Int, byteCount size: Int, isSigned: Bool, isSwapped: Bool) -> UInt64? {
        switch size {
        case 8:
            return load(at: offset, as: UInt64.self, isSwapped: isSwapped)
        case 2:
            guard let value = load(at: offset, as: UInt16.self, isSwapped: isSwapped) else { return nil }
            return isSigned ? UInt64(bitPattern: Int64(Int16(bitPattern: value))) : UInt64(value)
        case 1:
            guard let value = load(at: offset, as: UInt8.self, isSwapped: false) else { return nil }
            return isSigned ? UInt64(bitPattern: Int64(Int8(bitPattern: value))) : UInt64(value)
        default:
            return nil
        }
    }

    /// The byte at `offset`, or nil outside the span.
    @inlinable @inline(__always)
    public func byte(at offset: Int) -> UInt8? {
        load(at: offset, as: UInt8.self, isSwapped: false)
    }

    /// True if `count` bytes from `offset` on lie inside the span.
    @inlinable @inline(__always)
    public func holds(_ count: Int, at offset: Int) -> Bool {
        offset >= 0 && count >= 0 && offset <= byteCount &- count
    }

    /// The length of the text at `offset`, which ends before its null byte or after `limit` bytes; these must lie inside.
    @inline(always)
    func textByteCount(at offset: Int, limit: Int) -> Int {
        var length = 0
        while length < limit, let word = load(at: offset &+ length, as: UInt64.self, isSwapped: false) {
            let bytes = UInt64(littleEndian: word)
            // The highest bit of each null byte; of those behind the first one it may be wrong.
            let nulls = (bytes &- 0x0101_0101_0101_0101) & ~bytes & 0x8080_8080_8080_8080
            if nulls != 0 { return min(length &+ nulls.trailingZeroBitCount / 8, limit) }
            length &+= 8
        }
        // The last bytes of the span.
        while length < limit, let byte = byte(at: offset &+ length), byte != 0 { length &+= 1 }
        return min(length, limit)
    }
}
