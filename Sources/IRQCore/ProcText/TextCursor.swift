// The steps that all parsers of /proc text are made of: bytes in, positions out, nothing allocated.
// A position is an offset in bytes; one at or beyond the end is "no more".

/// Bytes that matter in texts of the kernel.
public enum ASCII {
    static let tab = UInt8(ascii: "\t")
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let blank = UInt8(ascii: " ")
    static let colon = UInt8(ascii: ":")
    static let comma = UInt8(ascii: ",")
    static let hyphen = UInt8(ascii: "-")
    static let zero = UInt8(ascii: "0")

    /// A blank inside of a line: space, tab, and the carriage return of texts that came through Windows.
    @inline(always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == blank || byte == tab || byte == carriageReturn }

    /// 0…9, or above 9 for another byte.
    @inline(always)
    static func digit(_ byte: UInt8) -> UInt8 { byte &- zero }

    /// The value of a hexadecimal digit; nil for another byte.
    @inline(__always)
    public static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        let decimal = byte &- UInt8(ascii: "0")
        if decimal < 10 { return decimal }
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : nil
    }
}

extension RawSpan {
    /// The byte at `position`; a newline at the end and beyond, so that every line ends.
    @inline(always)
    func text(at position: Int) -> UInt8 { byte(at: position) ?? ASCII.newline }

    /// The first position from `start` on that is not blank.
    @inline(always)
    func skippingBlanks(from start: Int) -> Int {
        var position = start
        let blanks: UInt64 = 0x2020_2020_2020_2020
        // Counts are right-aligned in ten columns: eight blanks at a time.
        while let word = load(at: position, as: UInt64.self, isSwapped: false) {
            let others = word ^ blanks
            if others == 0 {
                position &+= 8
                continue
            }
            #if _endian(little)
                position &+= others.trailingZeroBitCount >> 3
            #else
                position &+= others.leadingZeroBitCount >> 3
            #endif
            guard ASCII.isBlank(text(at: position)) else { return position }
            position &+= 1
        }
        while position < byteCount, ASCII.isBlank(text(at: position)) { position &+= 1 }
        return position
    }

    /// The end of the line that holds `start`: the position of its newline, or of the text's end.
    @inline(always)
    func endOfLine(from start: Int) -> Int {
        var position = start
        // A byte of `word` that is a newline becomes zero, and a zero byte is found by the usual borrow trick.
        let lows: UInt64 = 0x0101_0101_0101_0101
        while let word = load(at: position, as: UInt64.self, isSwapped: false) {
            let others = word ^ (lows &* UInt64(ASCII.newline))
            if (others &- lows) & ~others & (lows << 7) != 0 { break }
            position &+= 8
        }
        while position < byteCount, text(at: position) != ASCII.newline { position &+= 1 }
        return min(position, byteCount)
    }

    /// The end of the token at `start`: the first blank or newline.
    @inline(always)
    func endOfToken(from start: Int) -> Int {
        var position = start
        while position < byteCount {
            let byte = text(at: position)
            if byte == ASCII.newline || ASCII.isBlank(byte) { break }
            position &+= 1
        }
        return position
    }

    /// `start..<end` without the blanks at its end.
    @inline(always)
    func trimmingEnd(_ start: Int, _ end: Int) -> Int {
        var position = end
        while position > start, ASCII.isBlank(text(at: position &- 1)) { position &-= 1 }
        return position
    }

    /// A decimal number at `position`, which moves behind its digits.
    ///
    /// - Returns: the number; nil without a digit. `isTooLarge` is set if it does not fit into 64 bits.
    @inline(always)
    func decimal(at position: inout Int, isTooLarge: inout Bool) -> UInt64? {
        let start = position
        var value: UInt64 = 0
        var digit = ASCII.digit(text(at: position))
        while digit < 10 {
            // 19 digits always fit.
            if position &- start >= 19 { return longDecimal(from: start, at: &position, isTooLarge: &isTooLarge) }
            value = value &* 10 &+ UInt64(digit)
            position &+= 1
            digit = ASCII.digit(text(at: position))
        }
        return position == start ? nil : value
    }

    /// The decimal number at `offset` and where it ends; nil if there is no digit or it has more than 64 bits.
    public func decimal(at offset: Int) -> (value: UInt64, end: Int)? {
        var (end, isTooLarge) = (offset, false)
        guard let value = decimal(at: &end, isTooLarge: &isTooLarge), !isTooLarge else { return nil }
        return (value, end)
    }

    /// The rare number of 20 digits and more.
    @inline(never)
    private func longDecimal(from start: Int, at position: inout Int, isTooLarge: inout Bool) -> UInt64? {
        position = start
        var value: UInt64 = 0
        while ASCII.digit(text(at: position)) < 10 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(ASCII.digit(text(at: position))))
            if overflow || carry { isTooLarge = true }
            value = sum
            position &+= 1
        }
        return value
    }

    /// Whether the bytes at `position` are `word`.
    @inline(always)
    func has(_ word: ShortWord, at position: Int) -> Bool {
        var rest = word.bytes
        var index = position
        while rest != 0 {
            if text(at: index) != UInt8(truncatingIfNeeded: rest) { return false }
            rest >>= 8
            index &+= 1
        }
        return true
    }
}

/// One to eight ASCII characters in a register, the first in the lowest byte.
struct ShortWord: BitwiseCopyable, ExpressibleByStringLiteral {
    let bytes: UInt64

    @inline(always)
    init(stringLiteral text: StaticString) {
        precondition(text.utf8CodeUnitCount <= 8)
        self.init(text, from: 0)
    }

    /// The characters of a longer text from `start` on.
    @inline(always)
    init(_ text: StaticString, from start: Int) {
        var bytes: UInt64 = 0
        var index = start
        while index < min(text.utf8CodeUnitCount, start + 8) {
            bytes |= UInt64(unsafe text.utf8Start[index]) << UInt64((index - start) * 8)  // inside: below its length
            index += 1
        }
        self.bytes = bytes
    }
}
