internal import IRQCore

/// The place of a function of a PCI device: "0000:00:02.0" is domain, bus, device and function.
///
/// The domain has four hexadecimal digits, or more behind a VMD controller ("10000:e1:00.0").
struct PCIAddress: Hashable, Comparable, CustomStringConvertible {
    let domain: UInt32
    let bus: UInt8
    let device: UInt8
    let function: UInt8

    var description: String {
        let places = Self.hex(domain, 4) + ":" + Self.hex(UInt32(bus), 2) + ":" + Self.hex(UInt32(device), 2)
        return "\(places).\(function)"
    }

    static func < (left: Self, right: Self) -> Bool {
        (left.domain, left.bus, left.device, left.function) < (right.domain, right.bus, right.device, right.function)
    }

    /// Reads an address that is all of `text`.
    init?(_ text: some Sequence<UInt8>) {
        let bytes = Array(text)
        guard let (address, range) = Self.find(in: bytes), range == 0..<bytes.count else { return nil }
        self = address
    }

    private init(domain: UInt32, bus: UInt8, device: UInt8, function: UInt8) {
        self.domain = domain
        self.bus = bus
        self.device = device
        self.function = function
    }

    /// The first address within a chip's or an action's name.
    ///
    ///     PCI-MSIX-0000:00:02.0    mlx5_async@pci:0002:00:00.0    ahci[0000:00:1f.2]
    ///     fglrx[0]@PCI:1:0:0       bus, device and function in decimal, as X11 writes them
    static func find(in text: [UInt8]) -> (address: PCIAddress, range: Range<Int>)? {
        for start in text.indices where start == 0 || !isAlphanumeric(text[start - 1]) {
            if let found = read(text, at: start) ?? readX11(text, at: start) { return found }
        }
        return nil
    }

    private static func read(_ text: [UInt8], at start: Int) -> (PCIAddress, Range<Int>)? {
        var cursor = Cursor(text: text, offset: start)
        guard let domain = cursor.number(radix: 16, digits: 4...8), cursor.skip(":"),
            let bus = cursor.number(radix: 16, digits: 2...2), cursor.skip(":"),
            let device = cursor.number(radix: 16, digits: 2...2), device < 32, cursor.skip("."),
            let function = cursor.number(radix: 8, digits: 1...1), cursor.isAtWordEnd
        else { return nil }
        let address = PCIAddress(domain: domain, bus: UInt8(bus), device: UInt8(device), function: UInt8(function))
        return (address, start..<cursor.offset)
    }

    private static func readX11(_ text: [UInt8], at start: Int) -> (PCIAddress, Range<Int>)? {
        var cursor = Cursor(text: text, offset: start)
        guard cursor.skip("PCI:"),
            let bus = cursor.number(radix: 10, digits: 1...3), bus < 256, cursor.skip(":"),
            let device = cursor.number(radix: 10, digits: 1...2), device < 32, cursor.skip(":"),
            let function = cursor.number(radix: 10, digits: 1...1), function < 8, cursor.isAtWordEnd
        else { return nil }
        let address = PCIAddress(domain: 0, bus: UInt8(bus), device: UInt8(device), function: UInt8(function))
        return (address, start..<cursor.offset)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    private static func hex(_ value: UInt32, _ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(digits - text.utf8.count, 0)) + text
    }

    private struct Cursor {
        let text: [UInt8]
        var offset: Int

        var isAtWordEnd: Bool { offset == text.count || !PCIAddress.isAlphanumeric(text[offset]) }

        mutating func skip(_ expected: String) -> Bool {
            guard text[offset...].starts(with: expected.utf8) else { return false }
            offset += expected.utf8.count
            return true
        }

        /// A number of as many digits as there are, if that is within `digits` (8 at the most).
        mutating func number(radix: UInt32, digits: ClosedRange<Int>) -> UInt32? {
            var value: UInt32 = 0
            var count = 0
            while offset < text.count, let digit = ASCII.hexadecimalDigit(text[offset]),
                digit < radix, count <= digits.upperBound
            {
                value = value &* radix &+ UInt32(digit)
                offset += 1
                count += 1
            }
            return digits.contains(count) ? value : nil
        }
    }
}
