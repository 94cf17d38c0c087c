/// A value of JSON (RFC 8259), as this program and others write it.
public enum JSONValue: Sendable, Equatable {
    case null
    case flag(Bool)
    /// A whole number that fits.
    case integer(Int64)
    /// A whole number above the largest `Int64`.
    case large(UInt64)
    /// Any other number: its value is of no use here.
    case number
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    /// Objects and lists may be so many deep.
    private static let depthLimit = 64

    /// Reads a document; nil if it is none, or nested beyond reason.
    public init?(_ bytes: RawSpan) {
        var reader = JSONReader(bytes)
        guard let value = reader.value(depth: Self.depthLimit), reader.isAtEnd else { return nil }
        self = value
    }

    /// A member of an object; nil where there is none.
    public subscript(_ key: String) -> JSONValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The elements of a list; nil of anything else.
    public var list: [JSONValue]? { if case .list(let values) = self { values } else { nil } }
    /// The text; nil of anything else.
    public var text: String? { if case .text(let text) = self { text } else { nil } }
    /// The number, where it is a whole one that is not negative.
    public var count: UInt64? {
        switch self {
        case .integer(let number): UInt64(exactly: number)
        case .large(let number): number
        default: nil
        }
    }
}

/// Reads values of JSON one after another; every read is checked.
private struct JSONReader: ~Escapable {
    private let bytes: RawSpan
    private var offset = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { self.bytes = bytes }

    /// True if nothing but blanks follows.
    var isAtEnd: Bool {
        mutating get {
            skipBlanks()
            return offset >= bytes.byteCount
        }
    }

    mutating func value(depth: Int) -> JSONValue? {
        skipBlanks()
        guard depth > 0, let byte = bytes.byte(at: offset) else { return nil }
        switch byte {
        case UInt8(ascii: "{"): return object(depth)
        case UInt8(ascii: "["): return list(depth)
        case UInt8(ascii: "\""): return text().map { .text($0) }
        case UInt8(ascii: "t"): return word("true") ? .flag(true) : nil
        case UInt8(ascii: "f"): return word("false") ? .flag(false) : nil
        case UInt8(ascii: "n"): return word("null") ? .null : nil
        default: return number()
        }
    }

    private mutating func object(_ depth: Int) -> JSONValue? {
        offset += 1
        var members: [String: JSONValue] = [:]
        if take("}") { return .object(members) }
        while true {
            skipBlanks()
            guard bytes.byte(at: offset) == UInt8(ascii: "\""), let key = text(), take(":"),
                let value = value(depth: depth - 1)
            else { return nil }
            members[key] = value
            if take("}") { return .object(members) }
            guard take(",") else { return nil }
        }
    }

    private mutating func list(_ depth: Int) -> JSONValue? {
        offset += 1
        var values: [JSONValue] = []
        if take("]") { return .list(values) }
        while true {
            guard let value = value(depth: depth - 1) else { return nil }
            values.append(value)
            if take("]") { return .list(values) }
            guard take(",") else { return nil }
        }
    }

    private mutating func text() -> String? {
        offset += 1
        var text: [UInt8] = []
        while let byte = bytes.byte(at: offset) {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let next = bytes.byte(at: offset) else { return nil }
                offset += 1
                switch next {
                case UInt8(ascii: "n"): text.append(0x0A)
                case UInt8(ascii: "t"): text.append(0x09)
                case UInt8(ascii: "r"): text.append(0x0D)
                case UInt8(ascii: "b"): text.append(0x08)
                case UInt8(ascii: "f"): text.append(0x0C)
                case UInt8(ascii: "u"):
                    guard let scalar = escapedScalar() else { return nil }
                    text += Array(String(Character(scalar)).utf8)
                default: text.append(next)
                }
            case 0..<0x20: return nil
            default: text.append(byte)
            }
        }
        return nil
    }

    /// The character behind \u; half of a pair that lacks the other becomes U+FFFD.
    private mutating func escapedScalar() -> Unicode.Scalar? {
        guard let first = hexadecimal() else { return nil }
        if let scalar = Unicode.Scalar(first) { return scalar }
        let start = offset
        if first < 0xDC00, bytes.byte(at: offset) == UInt8(ascii: "\\"), bytes.byte(at: offset + 1) == UInt8(ascii: "u")
        {
            offset += 2
            if let second = hexadecimal(), (0xDC00..<0xE000).contains(second) {
                return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            }
            offset = start
        }
        return "\u{FFFD}"
    }

    private mutating func hexadecimal() -> UInt32? {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = bytes.byte(at: offset), let digit = ASCII.hexadecimalDigit(byte) else { return nil }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }

    private mutating func number() -> JSONValue? {
        let start = offset
        var isWhole = true
        while let byte = bytes.byte(at: offset) {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"): break
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): isWhole = false
            default:
                return number(start, isWhole)
            }
            offset += 1
        }
        return number(start, isWhole)
    }

    private func number(_ start: Int, _ isWhole: Bool) -> JSONValue? {
        guard offset > start, offset - start <= 64 else { return nil }
        if !isWhole { return .number }
        var text = ""
        for place in start..<offset { text.unicodeScalars.append(Unicode.Scalar(bytes.byte(at: place) ?? 0)) }
        if let value = Int64(text) { return .integer(value) }
        return UInt64(text).map { .large($0) }
    }

    private mutating func word(_ word: StaticString) -> Bool {
        var place = offset
        for scalar in "\(word)".unicodeScalars {
            guard bytes.byte(at: place) == UInt8(truncatingIfNeeded: scalar.value) else { return false }
            place += 1
        }
        offset = place
        return true
    }

    private mutating func take(_ mark: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard bytes.byte(at: offset) == UInt8(truncatingIfNeeded: mark.value) else { return false }
        offset += 1
        return true
    }

    private mutating func skipBlanks() {
        while let byte = bytes.byte(at: offset), [0x20, 0x09, 0x0A, 0x0D].contains(byte) { offset += 1 }
    }
}
