internal import ArgumentParser
internal import IRQCore
internal import KernelSource

/// The words that shells offer for the values of options.
enum Completions {
    /// One of a type's names.
    static func choice<Choice: RawRepresentable<String> & CaseIterable>(_: Choice.Type) -> CompletionKind {
        .list(Choice.allCases.map(\.rawValue))
    }

    /// Several words with commas in between.
    static func list(_ words: [String]) -> CompletionKind {
        .custom { _, _, prefix in continued(prefix, words) }
    }

    /// Numbers of interrupts that this box has, or the saved copy that is named on the command line.
    static let irqs = CompletionKind.custom { words, _, prefix in
        let box = box(words)
        var numbers: [String] = []
        for row in 0..<box.interrupts.sample.table.rowCount {
            let irq = box.interrupts.sample.table.row(row).irq
            if irq >= 0 { numbers.append("\(irq)") }
        }
        return continued(prefix, numbers)
    }

    /// Numbers of CPUs that this box has.
    static let cpus = CompletionKind.custom { words, _, prefix in continued(prefix, box(words).cpus.map { "\($0)" }) }

    /// The words that may follow the last comma of what is typed already; each but once.
    static func continued(_ typed: String, _ words: [String]) -> [String] {
        let parts = typed.split(separator: ",", omittingEmptySubsequences: false).dropLast()
        let head = parts.map { $0 + "," }.joined()
        return words.filter { word in !parts.contains { $0 == word } }.map { head + $0 }
    }

    /// The box that is asked for; empty if it cannot be read, for a shell wants no messages.
    private static func box(_ words: [String]) -> Box {
        func value(_ option: String) -> String? {
            guard let place = words.firstIndex(of: option), place + 1 < words.count else { return nil }
            return words[place + 1]
        }
        let box = Box()
        var source = LiveSource(KernelRoots(procRoot: value("--proc-root"), sysRoot: value("--sys-root")))
        try? source.sampleOnce(into: box)
        return box
    }
}
