internal import Glibc
public import IRQCore

/// A condition on a comparison, such as `p99>+50%` or `irq=eth0* p99>+20%`: how much of a change is too much.
///
/// Grammar: `[KIND=PATTERN] VALUE OP [+|-]N%`. KIND is irq, action, softirq, vector, work or tasklet, PATTERN a number or a
/// name as the shell's patterns are (fnmatch(3)); VALUE is p50, p90, p99, p99.9, max, per_s or cpu_share; OP is > or <. A
/// name with blanks stands in double quotes.
public struct DiffCondition: Sendable {
    /// Why a text is no condition.
    public struct ParseError: Error, Sendable {
        /// The expectation and what was there.
        public let message: String
    }

    /// The condition as it was written.
    public let text: String
    private var kind: RowKind?
    private var pattern: String?
    private let value: ComparedValue
    private let isAbove: Bool
    /// The ratio that is too much: 1.5 for +50 %.
    private let ratio: Double

    /// Reads a condition.
    public init(_ text: String) throws(ParseError) {
        self.text = text
        guard let sign = text.lastIndex(where: { $0 == ">" || $0 == "<" }) else {
            throw ParseError(message: "it compares nothing: write for example p99>+50%")
        }
        isAbove = text[sign] == ">"
        var words = FailCondition.words(text[..<sign])
        guard let last = words.popLast(), let value = Self.values[last] else {
            throw ParseError(
                message: "it names no value before the comparison: p50, p90, p99, p99.9, max, per_s or cpu_share")
        }
        let change = text[text.index(after: sign)...].filter { $0 != " " }
        guard change.hasSuffix("%"), let percent = Double(change.dropLast()), percent.isFinite, percent > -100 else {
            throw ParseError(message: "'\(change)' is no change of \(last): write for example +50% or -20%")
        }
        ratio = 1 + percent / 100
        self.value = value
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            let names = ["irq", "action"] + RowKind.allCases.map(\.rawValue).filter { $0 != "irq" }
            guard parts.count == 2, names.contains(parts[0]) else {
                throw ParseError(
                    message: "'\(word)' selects nothing: write for example irq=eth0*, or one of "
                        + names.joined(separator: ", "))
            }
            kind = parts[0] == "action" ? .irq : RowKind(rawValue: parts[0])
            pattern = parts[1]
        }
    }

    private static let values: [String: ComparedValue] = [
        "p50": .p50, "p90": .p90, "p99": .p99, "p99.9": .p999, "p999": .p999, "max": .maximum, "per_s": .rate,
        "rate": .rate, "cpu_share": .share, "share": .share,
    ]

    /// The reason for which a comparison could not be tested.
    public enum Untestable: Sendable {
        /// No row of both sides is selected; these are there.
        case rowAbsent([ComparedRow])
        /// The rows do not have the value on both sides.
        case unmeasured
        /// There are too few calls or recordings to tell a difference from chance.
        case tooFew
    }

    /// Tests a comparison.
    ///
    /// - Parameter isTested: whether only differences count that are more than chance; the maximum is judged without.
    /// - Returns: the rows for which it holds, and if no row could be tested, why; else those that could not.
    public func test(
        _ comparison: Comparison, isTested: Bool
    ) -> (held: [ComparedRow], untested: [ComparedRow], untestable: Untestable?) {
        var (held, untested): ([ComparedRow], [ComparedRow]) = ([], [])
        let both = comparison.rows.filter { $0.a != nil && $0.b != nil }
        let rows = both.filter(isAbout)
        var untestable: Untestable? = rows.isEmpty ? .rowAbsent(both) : .unmeasured
        var couldTest = false
        for row in rows {
            guard let found = row.ratio(value) else { continue }
            let isJudged = isTested && value != .maximum
            let verdict = row.tests[value]?.verdict ?? .tooFew
            if isJudged, verdict == .tooFew {
                untestable = .tooFew
                untested.append(row)
                continue
            }
            couldTest = true
            let isBeyond = isAbove ? found > ratio : found < ratio
            if isBeyond, !isJudged || verdict == .differs { held.append(row) }
        }
        return (held, couldTest ? untested : [], couldTest ? nil : untestable)
    }

    /// The value of a row that the condition is about, as "x1.52".
    public func ratio(_ row: ComparedRow) -> Double? { row.ratio(value) }

    private func isAbout(_ row: ComparedRow) -> Bool {
        if let kind, row.kind != kind { return false }
        guard let pattern else { return true }
        if let number = Int64(pattern) { return row.a?.number == number || row.b?.number == number }
        return unsafe fnmatch(pattern, row.name, 0) == 0
    }
}
