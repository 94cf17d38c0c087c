/// Amounts as people type them: digits with at most one point, and a unit. Whatever is none of these is nil.
public enum Amount {
    /// A time in nanoseconds: `30s`, `5m`, `5min`, `1h`, `500ms`, `10us`, `10µs`, `1ns`; without a unit seconds.
    ///
    /// - Parameter limit: the longest time, in nanoseconds.
    public static func nanoseconds(_ text: String, limit: UInt64 = 9_000_000_000_000_000_000) -> UInt64? {
        let units = [
            ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("min", 60e9), ("s", 1e9), ("m", 60e9),
            ("h", 3600e9),
        ]
        guard let value = value(text, units, plain: 1e9), value <= Double(limit) else { return nil }
        return UInt64(value)
    }

    /// A rate per second, above 0 and up to 10¹²: `300`, `20k`, `1.5M/s`.
    public static func perSecond(_ text: String) -> Double? {
        let number = text.hasSuffix("/s") ? String(text.dropLast(2)) : text
        guard let value = value(number, [("k", 1e3), ("K", 1e3), ("M", 1e6)], plain: 1), value > 0, value <= 1e12 else {
            return nil
        }
        return value
    }

    /// A share from 0.01 to 1: `70%` or `0.7`.
    public static func share(_ text: String) -> Double? {
        guard let share = value(text, [("%", 0.01)], plain: 1), share >= 0.01, share <= 1 else { return nil }
        return share
    }

    /// A size in kilobytes: `512k`, `8M`, `1G` (powers of 1024); without a unit kilobytes.
    public static func kilobytes(_ text: String) -> Double? {
        value(text, [("k", 1), ("K", 1), ("M", 1024), ("G", 1_048_576)], plain: 1)
    }

    /// The number in front of the first unit that the text ends in, times what the unit is worth.
    private static func value(_ text: String, _ units: [(String, Double)], plain: Double) -> Double? {
        let unit = units.first { text.hasSuffix($0.0) } ?? ("", plain)
        let digits = text.dropLast(unit.0.count)
        // Double would take words and exponents too.
        guard (1...18).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || (ASCII.zero...ASCII.zero + 9).contains($0) }),
            digits.utf8.last != UInt8(ascii: ".")
        else { return nil }
        // Divided, a percentage is what people mean by it: 70 * 0.01 is a little more than 0.7.
        return Double(digits).map { unit.1 < 1 ? $0 / (1 / unit.1) : $0 * unit.1 }
    }
}

/// Numbers and ranges of them, as people and the kernel write lists: `0,2-5`.
public struct NumberList: Equatable, Sendable {
    /// The ranges, in the order of the text.
    public let ranges: [ClosedRange<Int64>]

    /// Reads a list of numbers of at most ten digits; nil if the text is none.
    public init?(_ text: String) {
        var ranges: [ClosedRange<Int64>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard let low = Self.number(ends[0]), let high = ends.count > 1 ? Self.number(ends[1]) : low, high >= low
            else { return nil }
            ranges.append(low...high)
        }
        self.ranges = ranges
    }

    /// The numbers in it, of those that CPUs may have.
    public var cpus: Set<Int> {
        let all = 0...Int64(ProcTextLimits.highestCPU)
        return Set(ranges.filter { $0.overlaps(all) }.flatMap { $0.clamped(to: all).map { Int($0) } })
    }

    /// A number of one to ten digits.
    static func number(_ text: Substring) -> Int64? {
        let isNumber = (1...10).contains(text.utf8.count)
        return isNumber && text.utf8.allSatisfy { (ASCII.zero...ASCII.zero + 9).contains($0) } ? Int64(text) : nil
    }
}
