internal import ArgumentParser

/// The word that was meant by a mistyped one.
enum Suggestion {
    /// The nearest of some words; nil if none is near enough to make sense.
    ///
    /// Near is: a letter wrong, missing, too many, or exchanged with its neighbour, two of these from six letters on, three
    /// from eleven; or the only word that begins so. Of several the one that begins with the same letter, then the first.
    static func nearest(to word: String, of choices: [String]) -> String? {
        let typed = letters(word)
        guard !typed.isEmpty else { return nil }
        let limit = typed.count < 6 ? 1 : typed.count < 11 ? 2 : 3
        var best: (choice: String, cost: Int)?
        for choice in choices {
            let meant = letters(choice)
            let distance = distance(typed, meant)
            // Of two letters one must be right: `-x` is no `-r`.
            guard distance <= limit, distance < max(typed.count, meant.count) - 1 else { continue }
            let cost = 2 * distance + (typed.first == meant.first ? 0 : 1)
            if best.map({ cost < $0.cost }) ?? true { best = (choice, cost) }
        }
        if let best { return best.choice }
        let longer = choices.filter { typed.count > 1 && letters($0).starts(with: typed) }
        return longer.count == 1 ? longer[0] : nil
    }

    /// The part of a word that counts: neither its case nor dashes.
    private static func letters(_ word: String) -> [Character] {
        word.lowercased().filter { $0 != "-" && $0 != "_" }.map { $0 }
    }

    /// The number of letters that are wrong, missing, too many or exchanged with their neighbours.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var (before, last) = ([Int](), Array(0...b.count))
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
                row.append(cost)
            }
            (before, last) = (last, row)
        }
        return last[b.count]
    }

    /// The problem with a command line, in better words than the parser's where a word was mistyped.
    static func words(for problem: String, _ arguments: [String]) -> String {
        let names = commands.map(\.name)
        if let first = arguments.first, !first.hasPrefix("-"), !names.contains(first), first != "help" {
            return unknownCommand(first, names)
        }
        if arguments.first == "affinity", let verb = arguments.dropFirst().first, !verb.hasPrefix("-") {
            let verbs = AffinityCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
            if !verbs.contains(verb) {
                if let meant = nearest(to: verb, of: verbs) {
                    return "Unknown command 'affinity \(verb)'. Did you mean '\(meant)'?"
                }
                return "Unknown command 'affinity \(verb)': there are \(verbs.joined(separator: ", "))"
            }
        }
        let start = "Unknown option '"
        guard problem.hasPrefix(start) else { return problem }
        let option = String(problem.dropFirst(start.count).prefix { $0 != "'" })
        let own = Self.command(arguments).type.map { options(of: $0) } ?? ["--version", "--help"]
        if let meant = nearest(to: option, of: own.filter { $0.hasPrefix("--") == option.hasPrefix("--") }) {
            return "Unknown option '\(option)'. Did you mean '\(meant)'?"
        }
        let others = commands.filter { $0.options.contains(option) }.map(\.name)
        if others.isEmpty { return "Unknown option '\(option)'" }
        return "Unknown option '\(option)': it is one of irqscope \(others.joined(separator: ", "))"
    }

    /// The problem with a word where a command belongs.
    static func unknownCommand(_ word: String, _ names: [String]) -> String {
        if let meant = nearest(to: word, of: names + ["help"]) {
            return "Unknown command '\(word)'. Did you mean '\(meant)'?"
        }
        if FileKind.isFile(word) { return "'\(word)' is no command; did you mean 'irqscope report \(word)'?" }
        return "Unknown command '\(word)': there are \(names.joined(separator: ", "))"
    }

    /// The command that words begin with, such as `affinity plan`, as far as they name one.
    static func command(_ words: [String]) -> (names: [String], type: (any ParsableCommand.Type)?) {
        var names: [String] = []
        var type: (any ParsableCommand.Type)?
        for word in words {
            let choices = type?.configuration.subcommands ?? IRQScope.configuration.subcommands
            guard let found = choices.first(where: { $0.configuration.commandName == word }) else { break }
            names.append(word)
            type = found
        }
        return (names, type)
    }

    /// The commands with the options that their helps list.
    static var commands: [(name: String, options: [String])] {
        IRQScope.configuration.subcommands.map { ($0.configuration.commandName ?? "", options(of: $0)) }
    }

    private static func options(of command: any ParsableCommand.Type) -> [String] {
        let lines = IRQScope.helpMessage(for: command).split(separator: "\n").filter { $0.hasPrefix("  -") }
        let words = lines.flatMap { $0.dropFirst(2).prefix { $0 != "<" }.split { " ,/".contains($0) } }
        return words.filter { $0.hasPrefix("-") }.map { String($0) }
    }
}
