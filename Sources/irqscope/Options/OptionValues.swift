internal import ArgumentParser
internal import IRQCore

/// Values of options, from the texts that were given: what is wrong with one is told behind the option's name.
enum OptionValue {
    /// Numbers such as 0,2-5.
    @Sendable static func numbers(_ text: String) throws -> NumberList {
        try known(NumberList(text), "numbers and ranges are needed, such as 0,2-5")
    }

    /// CPUs such as 0,2-5.
    @Sendable static func cpus(_ text: String) throws -> CPUSet {
        let list = try numbers(text)
        let isPossible = list.ranges.allSatisfy { $0.upperBound <= Int64(ProcTextLimits.highestCPU) }
        return CPUSet(try known(isPossible ? list : nil, "CPUs have numbers up to \(ProcTextLimits.highestCPU)").cpus)
    }

    /// A time above 0, in nanoseconds.
    @Sendable static func time(_ text: String) throws -> UInt64 {
        let time = Amount.nanoseconds(text).flatMap { $0 > 0 ? $0 : nil }
        return try known(time, "a time is needed, such as 10s, 500ms or 2m")
    }

    /// The same with a unit: where milliseconds are meant, nobody shall wait for seconds.
    @Sendable static func timeWithUnit(_ text: String) throws -> UInt64 {
        let hasUnit = text.last.map { !$0.isNumber } ?? false
        return try known(hasUnit ? try? time(text) : nil, "a time with its unit is needed, such as 1ms or 50us")
    }

    /// A time that a condition lasts, up to a week, in nanoseconds.
    @Sendable static func lasting(_ text: String) throws -> UInt64 {
        try known(Amount.nanoseconds(text, limit: RulesFile.longestTime), "a time is needed, such as 30s, up to a week")
    }

    /// A rate per second.
    @Sendable static func rate(_ text: String) throws -> Double {
        try known(Amount.perSecond(text), "a rate per second is needed, such as 50k")
    }

    /// A share from 1% to 100%.
    @Sendable static func share(_ text: String) throws -> Double {
        try known(Amount.share(text), "a share from 1% to 100% is needed")
    }

    /// A size in kilobytes.
    @Sendable static func kilobytes(_ text: String) throws -> Int {
        let size = Amount.kilobytes(text).flatMap { (8...Double(64 << 20)).contains($0) ? Int($0) : nil }
        return try known(size, "a size is needed, from 8k to 64G, such as 8M")
    }

    /// A file's name.
    @Sendable static func path(_ text: String) throws -> String {
        try known(text.isEmpty ? nil : text, "a file's name is empty")
    }

    /// One of a type's names.
    @Sendable static func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
        _ text: String
    ) throws -> Choice {
        let names = Choice.allCases.map(\.rawValue)
        return try known(
            Choice(rawValue: text),
            names.count == 1 ? "it can be \(names[0]) only" : "it is none of \(names.joined(separator: ", "))")
    }

    /// The subject of a sentence on a word of a list: the word, or "it" if the list is this word alone.
    static func subject(_ word: some StringProtocol, of list: String) -> String { list == word ? "it" : "'\(word)'" }

    /// The value, or an error that says what is needed.
    static func known<Value>(_ value: Value?, _ problem: String) throws -> Value {
        guard let value else { throw ValidationError(problem) }
        return value
    }
}
