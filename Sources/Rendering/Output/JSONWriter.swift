/// Writes a JSON document as it is made: one object on one line, unknown values null.
///
/// Keys are snake_case with the unit last. `schema` stands first, so that the first bytes tell what a file is; all others
/// in ascending order, which debug builds check: a document looks the same whatever order it was written down in.
struct JSONWriter: ~Copyable {
    private var output: ByteOutput
    /// True if nothing stands in the current object or array yet.
    private var isFirst = true
    private var lastKey: StaticString = ""

    init(_ output: consuming ByteOutput) { self.output = output }

    /// Gives back what it writes to.
    consuming func end() -> ByteOutput { output }

    /// True if somebody still takes what is written.
    var isOpen: Bool { output.isOpen }

    // MARK: Objects and arrays

    /// Writes an object, as an element of an array or as the document.
    mutating func object(_ members: (inout JSONWriter) -> Void) {
        separate()
        output.put(UInt8(ascii: "{"))
        let outerKey = lastKey
        (isFirst, lastKey) = (true, "")
        members(&self)
        (isFirst, lastKey) = (false, outerKey)
        output.put(UInt8(ascii: "}"))
    }

    /// Writes an array, as an element of another one.
    mutating func array(_ elements: (inout JSONWriter) -> Void) {
        separate()
        output.put(UInt8(ascii: "["))
        isFirst = true
        elements(&self)
        isFirst = false
        output.put(UInt8(ascii: "]"))
    }

    /// Writes a member that is an object.
    mutating func object(_ key: StaticString, _ members: (inout JSONWriter) -> Void) {
        self.key(key)
        object(members)
    }

    /// Writes a member that is an array.
    mutating func array(_ key: StaticString, _ elements: (inout JSONWriter) -> Void) {
        self.key(key)
        array(elements)
    }

    /// Writes an array, or null.
    mutating func array<Element>(_ elements: [Element]?, _ write: (Element, inout JSONWriter) -> Void) {
        guard let elements else { return null() }
        array { json in for element in elements { write(element, &json) } }
    }

    /// Writes an object with members that are described once.
    mutating func object<Row>(_ row: Row, _ columns: Columns<Row>) { object { columns.write(row, &$0) } }

    // MARK: Members

    /// Writes a member.
    mutating func member(_ key: StaticString, _ value: Cell) {
        self.key(key)
        value.write(to: &self)
    }

    /// Writes a member that is a table: an array of objects. Stops where nobody reads any more.
    mutating func member<Row>(_ section: Section<Row>, _ rowCount: Int, row: (Int) -> Row) {
        array(section.key) { json in
            for index in 0..<rowCount where json.isOpen { json.object(row(index), section.columns) }
        }
    }

    /// Writes the key of the member that follows.
    mutating func key(_ key: StaticString) {
        assert(lastKey.utf8CodeUnitCount == 0 || lastKey.isKeyBelow(key), "\(key) must not follow \(lastKey)")
        lastKey = key
        separate()
        output.put(UInt8(ascii: "\""))
        output.put(key)
        output.put("\":")
        // No comma before its value.
        isFirst = true
    }

    /// The comma before all but the first.
    @inline(always)
    private mutating func separate() {
        if !isFirst { output.put(UInt8(ascii: ",")) }
        isFirst = false
    }

    // MARK: Values

    mutating func null() {
        separate()
        output.put("null")
    }

    mutating func put(_ value: Bool) {
        separate()
        output.put(value ? "true" : "false")
    }

    mutating func put(_ value: UInt64) {
        separate()
        output.put(value)
    }

    mutating func put(_ value: Int) {
        separate()
        output.put(value)
    }

    /// Writes the shortest decimal that reads back as the same number; what is no number is null.
    mutating func put(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        // Whole numbers, most of them zeros, need no search for digits.
        if value.magnitude < 1e9, value.rounded() == value, value.sign == .plus || value != 0 {
            output.put(Int(value))
            return
        }
        var digits = value.description
        if digits.hasSuffix(".0") { digits.removeLast(2) }
        output.put(digits)
    }

    /// Writes text. What a terminal could take amiss is escaped, which means the same (`SafeText.isHarmless`).
    mutating func put(_ value: String) {
        separate()
        output.put(UInt8(ascii: "\""))
        let bytes = value.utf8Span.span
        if Self.isPlain(bytes) {
            output.put(bytes)
        } else {
            for scalar in value.unicodeScalars { put(scalar) }
        }
        output.put(UInt8(ascii: "\""))
    }

    /// True if text stands in JSON as it is, as nearly all names do.
    private static func isPlain(_ text: Span<UInt8>) -> Bool {
        for index in text.indices {
            let byte = text[index]
            if byte < 0x20 || byte > 0x7E || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return false }
        }
        return true
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": output.put(#"\""#)
        case "\\": output.put(#"\\"#)
        case "\u{8}": output.put(#"\b"#)
        case "\u{C}": output.put(#"\f"#)
        case "\n": output.put(#"\n"#)
        case "\r": output.put(#"\r"#)
        case "\t": output.put(#"\t"#)
        case _ where SafeText.isHarmless(scalar): output.put(String(scalar))
        default:
            // Beyond 16 bits it takes two escapes (RFC 8259, 7).
            for unit in String(scalar).utf16 {
                output.put(#"\u"#)
                for shift in stride(from: 12, through: 0, by: -4) {
                    let digit = UInt8(truncatingIfNeeded: unit >> UInt16(shift) & 0xF)
                    output.put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
                }
            }
        }
    }
}

extension ByteOutput {
    /// Writes a JSON document and ends its line.
    mutating func json(_ members: (inout JSONWriter) -> Void) {
        var json = JSONWriter(self)
        json.object(members)
        self = json.end()
        put(UInt8(ascii: "\n"))
    }
}

extension StaticString {
    /// True if the member of that key comes before that of another one.
    func isKeyBelow(_ other: StaticString) -> Bool {
        let (key, other) = (description, other.description)
        if key == "schema" || other == "schema" { return key == "schema" && other != "schema" }
        return key.utf8.lexicographicallyPrecedes(other.utf8)
    }
}
