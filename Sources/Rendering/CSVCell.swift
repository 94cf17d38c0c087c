/// A cell of a CSV table (RFC 4180).
enum CSVCell {
    /// Quoted where commas or quotes ask for it; control characters are escaped as in text.
    static func quoted(_ cell: String) -> String {
        let safe = SafeText.escaped(cell)
        // By scalars: a comma with a combining mark is another Character, but still a comma for every reader.
        guard safe.unicodeScalars.contains(where: { $0 == "," || $0 == "\"" }) else { return safe }
        var quoted = String.UnicodeScalarView()
        for scalar in safe.unicodeScalars { quoted.append(contentsOf: scalar == "\"" ? [scalar, scalar] : [scalar]) }
        return "\"" + String(quoted) + "\""
    }
}
