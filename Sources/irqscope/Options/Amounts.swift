internal import ArgumentParser

/// Amounts with units as people type them: `10s`, `500ms`, `50k`, `8M`.
enum Amounts {
    /// A time in nanoseconds: a number and ns, us, µs, ms, s, m or h; without a unit seconds.
    static func nanoseconds(_ text: String) throws -> UInt64 {
        let units: [(String, Double)] = [
            ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("", 1e9),
        ]
        guard let value = amount(text, units), value >= 1, value < 9e18 else {
            throw ValidationError("a time is needed, such as 10s, 500ms or 2m")
        }
        return UInt64(value)
    }

    /// A rate per second: a number, with k or M for thousands or millions.
    static func perSecond(_ text: String) throws -> UInt64 {
        guard let value = amount(text, [("k", 1e3), ("K", 1e3), ("M", 1e6), ("", 1)]), value >= 1, value < 1e15 else {
            throw ValidationError("a rate per second is needed, such as 50k")
        }
        return UInt64(value)
    }

    /// A size in kilobytes: a number and k, M or G (powers of 1024); without a unit kilobytes.
    static func kilobytes(_ text: String) throws -> Int {
        guard let value = amount(text, [("k", 1.0), ("K", 1.0), ("M", 1024.0), ("G", 1_048_576.0), ("", 1.0)]),
            value >= 8,
            value <= Double(64 << 20)
        else { throw ValidationError("a size is needed, from 8k to 64G, such as 8M") }
        return Int(value)
    }

    /// The number in front of the first unit that the text ends in.
    private static func amount(_ text: String, _ units: [(String, Double)]) -> Double? {
        for (unit, factor) in units where text.hasSuffix(unit) {
            let digits = text.dropLast(unit.count)
            // Double would take words and exponents too.
            guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }) else {
                continue
            }
            return Double(digits).map { $0 * factor }
        }
        return nil
    }
}
