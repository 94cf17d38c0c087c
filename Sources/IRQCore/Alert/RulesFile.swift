/// A mistake in a rules file, and its place.
public struct RulesFileError: Error, Equatable, Sendable {
    /// The line, from 1.
    public let line: Int
    /// The byte of the line, from 1.
    public let column: Int
    /// The mistake, and what would be right.
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

    /// The longest time that a condition may have to last, in nanoseconds: a week.
    public static let longestTime: UInt64 = 604_800_000_000_000

    /// Reads a file's text into rules; they stay as they are where it says nothing.
    ///
    /// - Parameter matches: tells whether a pattern fits a name, as fnmatch(3) does.
    public static func read(
        _ text: RawSpan, into rules: inout AlertRules, matches: @escaping @Sendable (_ pattern: String, String) -> Bool
    ) throws(RulesFileError) {
        if let first = mistakes(text, into: &rules, limit: 1, matches: matches).first { throw first }
    }

    /// The mistakes of a file, `limit` at the most; what is right is read into rules.
    public static func mistakes(
        _ text: RawSpan, into rules: inout AlertRules, limit: Int,
        matches: @escaping @Sendable (_ pattern: String, String) -> Bool
    ) -> [RulesFileError] {
        guard text.byteCount <= byteLimit else {
            return [RulesFileError(line: 1, column: 1, message: "the file is longer than \(byteLimit >> 20) MiB")]
        }
        var mistakes: [RulesFileError] = []
        var position = 0
        var line = 1
        while position < text.byteCount, mistakes.count < limit {
            let end = text.endOfLine(from: position)
            do throws(RulesFileError) {
                var words = RuleWords(
                    try words(text, position, end, line), line: line, endColumn: end - position + 1, matches: matches)
                if !words.isEmpty { try readRule(&words, into: &rules) }
            } catch {
                mistakes.append(error)
            }
            guard rules.lineRules.count + rules.maintenance.count <= ruleLimit else {
                return mistakes + [RulesFileError(line: line, column: 1, message: "more than \(ruleLimit) rules")]
            }
            position = end + 1
            line += 1
        }
        if rules.rates.crit < rules.rates.warn, mistakes.isEmpty {
            mistakes.append(
                RulesFileError(line: max(line - 1, 1), column: 1, message: "crit-rate is below warn-rate"))
        }
        return mistakes
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
            guard let time = Amount.nanoseconds(word.text, limit: longestTime) else {
                throw words.wrong(word, "a time such as 30s")
            }
            rules.forNanoseconds = time
        case "leave":
            let word = try words.next("a share such as 70%")
            guard let share = Amount.share(word.text) else { throw words.wrong(word, "a share from 1% to 100%") }
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

/// A word of a rules file.
struct RuleWord {
    let text: String
    /// From 1.
    let column: Int
}

/// The words of one line, taken one by one.
struct RuleWords {
    private let words: [RuleWord]
    private let line: Int
    private let endColumn: Int
    private let matches: @Sendable (String, String) -> Bool
    private var position = 0

    init(
        _ words: [RuleWord], line: Int, endColumn: Int, matches: @escaping @Sendable (String, String) -> Bool
    ) {
        self.matches = matches
        self.words = words
        self.line = line
        self.endColumn = endColumn
    }

    var isEmpty: Bool { position >= words.count }

    /// Goes back by a word.
    mutating func back() { position -= 1 }

    /// The next word; an error that says what is needed if there is none.
    mutating func next(_ wanted: String) throws(RulesFileError) -> RuleWord {
        guard position < words.count else {
            throw RulesFileError(line: line, column: endColumn, message: "the line ends where \(wanted) is needed")
        }
        position += 1
        return words[position - 1]
    }

    func wrong(_ word: RuleWord, _ wanted: String) -> RulesFileError {
        RulesFileError(line: line, column: word.column, message: "'\(word.text)' stands where \(wanted) is needed")
    }

    mutating func rate() throws(RulesFileError) -> Double {
        let word = try next("a rate such as 20k")
        guard let rate = Amount.perSecond(word.text) else { throw wrong(word, "a rate such as 20k") }
        return rate
    }

    private mutating func pattern() throws(RulesFileError) -> LineRule.NamePattern {
        let (pattern, matches) = (try next("a name or pattern").text, matches)
        return { matches(pattern, $0) }
    }

    mutating func verdict() throws(RulesFileError) -> Verdict {
        let names = Verdict.allCases.map(\.name).joined(separator: ", ")
        let word = try next("one of \(names)")
        guard let verdict = Verdict(name: word.text) else { throw wrong(word, "one of \(names)") }
        return verdict
    }

    /// `irq LIST`, `action PATTERN`, `device PATTERN`, then `warn RATE`, `crit RATE`, `ignore [VERDICT…]`.
    mutating func lineRule() throws(RulesFileError) -> LineRule {
        var rule = LineRule()
        var saysSomething = false
        while !isEmpty {
            let word = try next("")
            switch word.text {
            case "irq" where rule.irqs == nil && !saysSomething:
                let list = try next("numbers such as 36,40-47")
                guard let ranges = NumberList(list.text)?.ranges else { throw wrong(list, "numbers such as 36,40-47") }
                rule.irqs = ranges
            case "action" where rule.action == nil && !saysSomething: rule.action = try pattern()
            case "device" where rule.device == nil && !saysSomething: rule.device = try pattern()
            case "warn" where rule.warn == nil:
                rule.warn = try rate()
                saysSomething = true
            case "crit" where rule.crit == nil:
                rule.crit = try rate()
                if let warn = rule.warn, let crit = rule.crit, crit < warn {
                    throw RulesFileError(line: line, column: word.column, message: "crit is below warn")
                }
                saysSomething = true
            case "ignore" where rule.ignored.isEmpty:
                saysSomething = true
                if isEmpty { rule.ignored = Set(Verdict.allCases) }
                while !isEmpty { rule.ignored.insert(try verdict()) }
            default:
                throw wrong(word, saysSomething ? "warn, crit or ignore" : "irq, action, device, warn, crit or ignore")
            }
        }
        guard saysSomething else { _ = try next("warn, crit or ignore"); return rule }
        return rule
    }

    /// `[DAYS | DATE] HH:MM-HH:MM`.
    mutating func maintenance() throws(RulesFileError) -> MaintenanceWindow {
        var window = MaintenanceWindow(startMinute: 0, endMinute: 0)
        var word = try next("days or hours such as sat,sun 02:00-04:00")
        if let days = Self.weekdays(word.text) {
            window.weekdays = days
            word = try next("hours such as 02:00-04:00")
        } else if let date = Self.date(word.text) {
            window.date = date
            word = try next("hours such as 02:00-04:00")
        } else if word.text == "daily" {
            word = try next("hours such as 02:00-04:00")
        }
        let ends = word.text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let start = Self.minute(ends[0]), let end = Self.minute(ends[1]), start != end,
            start < 1440
        else { throw wrong(word, "hours such as 02:00-04:00") }
        (window.startMinute, window.endMinute) = (start, end)
        return window
    }

    private static func weekdays(_ text: String) -> Set<Int>? {
        let names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        var days: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.lowercased().split(separator: "-", omittingEmptySubsequences: false).map(String.init)
            guard ends.count <= 2, let first = names.firstIndex(of: ends[0]),
                let last = names.firstIndex(of: ends[ends.count - 1])
            else { return nil }
            var day = first
            days.insert(day)
            while day != last {
                day = (day + 1) % 7
                days.insert(day)
            }
        }
        return days
    }

    private static func date(_ text: String) -> Int? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
            let year = NumberList.number(parts[0]), let month = NumberList.number(parts[1]),
            let day = NumberList.number(parts[2]),
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        return Int(year * 10_000 + month * 100 + day)
    }

    private static func minute(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = NumberList.number(parts[0]),
            let minute = NumberList.number(parts[1]), minute < 60, hour * 60 + minute <= 1440
        else { return nil }
        return Int(hour * 60 + minute)
    }
}
