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
    private var position = 0

    init(_ words: [RuleWord], line: Int, endColumn: Int) {
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
        guard let rate = AlertUnits.rate(word.text) else { throw wrong(word, "a rate such as 20k") }
        return rate
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
                guard let ranges = Self.ranges(list.text) else { throw wrong(list, "numbers such as 36,40-47") }
                rule.irqs = ranges
            case "action" where rule.action == nil && !saysSomething: rule.action = try next("a name or pattern").text
            case "device" where rule.device == nil && !saysSomething: rule.device = try next("a name or pattern").text
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

    static func ranges(_ text: String) -> [ClosedRange<Int64>]? {
        var ranges: [ClosedRange<Int64>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard let low = number(ends[0]), let high = ends.count > 1 ? number(ends[1]) : low, high >= low else {
                return nil
            }
            ranges.append(low...high)
        }
        return ranges
    }

    private static func number(_ text: Substring) -> Int64? {
        (1...10).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(text) : nil
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
            let year = number(parts[0]), let month = number(parts[1]), let day = number(parts[2]),
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        return Int(year * 10_000 + month * 100 + day)
    }

    private static func minute(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = number(parts[0]),
            let minute = number(parts[1]), minute < 60, hour * 60 + minute <= 1440
        else { return nil }
        return Int(hour * 60 + minute)
    }
}
