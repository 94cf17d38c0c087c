internal import IRQCore

/// The first two lines of an event's format text:
///
///     name: irq_handler_entry
///     ID: 150
package struct FormatTextHead {
    /// The event's name; from a recording, so untrusted text.
    package let name: String
    /// The number that its records carry.
    package let id: Int

    /// Longer names are none of the kernel's.
    private static let nameLimit = 255

    /// Reads the lines; nil if they are others.
    package init?(_ text: RawSpan) {
        var offset = 0
        func skip(_ word: StaticString) -> Bool {
            for index in 0..<word.utf8CodeUnitCount {
                // Inside of the literal.
                guard text.byte(at: offset + index) == (unsafe word.utf8Start[index]) else { return false }
            }
            offset += word.utf8CodeUnitCount
            return true
        }
        guard skip("name: ") else { return nil }
        let start = offset
        while let byte = text.byte(at: offset), byte != 0x0A { offset += 1 }
        guard offset - start <= Self.nameLimit, offset < text.byteCount else { return nil }
        let word = text.extracting(start..<offset)
        name = unsafe word.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        offset += 1
        guard skip("ID: ") else { return nil }
        var number = 0
        while let byte = text.byte(at: offset), (0x30...0x39).contains(byte), number <= 0xFFFF {
            number = number * 10 + Int(byte - 0x30)
            offset += 1
        }
        guard number <= 0xFFFF else { return nil }
        id = number
    }
}
