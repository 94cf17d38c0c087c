/// Cells and lines of a CSV table (RFC 4180).
enum CSVCell {
    /// Quoted where commas or quotes ask for it; control characters are escaped as in text.
    static func quoted(_ cell: String) -> String {
        let safe = SafeText.escaped(cell)
        // By bytes: a comma with a combining mark is another Character, but still a comma for every reader.
        guard safe.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") }) else { return safe }
        var quoted = String.UnicodeScalarView()
        for scalar in safe.unicodeScalars { quoted.append(contentsOf: scalar == "\"" ? [scalar, scalar] : [scalar]) }
        return "\"" + String(quoted) + "\""
    }

    /// Cells with commas between them: a line, or a part of one.
    static func joined(_ cells: [String]) -> String { cells.map(quoted).joined(separator: ",") }
}
