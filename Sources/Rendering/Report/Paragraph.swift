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
}
