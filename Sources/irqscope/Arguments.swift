internal import Glibc

/// The arguments the process was started with.
///
/// `CommandLine` reads it out of /proc/self/cmdline, and without /proc, as in a chroot or an early boot, there would be
/// nothing. The C library hands it to each function of `.init_array`.
enum Arguments {
    /// The words behind the program's name; bytes that are no UTF-8 become U+FFFD.
    static var words: [String] {
        guard let all = unsafe handedVector else { return Array(CommandLine.arguments.dropFirst()) }
        return (1..<max(unsafe Int(handedCount), 1)).compactMap { index in
            // Inside: the C library says how many there are.
            guard let word = unsafe all[index] else { return nil }
            return unsafe String(cString: word)
        }
    }

    /// The first word with bytes that are no UTF-8, as far as it can be shown; nil if all can be read. No file has the name that
    /// `words` would make of it, and a command would get another argument than was typed.
    static var unreadable: String? {
        guard let all = unsafe handedVector else { return nil }
        for index in 1..<max(unsafe Int(handedCount), 1) {
            // Inside: the C library says how many there are.
            guard let word = unsafe all[index] else { continue }
            if unsafe String(validatingCString: word) == nil { return unsafe String(cString: word) }
        }
        return nil
    }

    /// `words` with the values of short options apart: the parser does not know -n1 and -bn1.
    static var separated: [String] {
        let words = words
        let end = words.firstIndex(of: "--") ?? words.count
        return words[..<end].flatMap { separate($0) } + words[end...]
    }

    /// Words in which a number below zero is tied to the option in front of it: the parser takes it for an option.
    static func tyingNegatives(_ words: [String]) -> [String] {
        var result: [String] = []
        for (place, word) in words.enumerated() {
            let isNegative = word.hasPrefix("-") && word.dropFirst().first.map { $0.isNumber || $0 == "." } == true
            if isNegative, place > 0, let option = result.last, option.hasPrefix("-"), !option.contains("="),
                option != "--"
            {
                result[result.count - 1] = "\(option)=\(word)"
            } else {
                result.append(word)
            }
        }
        return result
    }

    private static func separate(_ word: String) -> [String] {
        guard word.hasPrefix("-"), !word.hasPrefix("--"), word != "-output" else { return [word] }
        let letters = word.dropFirst()
        guard let place = letters.firstIndex(where: { !"bJrihvqy".contains($0) }), "ndo".contains(letters[place]),
            case let value = letters[letters.index(after: place)...], !value.isEmpty, !value.hasPrefix("=")
        else { return [word] }
        let flags = letters[..<place]
        return (flags.isEmpty ? [] : ["-\(flags)"]) + ["-\(letters[place])", String(value)]
    }
}

private typealias CStrings = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

// Written once, before `main` and any thread.
nonisolated(unsafe) private var handedCount: CInt = 0
nonisolated(unsafe) private var handedVector: CStrings?

@section(".init_array") @used
private let keepArguments: @convention(c) (CInt, CStrings?, CStrings?) -> Void = { count, vector, _ in
    unsafe handedCount = count
    unsafe handedVector = vector
}
