/// The dress of text for the output it goes to.
public struct Style: Sendable {
    /// True if escape sequences for colour may be used.
    public let isColored: Bool
    /// True if the output can show more than ASCII.
    public let isUnicode: Bool

    /// Creates a style.
    public init(isColored: Bool = false, isUnicode: Bool = true) {
        self.isColored = isColored
        self.isUnicode = isUnicode
    }

    func bold(_ text: String) -> String { isColored ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
    func dim(_ text: String) -> String { isColored ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
    func alarm(_ text: String) -> String { isColored ? "\u{1B}[1;31m\(text)\u{1B}[0m" : text }
    func good(_ text: String) -> String { isColored ? "\u{1B}[32m\(text)\u{1B}[0m" : text }

    /// Text without its dress.
    static func plain(_ text: String) -> String {
        var result = ""
        for (place, part) in text.split(separator: "\u{1B}[", omittingEmptySubsequences: false).enumerated() {
            result += place == 0 ? part : part.drop { $0 != "m" }.dropFirst()
        }
        return result
    }

    /// A bar of `share` (0…1) of `width` cells, to an eighth of a cell where blocks can be drawn.
    func bar(_ share: Double, width: Int) -> String {
        let eighths = Int((min(max(share, 0), 1) * Double(width * 8)).rounded(.up))
        guard isUnicode else { return String(repeating: "#", count: (eighths + 7) / 8) }
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    }
}
