/// The check that a text has the shape that kernels give to event formats and to header_page.
///
///     name: irq_handler_entry
///     ID: 150
///     format:
///     \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
///     \tfield:__data_loc char[] name;\toffset:12;\tsize:4;\tsigned:1;
///
/// libtraceevent's parser expects just this and does not survive every other text, so what comes from a
/// recording is looked at first. Kernels before 2.6.34 have no "signed". Sources: f_show in the kernel's
/// kernel/trace/trace_events.c, ring_buffer_print_page_header in ring_buffer.c.
enum FormatTextCheck {
    /// Longer texts and more fields than these are not the kernel's.
    static let byteLimit = 64 << 10
    static let fieldLimit = 256

    private typealias Bytes = ArraySlice<UInt8>

    /// An event's format, cut off before its "print fmt".
    static func isEvent(_ text: [UInt8]) -> Bool {
        guard text.count <= byteLimit else { return false }
        let lines = text.split(separator: newline, omittingEmptySubsequences: false)
        guard lines.count >= 3, let name = value(of: "name: ", lines[0]), isWord(name),
            let number = value(of: "ID: ", lines[1]), isNumber(number), let rest = value(of: "format:", lines[2]),
            rest.isEmpty
        else { return false }
        return areFields(lines.dropFirst(3))
    }

    /// The text of events/header_page.
    static func isHeaderPage(_ text: [UInt8]) -> Bool {
        text.count <= byteLimit && areFields(text.split(separator: newline, omittingEmptySubsequences: false)[...])
    }

    private static let newline = UInt8(ascii: "\n")
    private static let blank = UInt8(ascii: " ")
    private static let star = UInt8(ascii: "*")

    private static func areFields(_ lines: ArraySlice<Bytes>) -> Bool {
        let fields = lines.filter { !$0.isEmpty }
        return !fields.isEmpty && fields.count <= fieldLimit && fields.allSatisfy(isField)
    }

    private static func isField(_ line: Bytes) -> Bool {
        var parts = line.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map {
            $0.drop { $0 == UInt8(ascii: "\t") || $0 == blank }
        }
        guard parts.count == 4 || parts.count == 5, parts.removeLast().isEmpty,
            let declaration = value(of: "field:", parts[0]), isDeclaration(declaration),
            let offset = value(of: "offset:", parts[1]), isNumber(offset), let size = value(of: "size:", parts[2]),
            isNumber(size)
        else { return false }
        guard parts.count == 4 else { return true }
        return value(of: "signed:", parts[3]).map(isNumber) ?? false
    }

    /// Types and a name, such as `__data_loc char[] name` or `char comm[16]`: at least two words.
    private static func isDeclaration(_ text: Bytes) -> Bool {
        let words = text.split(separator: blank).filter { $0 != [star] }
        guard words.count >= 2 else { return false }
        return words.allSatisfy { word in
            let base = word.prefix { $0 != UInt8(ascii: "[") }
            let index = word.dropFirst(base.count)
            let isPlain = isWord(base.drop { $0 == star }) || base.allSatisfy { $0 == star }
            let isIndex = index.last == UInt8(ascii: "]") && index.dropFirst().dropLast().allSatisfy(isWordByte)
            return isPlain && (index.isEmpty || isIndex)
        }
    }

    /// The rest behind `key`, if the text begins with it.
    private static func value(of key: StaticString, _ text: Bytes) -> Bytes? {
        var rest = text
        for index in 0..<key.utf8CodeUnitCount {
            // Inside the literal.
            guard let byte = rest.popFirst(), byte == (unsafe key.utf8Start[index]) else { return nil }
        }
        return rest
    }

    private static func isNumber(_ text: Bytes) -> Bool {
        (1...9).contains(text.count) && text.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isWord(_ text: Bytes) -> Bool {
        !text.isEmpty && text.count < 256 && text.allSatisfy(isWordByte)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        byte == 0x5F || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
