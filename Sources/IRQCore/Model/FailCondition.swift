/// A condition on the rows of a report, such as `p99>100us` or `irq=36 max>1ms`.
///
/// Grammar: `[irq=N|action=NAME|softirq=NAME|vector=NAME|work=NAME|cpu=N] METRIC OP VALUE`, several selectors
/// allowed, blanks optional around OP. METRIC is min, mean, p50, p90, p99, p99.9, max, stddev, total, calls,
/// unhandled, latency (the longest raise or queue latency) or share (of one CPU). OP is one of > >= < <=.
/// A name with blanks stands in double quotes. VALUE is a number, with ns, us, µs, ms or s for times and % for shares.
///
/// Without a selector the interrupt handlers, softirqs and vectors are tested; work items, which may
/// sleep, only if asked for.
public struct FailCondition: Sendable, Equatable {
    /// What is measured.
    public enum Metric: String, CaseIterable, Sendable {
        /// Times.
        case min, mean, p50, p90, p99, max, stddev, total, latency
        /// The 99.9th percentile.
        case p999 = "p99.9"
        /// Counts.
        case calls, unhandled
        /// The busiest CPU's time in the row, of the window.
        case share
    }

    /// How the measured value and the given one are compared.
    public enum Comparison: String, Sendable {
        /// Above.
        case above = ">"
        /// At or above.
        case atLeast = ">="
        /// Below.
        case below = "<"
        /// At or below.
        case atMost = "<="
    }

    /// Why a text is no condition.
    public struct ParseError: Error, Equatable, Sendable {
        /// What was expected and what was there.
        public let message: String
    }

    /// The condition as it was written.
    public let text: String
    private var kind: RowKind?
    private var number: Int64?
    private var name: String?
    private var cpu: Int?
    private let metric: Metric
    private let comparison: Comparison
    /// Nanoseconds, a count, or a share of 1.
    private let value: Double

    /// Reads a condition.
    public init(_ text: String) throws(ParseError) {
        self.text = text
        guard let sign = text.lastIndex(where: { $0 == ">" || $0 == "<" }) else {
            throw ParseError(message: "it compares nothing: write for example p99>100us")
        }
        var valueText = text[text.index(after: sign)...]
        var operation = String(text[sign])
        if valueText.first == "=" {
            valueText.removeFirst()
            operation += "="
        }
        comparison = Comparison(rawValue: operation) ?? .above
        var words = Self.words(text[..<sign])
        guard let last = words.popLast(), let metric = Metric(rawValue: Self.metricName(last)) else {
            let known = Metric.allCases.map(\.rawValue).joined(separator: ", ")
            throw ParseError(message: "it names no metric before the comparison: \(known)")
        }
        self.metric = metric
        value = try Self.value(valueText.filter { $0 != " " }, metric)
        for word in words { try select(word) }
    }

    /// The words of a text; blanks inside of double quotes belong to their word.
    package static func words(_ text: Substring) -> [String] {
        var words: [String] = []
        var word = ""
        var isQuoted = false
        for character in text {
            if character == "\"" {
                isQuoted.toggle()
            } else if character == " ", !isQuoted {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        return word.isEmpty ? words : words + [word]
    }

    /// Notes the kind of row that a selector means; two selectors cannot mean different ones.
    private mutating func narrow(to wanted: RowKind) throws(ParseError) {
        if let kind, kind != wanted {
            throw ParseError(
                message: "it selects \(kind.rawValue) and \(wanted.rawValue) at once: no row is both")
        }
        kind = wanted
    }

    private static func metricName(_ word: String) -> String {
        switch word {
        case "p999": "p99.9"
        case "count": "calls"
        default: word
        }
    }

    private mutating func select(_ word: String) throws(ParseError) {
        let parts = word.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else {
            throw ParseError(message: "'\(word)' selects nothing: write for example irq=36")
        }
        let wanted = String(parts[1])
        switch parts[0] {
        case "irq", "cpu":
            guard let whole = Int64(wanted) else {
                throw ParseError(message: "'\(word)' needs a number")
            }
            if parts[0] == "cpu" {
                cpu = Int(whole)
            } else {
                try narrow(to: .irq)
                number = whole
            }
        case "action":
            try narrow(to: .irq)
            name = wanted
        default:
            guard let wantedKind = RowKind(rawValue: String(parts[0])) else {
                let known = ["irq", "action"] + RowKind.allCases.map(\.rawValue).filter { $0 != "irq" }
                throw ParseError(
                    message: "'\(parts[0])' is none of \(known.joined(separator: ", ")) and cpu")
            }
            try narrow(to: wantedKind)
            name = wanted
        }
    }

    private static func value(_ text: String, _ metric: Metric) throws(ParseError) -> Double {
        let units: [(String, Double)]
        switch metric {
        case .calls, .unhandled: units = [("k", 1e3), ("M", 1e6), ("", 1)]
        case .share: units = [("%", 0.01), ("", 1)]
        default: units = [("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("min", 60e9), ("s", 1e9)]
        }
        for (unit, factor) in units where text.hasSuffix(unit) {
            let digits = text.dropLast(unit.count)
            if let number = Double(digits), number.isFinite, number >= 0 { return number * factor }
        }
        let hint = units.map(\.0).filter { !$0.isEmpty }.joined(separator: ", ")
        throw ParseError(
            message: "'\(text)' is no value for \(metric.rawValue): a number with \(hint) is needed")
    }

    // MARK: - Testing

    /// A row for which a condition holds.
    public struct Hit: Sendable {
        /// The row.
        public let row: ReportRow
        /// What was measured: nanoseconds, a count or a share.
        public let measured: Double
        /// How to read it.
        public let metric: Metric
    }

    /// The reason why no row of a report could be tested.
    public enum Untestable: Sendable, Equatable {
        /// There are no rows of this kind; nil is none at all that are tested without a selector.
        case kindAbsent(RowKind?)
        /// There are only these rows of the kind.
        case rowAbsent([RowKey])
        /// The row ran only on these CPUs.
        case cpuAbsent([Int])
        /// The rows do not have this number.
        case unmeasured(Metric)
    }

    /// The result of a test: the rows for which the condition holds, and if no row could be tested, why.
    public struct Outcome: Sendable {
        /// The rows for which it holds.
        public var hits: [Hit] = []
        /// The reason why no row could be tested; nil if one could.
        public var untestable: Untestable?
    }

    /// Tests all rows of a report.
    public func test(_ report: Report) -> Outcome {
        var outcome = Outcome()
        let ofKind = report.rows.filter(isOfKind)
        let named = ofKind.filter(isNamed)
        let rows = named.filter { row in cpu == nil || row.cpus.contains { $0.cpu == cpu } }
        var isMeasured = false
        for row in rows {
            guard let measured = measure(row, report) else { continue }
            isMeasured = true
            if holds(measured) { outcome.hits.append(Hit(row: row, measured: measured, metric: metric)) }
        }
        if isMeasured { return outcome }
        outcome.untestable =
            if ofKind.isEmpty {
                .kindAbsent(kind)
            } else if named.isEmpty {
                .rowAbsent(ofKind.map(\.key))
            } else if rows.isEmpty {
                .cpuAbsent(Set(named.flatMap { $0.cpus.map(\.cpu) }).sorted())
            } else {
                .unmeasured(metric)
            }
        return outcome
    }

    private func isOfKind(_ row: ReportRow) -> Bool {
        kind.map { row.kind == $0 } ?? (row.kind.traits.loadTitle != nil)
    }

    private func isNamed(_ row: ReportRow) -> Bool {
        ([row.key] + row.members).contains { key in
            (number == nil || key.number == number) && (name == nil || key.name == name)
        }
    }

    /// The metric of a row; nil if it has none. On one CPU only what is kept by CPU can be measured.
    private func measure(_ row: ReportRow, _ report: Report) -> Double? {
        let duration = row.duration
        if let cpu {
            guard let share = row.cpus.first(where: { $0.cpu == cpu }) else { return nil }
            switch metric {
            case .calls: return Double(share.calls)
            case .total: return Double(share.totalNanoseconds)
            case .max: return share.maximumNanoseconds.map { Double($0) }
            case .mean: return share.count == 0 ? nil : Double(share.totalNanoseconds) / Double(share.count)
            case .share: return CPULoad.share(share.totalNanoseconds, of: report.window(of: row, onCPU: cpu))
            default: return nil
            }
        }
        switch metric {
        case .min: return duration.minimumNanoseconds.map { Double($0) }
        case .mean: return duration.meanNanoseconds
        case .p50: return duration.percentile(perMille: 500).map { Double($0) }
        case .p90: return duration.percentile(perMille: 900).map { Double($0) }
        case .p99: return duration.percentile(perMille: 990).map { Double($0) }
        case .p999: return duration.percentile(perMille: 999).map { Double($0) }
        case .max: return duration.maximumNanoseconds.map { Double($0) }
        case .stddev: return duration.standardDeviationNanoseconds
        case .total: return Double(duration.totalNanoseconds)
        case .latency: return row.latency.maximumNanoseconds.map { Double($0) }
        case .calls: return Double(row.calls)
        case .unhandled: return Double(row.unhandled)
        case .share:
            return row.cpus.max { $0.totalNanoseconds < $1.totalNanoseconds }.flatMap { most in
                CPULoad.share(most.totalNanoseconds, of: report.window(of: row, onCPU: most.cpu))
            }
        }
    }

    private func holds(_ measured: Double) -> Bool {
        switch comparison {
        case .above: measured > value
        case .atLeast: measured >= value
        case .below: measured < value
        case .atMost: measured <= value
        }
    }

    /// Whether the metric is one that is kept for single CPUs.
    public var isMeasurable: Bool {
        cpu == nil || [.calls, .total, .max, .mean, .share].contains(metric)
    }
}
