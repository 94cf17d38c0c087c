/// The words of irqbalance's command line, as far as they tell which lines it leaves alone (irqbalance(1)).
struct IrqbalanceOptions {
    private let words: [String]

    /// Takes the words of a command line, and those that a file adds.
    init(_ words: [String]) { self.words = words }

    /// True if a program of its own decides about lines, which nobody else can foresee.
    var hasPolicyScript: Bool { !values("--policyscript", "-l").isEmpty }

    /// True if it was told to leave a line alone: by number, by its driver, or by a part of its handlers' names.
    func ban(_ irq: Int, actions: [String], drivers: [String]) -> Bool {
        if values("--banirq", "-i").contains("\(irq)") { return true }
        return values("--banmod", "-m").contains { word in
            !word.isEmpty && (drivers.contains(word) || actions.contains { $0.contains(word) })
        }
    }

    /// The values of an option, as `--banirq=5`, `--banirq 5`, `-i 5` or `-i5`.
    private func values(_ long: String, _ short: String) -> [String] {
        var result: [String] = []
        for (index, word) in words.enumerated() {
            if word == long || word == short {
                if words.indices.contains(index + 1), !words[index + 1].hasPrefix("-") {
                    result.append(words[index + 1])
                }
            } else if word.hasPrefix(long + "=") {
                result.append(String(word.dropFirst(long.count + 1)))
            } else if word.hasPrefix(short), !word.hasPrefix("--"), word.count > short.count {
                result.append(String(word.dropFirst(short.count)))
            }
        }
        return result
    }
}
