/// Numbers as people read them.
public struct Units: Sendable {
    /// True if the output can show more than ASCII.
    public let isUnicode: Bool
    /// True if the trace clock counts nanoseconds. If not, durations are numbers of ticks.
    public let isTime: Bool

    /// Creates units for a UTF-8 output, or a plain one.
    public init(isUnicode: Bool = true, isTime: Bool = true) {
        self.isUnicode = isUnicode
        self.isTime = isTime
    }

    /// A duration in ns, µs, ms or s with three significant digits; "-" for none.
    public func duration(_ nanoseconds: UInt64?) -> String {
        guard let nanoseconds else { return "-" }
        return duration(Double(nanoseconds))
    }

    /// A duration that is a mean; "-" for none.
    public func duration(_ nanoseconds: Double?) -> String {
        guard let nanoseconds else { return "-" }
        if !isTime { return Self.rate(nanoseconds) }
        let names = ["ns", isUnicode ? "µs" : "us", "ms", "s"]
        var value = nanoseconds
        var unit = 0
        // 999.5 would be shown as 1000: it belongs to the next unit.
        while unit < 3, value >= 999.5 {
            value /= 1000
            unit += 1
        }
        if unit == 0, value == value.rounded() { return "\(Self.whole(value)) ns" }
        return "\(Self.threeDigits(value)) \(names[unit])"
    }

    /// "1 event", "2 events".
    public static func count(_ count: UInt64, _ one: String, _ many: String) -> String {
        self.count(count) + " " + (count == 1 ? one : many)
    }

    /// "≥ 12%": a number that is a lower bound; "-" for none.
    public func atLeast(_ number: String) -> String { number == "-" ? number : (isUnicode ? "≥ " : ">= ") + number }

    /// A duration without a blank before its unit, for columns: `12.3µs`.
    public func shortDuration(_ nanoseconds: UInt64) -> String {
        var value = Double(nanoseconds)
        var unit = 0
        while unit < 3, value >= 999.5 {
            value /= 1000
            unit += 1
        }
        let number = unit == 0 ? Self.fixed(value, 0) : Self.threeDigits(value)
        switch unit {
        case 0: return number + "ns"
        case 1: return number + (isUnicode ? "µs" : "us")
        case 2: return number + "ms"
        default: return number + "s"
        }
    }

    /// 9.87, 98.7, 987, and from 1000 on whole numbers with groups.
    public static func threeDigits(_ value: Double) -> String {
        if value < 9.995 { return fixed(value, 2) }
        if value < 99.95 { return fixed(value, 1) }
        return count(whole(value))
    }

    /// "x1.52": how many times as large.
    public static func ratio(_ value: Double) -> String {
        if value > 0, value < 0.0005 { return "<x0.001" }
        return "x" + (value < 0.0995 ? fixed(value, 3) : threeDigits(value))
    }

    /// The nearest whole number; what does not fit into 64 bits becomes the highest that does, nonsense 0.
    private static func whole(_ value: Double) -> UInt64 {
        guard value > 0 else { return 0 }
        return value < 1.8e19 ? UInt64(value.rounded()) : .max
    }

    /// A number with so many decimals, 0…3, in the C locale.
    public static func fixed(_ value: Double, _ decimals: Int) -> String {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let digits = String(whole(value * scale))
        if decimals == 0 { return digits }
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }

    /// 1,234,567.
    public static func count(_ value: UInt64) -> String {
        if value < 1000 { return String(value) }
        let group = String(value % 1000)
        return count(value / 1000) + "," + String(repeating: "0", count: 3 - group.utf8.count) + group
    }

    /// A share of 1 in percent with three significant digits below ten; "-" if unknown.
    public static func percent(_ share: Double?) -> String {
        guard let share else { return "-" }
        let value = share * 100
        if value == 0 { return "0%" }
        if value < 0.01 { return "<0.01%" }
        return (value < 9.995 ? fixed(value, 2) : fixed(value, 1)) + "%"
    }

    /// A rate per second, or ticks: 950, 12.3k, 1.20M, 3.19G.
    public static func rate(_ perSecond: Double?) -> String {
        guard let perSecond else { return "-" }
        if perSecond == 0 { return "0" }
        if perSecond < 999.5 { return threeDigits(perSecond) }
        if perSecond < 999_500 { return threeDigits(perSecond / 1000) + "k" }
        if perSecond < 999_500_000 { return threeDigits(perSecond / 1_000_000) + "M" }
        return threeDigits(perSecond / 1_000_000_000) + "G"
    }

    /// A time stamp in seconds, or in ticks.
    public func stamp(_ nanoseconds: UInt64) -> String { isTime ? Self.seconds(nanoseconds) : String(nanoseconds) }

    /// A time stamp in seconds with nine decimals, as trace-cmd report -t shows it.
    public static func seconds(_ nanoseconds: UInt64) -> String {
        let fraction = String(nanoseconds % 1_000_000_000)
        return "\(nanoseconds / 1_000_000_000)." + String(repeating: "0", count: 9 - fraction.count) + fraction
    }
}
