/// Whether a text has the shape that kernels give to event formats and to header_page.
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
enum FormatTextShape {
    /// Longer texts and more fields than these are not the kernel's.
    static let byteLimit = 64 << 10
    static let fieldLimit = 256

    /// An event's format, cut off before its "print fmt".
    static func isEvent(_ text: String) -> Bool {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard text.utf8.count <= byteLimit, lines.count >= 3, isWord(lines[0].dropFirst(6)),
            lines[0].hasPrefix("name: "), lines[1].hasPrefix("ID: "), isNumber(lines[1].dropFirst(4)),
            lines[2] == "format:"
        else { return false }
        return areFields(lines.dropFirst(3))
    }

    /// The text of events/header_page.
    static func isHeaderPage(_ text: String) -> Bool {
        text.utf8.count <= byteLimit && areFields(text.split(separator: "\n", omittingEmptySubsequences: false)[...])
    }

    private static func areFields(_ lines: ArraySlice<Substring>) -> Bool {
        let fields = lines.filter { !$0.isEmpty }
        return !fields.isEmpty && fields.count <= fieldLimit && fields.allSatisfy(isField)
    }

    private static func isField(_ line: Substring) -> Bool {
        var parts = line.split(separator: ";", omittingEmptySubsequences: false).map {
            $0.drop { $0 == "\t" || $0 == " " }
        }
        guard parts.count >= 4, parts.removeLast().isEmpty, parts.count <= 4, parts[0].hasPrefix("field:"),
            isDeclaration(parts[0].dropFirst(6)), isValue(parts[1], "offset:"), isValue(parts[2], "size:")
        else { return false }
        return parts.count == 3 || isValue(parts[3], "signed:")
    }

    /// Types and a name, such as `__data_loc char[] name` or `char comm[16]`: at least two words.
    private static func isDeclaration(_ text: Substring) -> Bool {
        let words = text.split(separator: " ").filter { $0 != "*" }
        guard words.count >= 2 else { return false }
        return words.allSatisfy { word in
            let base = word.prefix { $0 != "[" }
            let index = word.dropFirst(base.count)
            let isPlain = isWord(base.drop { $0 == "*" }) || base.allSatisfy { $0 == "*" }
            return isPlain
                && (index.isEmpty || index.last == "]" && index.dropFirst().dropLast().allSatisfy(isWordCharacter))
        }
    }

    private static func isValue(_ text: Substring, _ key: String) -> Bool {
        text.hasPrefix(key) && isNumber(text.dropFirst(key.count))
    }

    private static func isNumber(_ text: Substring) -> Bool {
        (1...9).contains(text.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isWord(_ text: Substring) -> Bool {
        !text.isEmpty && text.count < 256 && text.allSatisfy(isWordCharacter)
    }

    private static func isWordCharacter(_ character: Character) -> Bool {
        guard let byte = character.asciiValue else { return false }
        return byte == 0x5F || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte)
    }
}
