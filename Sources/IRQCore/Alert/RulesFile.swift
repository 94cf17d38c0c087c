/// What is wrong with a rules file, and where.
public struct RulesFileError: Error, Equatable, Sendable {
    /// The line, from 1.
    public let line: Int
    /// The byte of the line, from 1.
    public let column: Int
    /// What is wrong and what would be right.
    public let message: String
}

/// The rules file of `irqscope alert`: what options cannot say.
///
/// A line is a rule; `#` begins a comment; words are separated by blanks, and double quotes hold blanks together.
///
///     warn-rate 20k                             # as the options of these names
///     crit-rate 100k
///     for 30s
///     leave 70%
///     baseline off
///     ignore placement                          # a verdict that is not wanted
///     irq 36,40-47 warn 50k crit 200k           # levels of some interrupts
///     action mlx5_comp* device eth0 warn 400k crit 1M
///     irq 9 ignore storm unhandled              # or just: ignore
///     maintenance sat,sun 02:00-04:30           # or every day, or 2026-12-24 22:00-06:00
public enum RulesFile {
    /// A longer file is no rules file.
    public static let byteLimit = 1 << 20
    private static let ruleLimit = 10_000

    /// Reads a file's text into rules; they stay as they are where it says nothing.
    public static func read(_ text: RawSpan, into rules: inout AlertRules) throws(RulesFileError) {
        guard text.byteCount <= byteLimit else {
            throw RulesFileError(line: 1, column: 1, message: "the file is longer than \(byteLimit >> 20) MiB")
        }
        var position = 0
        var line = 1
        while position < text.byteCount {
            let end = text.endOfLine(from: position)
            var words = RuleWords(try words(text, position, end, line), line: line, endColumn: end - position + 1)
            if !words.isEmpty { try readRule(&words, into: &rules) }
            guard rules.lineRules.count + rules.maintenance.count <= ruleLimit else {
                throw RulesFileError(line: line, column: 1, message: "more than \(ruleLimit) rules")
            }
            position = end + 1
            line += 1
        }
        if rules.rates.crit < rules.rates.warn {
            throw RulesFileError(line: max(line - 1, 1), column: 1, message: "crit-rate is below warn-rate")
        }
    }

    /// The words of a line.
    private static func words(
        _ text: RawSpan, _ start: Int, _ end: Int, _ line: Int
    ) throws(RulesFileError) -> [RuleWord] {
        var words: [RuleWord] = []
        var position = start
        while true {
            position = text.skippingBlanks(from: position)
            if position >= end || text.text(at: position) == UInt8(ascii: "#") { return words }
            let column = position - start + 1
            var bytes: [UInt8] = []
            if text.text(at: position) == UInt8(ascii: "\"") {
                position += 1
                while position < end, text.text(at: position) != UInt8(ascii: "\"") {
                    bytes.append(text.text(at: position))
                    position += 1
                }
                guard position < end else {
                    throw RulesFileError(line: line, column: column, message: "this quote is not closed")
                }
                position += 1
                guard position >= end || ASCII.isBlank(text.text(at: position)) else {
                    throw RulesFileError(
                        line: line, column: position - start + 1, message: "a blank is needed after the quote")
                }
            } else {
                while position < end, !ASCII.isBlank(text.text(at: position)) {
                    bytes.append(text.text(at: position))
                    position += 1
                }
            }
            guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), let word = String(validating: bytes, as: UTF8.self)
            else { throw RulesFileError(line: line, column: column, message: "this is no text in UTF-8") }
            words.append(RuleWord(text: word, column: column))
        }
    }

    private static func readRule(_ words: inout RuleWords, into rules: inout AlertRules) throws(RulesFileError) {
        let first = try words.next("a rule")
        switch first.text {
        case "warn-rate":
            rules.rates.warn = try words.rate()
            rules.hasOwnRates = true
        case "crit-rate":
            rules.rates.crit = try words.rate()
            rules.hasOwnRates = true
        case "for":
            let word = try words.next("a time such as 30s")
            guard let time = AlertUnits.duration(word.text) else { throw words.wrong(word, "a time such as 30s") }
            rules.forNanoseconds = time
        case "leave":
            let word = try words.next("a share such as 70%")
            guard let share = AlertUnits.share(word.text) else { throw words.wrong(word, "a share from 1% to 100%") }
            rules.leaveShare = share
        case "baseline":
            let word = try words.next("on or off")
            guard word.text == "on" || word.text == "off" else { throw words.wrong(word, "on or off") }
            rules.usesBaseline = word.text == "on"
        case "ignore":
            repeat { rules.ignoredVerdicts.insert(try words.verdict()) } while !words.isEmpty
        case "maintenance": rules.maintenance.append(try words.maintenance())
        case "irq", "action", "device":
            words.back()
            rules.lineRules.append(try words.lineRule())
        default:
            throw words.wrong(
                first, "warn-rate, crit-rate, for, leave, baseline, ignore, maintenance, irq, action or device")
        }
        if !words.isEmpty { throw words.wrong(try words.next(""), "the end of the line") }
    }
}

/// Rates, times and shares as people write them.
public enum AlertUnits {
    /// `20k`, `1.5M`, `300`: per second; nil for anything else, 0 and more than 10¹².
    public static func rate(_ text: String) -> Double? {
        var digits = text[...]
        if digits.hasSuffix("/s") { digits = digits.dropLast(2) }
        var factor = 1.0
        switch digits.last {
        case "k", "K": factor = 1e3
        case "M": factor = 1e6
        default: break
        }
        if factor > 1 { digits = digits.dropLast() }
        guard let value = plain(digits), value > 0, value * factor <= 1e12 else { return nil }
        return value * factor
    }

    /// `30s`, `5m`, `1h`, `500ms`, `0`, `30`: nanoseconds, up to a week; nil for anything else.
    public static func duration(_ text: String) -> UInt64? {
        let units: [(String, Double)] = [("ms", 1e6), ("min", 60e9), ("s", 1e9), ("m", 60e9), ("h", 3600e9)]
        var digits = text[...]
        var factor = 1e9
        if let unit = units.first(where: { text.hasSuffix($0.0) }) {
            digits = digits.dropLast(unit.0.count)
            factor = unit.1
        }
        guard let value = plain(digits), value * factor <= 7 * 86_400e9 else { return nil }
        return UInt64(value * factor)
    }

    /// `70%` or `0.7`: above 0 and up to 1; nil for anything else.
    public static func share(_ text: String) -> Double? {
        let isPercent = text.hasSuffix("%")
        guard let value = plain(isPercent ? text.dropLast() : text[...]) else { return nil }
        let share = isPercent ? value / 100 : value
        return share >= 0.01 && share <= 1 ? share : nil
    }

    /// Digits with at most one point.
    private static func plain(_ text: Substring) -> Double? {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ $0 == 0x2E || (0x30...0x39).contains($0) }),
            text.utf8.first != 0x2E, text.utf8.last != 0x2E
        else { return nil }
        return Double(text)
    }
}
