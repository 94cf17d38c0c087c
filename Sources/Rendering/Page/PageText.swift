internal import IRQCore

/// Text and numbers as they may stand in a page.
enum PageText {
    /// Text that stays text wherever it stands, between tags and in quotes: what a browser or a terminal could take amiss is
    /// escaped.
    static func escaped(_ text: String) -> String {
        let safe = SafeText.escaped(text)
        // Names are nearly always plain.
        if !safe.utf8.contains(where: isSpecial) { return safe }
        var result = ""
        for scalar in safe.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        [0x22, 0x26, 0x27, 0x3C, 0x3E].contains(byte)
    }

    /// A number with at most so many decimals and none that are 0: 12, -0.5, 3.25. What is no number is 0.
    static func number(_ value: Double, decimals: Int = 1) -> String {
        guard value.isFinite else { return "0" }
        var text = Units.fixed(abs(value), decimals)
        if decimals > 0 {
            while text.utf8.last == UInt8(ascii: "0") { text.removeLast() }
            if text.utf8.last == UInt8(ascii: ".") { text.removeLast() }
        }
        return value < 0 && text != "0" ? "-" + text : text
    }

    /// A part of a whole for a style sheet: "12.5%".
    static func percent(_ share: Double, decimals: Int = 2) -> String {
        number(share * 100, decimals: decimals) + "%"
    }

    /// "1 call", "2 calls".
    static func count(_ count: UInt64, _ one: String, _ many: String) -> String {
        Units.count(count, one, many)
    }
}
