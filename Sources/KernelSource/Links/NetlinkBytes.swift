/// The bytes of messages of netlink: numbers in the machine's own order, attributes with a length and a type
/// (include/uapi/linux/netlink.h).
enum NetlinkBytes {
    /// The bit of an attribute's type that says that attributes are in it.
    private static let nested: UInt16 = 0x8000
    private static let typeMask: UInt16 = 0x3FFF

    /// A number of 16 bits; nil beyond the end.
    static func number16(_ bytes: ArraySlice<UInt8>, at offset: Int) -> UInt16? {
        let start = bytes.startIndex + offset
        guard offset >= 0, start + 2 <= bytes.endIndex else { return nil }
        let value = UInt16(bytes[start]) | UInt16(bytes[start + 1]) << 8
        return UInt16(littleEndian: 1) == 1 ? value : value.byteSwapped
    }

    /// A number of 32 bits; nil beyond the end.
    static func number32(_ bytes: ArraySlice<UInt8>, at offset: Int) -> UInt32? {
        guard let low = number16(bytes, at: offset), let high = number16(bytes, at: offset + 2) else { return nil }
        return UInt16(littleEndian: 1) == 1 ? UInt32(high) << 16 | UInt32(low) : UInt32(low) << 16 | UInt32(high)
    }

    /// A number in the machine's order.
    static func of(_ value: UInt32) -> [UInt8] {
        [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) }.inMachineOrder
    }

    /// A number in the machine's order.
    static func of(_ value: UInt16) -> [UInt8] {
        [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)].inMachineOrder
    }

    /// An attribute, padded to four bytes.
    static func attribute(_ type: UInt16, _ content: [UInt8], isNested: Bool = false) -> [UInt8] {
        var result = of(UInt16(clamping: content.count + 4)) + of(isNested ? type | nested : type) + content
        while result.count % 4 != 0 { result.append(0) }
        return result
    }

    /// An attribute of text, with the zero that ends it.
    static func attribute(_ type: UInt16, _ text: String) -> [UInt8] { attribute(type, Array(text.utf8) + [0]) }

    /// The attributes of a message, the last of each type.
    static func attributes(_ bytes: ArraySlice<UInt8>) -> [UInt16: ArraySlice<UInt8>] {
        var result: [UInt16: ArraySlice<UInt8>] = [:]
        var rest = bytes
        while let length = number16(rest, at: 0).map(Int.init), let type = number16(rest, at: 2), length >= 4,
            length <= rest.count
        {
            result[type & typeMask] = rest.dropFirst(4).prefix(length - 4)
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return result
    }
}

extension [UInt8] {
    /// Bytes that were written with the lowest first.
    fileprivate var inMachineOrder: [UInt8] { UInt16(littleEndian: 1) == 1 ? self : reversed() }
}
