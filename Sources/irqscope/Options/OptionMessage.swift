/// The sentence on an option's value that is none.
///
/// ArgumentParser says "The value 'x' is invalid for '--irq <list>': " in front of our words, which may name the value,
/// or the part of it that is wrong, again. One sentence is enough: "--irq 'x': numbers and ranges are needed".
enum OptionMessage {
    private static let before = "The value '"
    private static let between = "' is invalid for '"

    /// The message in this form, and all others as sentences of ours: without a capital and a full stop.
    static func sentence(_ message: String) -> String {
        let words = onValue(message).replacing("'. Did you mean ", with: "'; did you mean ")
        guard let first = words.first, let second = words.dropFirst().first, second.isLowercase else { return words }
        return first.lowercased() + words.dropFirst()
    }

    private static func onValue(_ message: String) -> String {
        guard message.hasPrefix(before), let split = range(of: between, in: message) else { return message }
        let value = message[message.index(message.startIndex, offsetBy: before.count)..<split.lowerBound]
        let rest = message[split.upperBound...]
        guard let quote = rest.firstIndex(of: "'") else { return message }
        let option = rest[..<quote].prefix { $0 != " " }
        var words = rest[rest.index(after: quote)...]
        // ": words", or ". Please provide one of 'text', 'json' and 'csv'.".
        while let first = words.first, first == ":" || first == "." || first == " " { words.removeFirst() }
        if words.hasPrefix("Please provide one of") {
            let choices = words.split(separator: "'").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            return "\(option) '\(value)': it is none of \(choices.joined(separator: ", "))"
        }
        return "\(option) '\(value)': " + (words.isEmpty ? "a whole number is needed" : String(words))
    }

    private static func range(of part: String, in text: String) -> Range<String.Index>? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(part) { return start..<text.index(start, offsetBy: part.count) }
            start = text.index(after: start)
        }
        return nil
    }
}
