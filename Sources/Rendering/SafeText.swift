/// Makes text from a recording or a device harmless for a terminal.
public enum SafeText {
    /// The text with control, format and other invisible characters written as escapes: `\x1b`, `\u{202e}`.
    /// A backslash stays one, so that ordinary names stay as they are.
    public static func escaped(_ text: String) -> String {
        // Names are nearly always plain.
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isHarmless(scalar) {
                result.append(scalar)
            } else {
                let digits = String(scalar.value, radix: 16)
                let escape = scalar.value < 0x100 ? "\\x" + (digits.count < 2 ? "0" : "") + digits : "\\u{\(digits)}"
                result.append(contentsOf: escape.unicodeScalars)
            }
        }
        return String(result)
    }

    static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }
}
