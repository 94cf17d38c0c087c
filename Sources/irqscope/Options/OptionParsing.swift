internal import ArgumentParser

/// The values of options, from the texts that were given to them.
///
/// Options are declared as lists of texts, all of one type: ArgumentParser has the Swift runtime look up several
/// conformances for each type of value, which took a third of a short run. The last text counts, all are checked.
enum OptionParsing {
    /// What `read` makes of the last of `texts`; nil if there is none.
    ///
    /// - Parameters:
    ///   - option: the option as messages name it, such as `--jobs <n>`.
    ///   - read: returns nil for a wrong text, or throws a `ValidationError` that says what is wrong with it.
    static func last<Value>(
        of texts: [String], _ option: String, _ read: (String) throws -> Value?
    ) throws -> Value? {
        try all(of: texts, option, read).last
    }

    /// What `read` makes of each of `texts`.
    static func all<Value>(
        of texts: [String], _ option: String, _ read: (String) throws -> Value?
    ) throws -> [Value] {
        try texts.map { text in
            let problem = "The value '\(text)' is invalid for '\(option)'"
            let value: Value?
            do {
                value = try read(text)
            } catch let error as ValidationError {
                throw ValidationError("\(problem): \(error.message)")
            }
            guard let value else { throw ValidationError(problem) }
            return value
        }
    }

    /// The last choice among the names of `Choice`; nil if there is none.
    static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        of texts: [String], _ option: String, as type: Choice.Type = Choice.self
    ) throws -> Choice? {
        for text in texts where Choice(rawValue: text) == nil {
            let names = Choice.allCases.map { "'\($0.rawValue)'" }
            throw ValidationError(
                "The value '\(text)' is invalid for '\(option)'. Please provide one of "
                    + "\(names.dropLast().joined(separator: ", ")) or \(names.last ?? "").")
        }
        return texts.last.flatMap { Choice(rawValue: $0) }
    }
}
