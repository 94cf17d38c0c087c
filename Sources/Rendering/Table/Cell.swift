internal import IRQCore

/// A value of a table, before an output gives it a form. A value that is not known is nil: `-` as text, an empty cell of
/// CSV, null in JSON.
enum Cell: Sendable {
    /// An answer.
    case flag(Bool?)
    /// A number that is a name: an IRQ, a CPU, a process.
    case number(Int?)
    /// An amount.
    case count(UInt64?)
    /// A duration.
    case nanoseconds(UInt64?)
    /// A duration that is a mean, in nanoseconds.
    case mean(Double?)
    /// A time of the trace clock, in nanoseconds.
    case stamp(UInt64?)
    /// A part of a whole, 0…1.
    case share(Double?)
    /// A part of a whole, 0…1, that may be larger.
    case shareAtLeast(Double?)
    /// A part of the time of a CPU, which may be larger, on screen.
    case busiest(Double, cpu: Int, isAtLeast: Bool)
    /// A rate.
    case perSecond(Double?)
    /// A number whose unit depends on the row.
    case value(Double?)
    /// Text, which may come from a recording or a device: it is made harmless wherever it goes.
    case text(String?)
    /// Several texts.
    case texts([String]?)
    /// Several numbers that are names.
    case numbers([Int])
    /// Amounts, one for each CPU.
    case counts([UInt64])
    /// Rates, one for each CPU.
    case rates([Double?])

    /// The value as people read it.
    func shown(_ units: Units) -> String {
        switch self {
        case .flag(let value): value.map { $0 ? "yes" : "no" } ?? "-"
        case .number(let value): value.map { String($0) } ?? "-"
        case .count(let value): value.map(Units.count) ?? "-"
        case .nanoseconds(let value): units.duration(value)
        case .mean(let value): units.duration(value)
        case .stamp(let value): value.map(units.stamp) ?? "-"
        case .share(let value): Units.percent(value)
        case .shareAtLeast(let value): units.atLeast(Units.percent(value))
        case .busiest(let share, let cpu, let isAtLeast):
            (isAtLeast ? units.atLeast(Units.percent(share)) : Units.percent(share)) + " of \(cpu)"
        case .perSecond(let value): Units.rate(value)
        case .value(let value): value.map(Units.threeDigits) ?? "-"
        case .text(let value): value.map(SafeText.escaped) ?? "-"
        case .texts(let values): values.map { SafeText.escaped($0.joined(separator: ", ")) } ?? "-"
        case .numbers(let values): values.map { String($0) }.joined(separator: " ")
        case .counts(let values): values.map(Units.count).joined(separator: " ")
        case .rates(let values): values.map(Units.rate).joined(separator: " ")
        }
    }

    /// True if it is unknown or counts none: a column of nothing else may be left out.
    var isNothing: Bool {
        if case .count(0) = self { return true }
        return shown(Units()) == "-"
    }

    /// The value as a cell of CSV: numbers without groups, in the unit of the column's key. Lists have blanks between
    /// their elements.
    var csv: String {
        switch self {
        case .flag(let value): value.map { $0 ? "true" : "false" } ?? ""
        case .number(let value): value.map { String($0) } ?? ""
        case .count(let value), .nanoseconds(let value), .stamp(let value): value.map { String($0) } ?? ""
        case .mean(let value): value.map { Units.fixed($0, 1) } ?? ""
        case .share(let value), .shareAtLeast(let value), .perSecond(let value), .value(let value):
            value?.description ?? ""
        case .busiest(let value, _, _): value.description
        case .text(let value): value.map(Self.quoted) ?? ""
        case .texts(let values): values.map { Self.quoted($0.joined(separator: " ")) } ?? ""
        case .numbers(let values): values.map { String($0) }.joined(separator: " ")
        case .counts(let values): values.map { String($0) }.joined(separator: " ")
        case .rates(let values): values.map { $0?.description ?? "-" }.joined(separator: " ")
        }
    }

    /// Text in quotes where commas or quotes ask for it; control characters are escaped as on screen.
    private static func quoted(_ text: String) -> String {
        let safe = SafeText.escaped(text)
        // By bytes: a comma with a combining mark is another Character, but still a comma for every reader.
        guard safe.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") }) else { return safe }
        var quoted = String.UnicodeScalarView()
        for scalar in safe.unicodeScalars { quoted.append(contentsOf: scalar == "\"" ? [scalar, scalar] : [scalar]) }
        return "\"" + String(quoted) + "\""
    }

    /// The value of a series of Prometheus, in base units: seconds, and parts of 1. What is not known is no number.
    var prometheus: String {
        switch self {
        case .flag(let value?): value ? "1" : "0"
        case .number(let value?): String(value)
        case .count(let value?): String(value)
        case .nanoseconds(let value?), .stamp(let value?): Units.fixed(Double(value) / 1e9, 3)
        case .mean(let value?): Units.fixed(value / 1e9, 9)
        case .share(let value?), .shareAtLeast(let value?): Units.fixed(value, 4)
        case .perSecond(let value?), .value(let value?): Units.fixed(value, 1)
        default: "NaN"
        }
    }

    /// Writes the value as one of JSON.
    func write(to json: inout JSONWriter) {
        switch self {
        case .flag(let value?): json.put(value)
        case .number(let value?): json.put(value)
        case .count(let value?), .nanoseconds(let value?), .stamp(let value?): json.put(value)
        case .mean(let value?), .share(let value?), .shareAtLeast(let value?), .perSecond(let value?),
            .value(let value?):
            json.put(value)
        case .text(let value?): json.put(value)
        case .texts(let values): json.array(values) { $1.put($0) }
        case .numbers(let values): json.array(values) { $1.put($0) }
        case .counts(let values): json.array(values) { $1.put($0) }
        case .rates(let values): json.array(values) { Cell.perSecond($0).write(to: &$1) }
        default: json.null()
        }
    }
}
