/// Sentences in lines that fit.
enum Paragraph {
    /// Breaks a text between words; further lines are indented as far as the head of the first.
    ///
    /// - Parameter width: the columns; nil if lines may be as long as they are.
    static func wrapped(_ text: String, after head: String, width: Int?) -> [String] {
        let width = max(width ?? .max, 40)
        var lines: [String] = []
        var line = head
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = String(repeating: " ", count: head.count)
                isEmpty = true
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return lines + [line]
    }

    /// Breaks a line between words if it is too long, and leaves it as it is otherwise, with all its blanks.
    ///
    /// - Parameters:
    ///   - line: may have escape sequences for colours, which take no room.
    ///   - indent: the blanks before the further lines.
    ///   - width: the columns; nil if lines may be as long as they are.
    static func fitted(_ line: String, indent: Int, width: Int?) -> String {
        guard let width = width.map({ max($0, 40) }), columnCount(line[...]) > width else {
            return line.replacing(keptBlank, with: " ")
        }
        var (text, column, isBroken) = ("", 0, true)
        for (place, word) in line.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
            let count = columnCount(word)
            if !isBroken, count > 0, column + 1 + count > width {
                while text.last == " " { text.removeLast() }
                text += "\n" + String(repeating: " ", count: indent) + word
                column = indent + count
            } else {
                text += (place == 0 ? "" : " ") + word
                column += (place == 0 ? 0 : 1) + count
            }
            // A word that is too long stands behind the indentation, and not below it.
            if count > 0 { isBroken = false }
        }
        return text.replacing(keptBlank, with: " ")
    }

    /// A part of a line that `fitted` is not to break, such as a command or a number with its unit.
    static func whole(_ part: String) -> String { part.replacing(" ", with: keptBlank) }

    /// A character that no text has: of a private use.
    private static let keptBlank = "\u{E000}"

    private static func columnCount(_ text: Substring) -> Int {
        var (count, isEscape) = (0, false)
        for scalar in text.unicodeScalars {
            if scalar == "\u{1B}" { isEscape = true }
            if !isEscape { count += 1 }
            if scalar == "m" { isEscape = false }
        }
        return count
    }
}
