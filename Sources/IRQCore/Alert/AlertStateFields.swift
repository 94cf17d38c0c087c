/// Fields of a state file that pass by one after the other: written by `StateWriter`, read by `StateReader`, so that a
/// list of them is both.
protocol StateFields: SendableMetatype {
    /// A number or a word of JSON; nil is left out.
    mutating func word(_ key: StaticString, _ value: inout String?) throws(AlertStateError)
    /// A text; an empty one is left out.
    mutating func bytes(_ key: StaticString, _ value: inout [UInt8]) throws(AlertStateError)
    /// An array of objects, of so many at most.
    mutating func list<T>(
        _ key: StaticString, _ values: inout [T], limit: Int, blank: T,
        _ pass: (inout Self, inout T) throws(AlertStateError) -> Void
    ) throws(AlertStateError)
}

extension StateFields {
    /// An integer that is left out where it is unknown.
    mutating func known<T: FixedWidthInteger>(_ key: StaticString, _ value: inout T?) throws(AlertStateError) {
        var text = value.map { "\($0)" }
        try word(key, &text)
        guard let text else { return value = nil }
        guard let number = T(text) else { throw .damaged }
        value = number
    }

    /// An integer.
    mutating func integer<T: FixedWidthInteger>(_ key: StaticString, _ value: inout T) throws(AlertStateError) {
        var number: T? = value
        try known(key, &number)
        guard let number else { throw .damaged }
        value = number
    }

    /// A finite number.
    mutating func fraction(_ key: StaticString, _ value: inout Double) throws(AlertStateError) {
        var text: String? = "\(value)"
        try word(key, &text)
        guard let number = text.flatMap({ Double($0) }), number.isFinite else { throw .damaged }
        value = number
    }

    /// A flag that is left out where it is false.
    mutating func flag(_ key: StaticString, _ value: inout Bool) throws(AlertStateError) {
        var text = value ? "true" : nil
        try word(key, &text)
        guard text == nil || text == "true" else { throw .damaged }
        value = text != nil
    }

    /// A text of so many bytes at most: what is longer is cut where it is written.
    mutating func text(_ key: StaticString, _ value: inout String, limit: Int) throws(AlertStateError) {
        var content = Array(AlertSubject.cut(value).utf8)
        try bytes(key, &content)
        guard content.count <= limit else { throw .damaged }
        value = String(decoding: content, as: UTF8.self)
    }

    /// One of a type's values, by its name.
    mutating func choice<T: CaseIterable>(
        _ key: StaticString, _ value: inout T, name: (T) -> String
    ) throws(AlertStateError) {
        var text = name(value)
        try self.text(key, &text, limit: AlertSubject.nameByteLimit)
        guard let found = T.allCases.first(where: { name($0) == text }) else { throw .damaged }
        value = found
    }
}

/// Writes fields, and hands them on in pieces.
struct StateWriter: StateFields {
    /// The number of bytes of the checksum and what stands around it.
    static let endByteCount = ending(StableHash()).count
    private static let pieceByteCount = 64 << 10

    private var piece: [UInt8] = []
    private var hash = StableHash()
    /// True if nothing stands in the current object yet.
    private var isFirst = false
    private var depth = 0
    private let take: ([UInt8]) -> Void

    init(_ take: @escaping ([UInt8]) -> Void) {
        self.take = take
        piece.reserveCapacity(Self.pieceByteCount + 16)
    }

    /// The last bytes of a file.
    static func ending(_ hash: StableHash) -> [UInt8] {
        let digits = String(hash.value, radix: 16)
        let zeros = String(repeating: "0", count: 16 - digits.utf8.count)
        return Array("\n,\"checksum\":\"\(zeros)\(digits)\"}\n".utf8)
    }

    @inline(always)
    private mutating func put(_ byte: UInt8) {
        piece.append(byte)
        hash.add(UInt64(byte))
        if piece.count >= Self.pieceByteCount { flush() }
    }

    private mutating func flush() {
        take(piece)
        piece.removeAll(keepingCapacity: true)
    }

    mutating func put(_ bytes: some Sequence<UInt8>) { for byte in bytes { put(byte) } }

    private mutating func key(_ key: StaticString) {
        if !isFirst { put(ASCII.comma) }
        isFirst = false
        // A member of the document begins a line.
        if depth == 0 { put(ASCII.newline) }
        put("\"\(key)\":".utf8)
    }

    mutating func end() {
        let ending = Self.ending(hash)
        piece += ending
        flush()
    }

    mutating func word(_ key: StaticString, _ value: inout String?) {
        guard let value else { return }
        self.key(key)
        put(value.utf8)
    }

    mutating func bytes(_ key: StaticString, _ value: inout [UInt8]) {
        if value.isEmpty { return }
        self.key(key)
        put(UInt8(ascii: "\""))
        var position = 0
        while position < value.count {
            let byte = value[position]
            guard byte >= 0x80 else {
                put(escaping: byte)
                position += 1
                continue
            }
            let start = position
            while position < value.count, value[position] >= 0x80 { position += 1 }
            put(foreign: value[start..<position])
        }
        put(UInt8(ascii: "\""))
    }

    private mutating func put(escaping byte: UInt8) {
        switch byte {
        case ASCII.newline: put(#"\n"#.utf8)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            put(UInt8(ascii: "\\"))
            put(byte)
        case 0x20...0x7E: put(byte)
        default: put(unit: UInt16(byte))
        }
    }

    /// Bytes that are no ASCII as escapes; those that are no UTF-8 either become halves of a surrogate pair, DC80 to DCFF, so
    /// that names come back as they were.
    private mutating func put(foreign bytes: ArraySlice<UInt8>) {
        if let text = String(validating: bytes, as: UTF8.self) {
            for unit in text.utf16 { put(unit: unit) }
        } else {
            for byte in bytes { put(unit: 0xDC00 + UInt16(byte)) }
        }
    }

    private mutating func put(unit: UInt16) {
        put(#"\u"#.utf8)
        for shift in stride(from: 12, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: unit >> UInt16(shift) & 0xF)
            put(digit < 10 ? ASCII.zero + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    mutating func list<T>(
        _ key: StaticString, _ values: inout [T], limit: Int, blank: T,
        _ pass: (inout Self, inout T) throws(AlertStateError) -> Void
    ) throws(AlertStateError) {
        self.key(key)
        put(UInt8(ascii: "["))
        for index in values.indices {
            if index > 0 { put(ASCII.comma) }
            put("\n{".utf8)
            (isFirst, depth) = (true, depth + 1)
            var value = values[index]
            try pass(&self, &value)
            (isFirst, depth) = (false, depth - 1)
            put(UInt8(ascii: "}"))
        }
        put(UInt8(ascii: "]"))
    }
}

/// Reads fields as they were written, in their order; all else is `damaged`.
///
/// Nothing nests deeper than an object in an array of the document, and no text is longer than the file.
struct StateReader: StateFields {
    private let file: [UInt8]
    var position: Int
    var isFirst = false
    private var depth = 0

    init(_ file: [UInt8], position: Int) { (self.file, self.position) = (file, position) }

    var next: UInt8? { position < file.count ? file[position] : nil }

    mutating func take(_ byte: UInt8) throws(AlertStateError) {
        guard next == byte else { throw .damaged }
        position += 1
    }

    /// Passes over a text if it is what follows.
    private mutating func skip(_ text: String) -> Bool {
        let end = position + text.utf8.count
        guard end <= file.count, file[position..<end].elementsEqual(text.utf8) else { return false }
        position = end
        return true
    }

    /// Passes over a member's key if it is what follows.
    private mutating func skip(key: StaticString) -> Bool {
        guard skip("\(isFirst ? "" : ",")\(depth == 0 ? "\n" : "")\"\(key)\":") else { return false }
        isFirst = false
        return true
    }

    /// The digits, letters and signs that follow.
    mutating func word() -> String {
        let start = position
        while let byte = next, byte != ASCII.comma, byte > ASCII.blank, !"\"]}".utf8.contains(byte) { position += 1 }
        return String(decoding: file[start..<position], as: UTF8.self)
    }

    mutating func word(_ key: StaticString, _ value: inout String?) { value = skip(key: key) ? word() : nil }

    mutating func bytes(_ key: StaticString, _ value: inout [UInt8]) throws(AlertStateError) {
        value = []
        guard skip(key: key) else { return }
        try take(UInt8(ascii: "\""))
        value.reserveCapacity(textByteCount)
        while let byte = next, byte != UInt8(ascii: "\"") {
            position += 1
            guard byte == UInt8(ascii: "\\") else {
                guard 0x20...0x7E ~= byte else { throw .damaged }
                value.append(byte)
                continue
            }
            switch next {
            case UInt8(ascii: "n"): value.append(ASCII.newline)
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): value.append(file[position])
            case UInt8(ascii: "u"):
                try character(&value)
                continue
            default: throw .damaged
            }
            position += 1
        }
        try take(UInt8(ascii: "\""))
    }

    /// The number of bytes up to the end of the text that `position` is in.
    private var textByteCount: Int {
        var end = position
        while end < file.count, file[end] != UInt8(ascii: "\"") { end += file[end] == UInt8(ascii: "\\") ? 2 : 1 }
        return min(end, file.count) - position
    }

    /// Reads a `uXXXX`, or two of a pair.
    private mutating func character(_ text: inout [UInt8]) throws(AlertStateError) {
        let unit = try unit()
        if 0xDC80...0xDCFF ~= unit { return text.append(UInt8(truncatingIfNeeded: unit)) }
        var units = [unit]
        if UTF16.isLeadSurrogate(unit) {
            try take(UInt8(ascii: "\\"))
            units.append(try self.unit())
        }
        guard let character = String(validating: units, as: UTF16.self) else { throw .damaged }
        text += Array(character.utf8)
    }

    private mutating func unit() throws(AlertStateError) -> UInt16 {
        try take(UInt8(ascii: "u"))
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = next.flatMap({ ASCII.hexadecimalDigit($0) }) else { throw .damaged }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    mutating func list<T>(
        _ key: StaticString, _ values: inout [T], limit: Int, blank: T,
        _ pass: (inout Self, inout T) throws(AlertStateError) -> Void
    ) throws(AlertStateError) {
        guard skip(key: key) else { throw .damaged }
        values = []
        try take(UInt8(ascii: "["))
        while next != UInt8(ascii: "]") {
            if !values.isEmpty { try take(ASCII.comma) }
            guard values.count < limit, skip("\n{") else { throw .damaged }
            (isFirst, depth) = (true, depth + 1)
            var value = blank
            try pass(&self, &value)
            try skipMembers()
            (isFirst, depth) = (false, depth - 1)
            try take(UInt8(ascii: "}"))
            values.append(value)
        }
        position += 1
    }
}
