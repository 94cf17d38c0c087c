internal import ArgumentParser
internal import TraceInput

/// `FROM,TO` in seconds: times of the trace, or after a `+` counted from its first event. Either may be empty.
struct TimeWindow {
    let from: TimeBound?
    let to: TimeBound?

    @Sendable init(_ text: String) throws {
        let ends = text.split(separator: ",", omittingEmptySubsequences: false)
        guard ends.count == 2, let from = Self.bound(ends[0]), let to = Self.bound(ends[1]) else {
            throw ValidationError("two times in seconds are needed, such as 12.5,13 or +1,+1.5; either may be empty")
        }
        let isBackwards =
            switch (from, to) {
            case (.absolute(let first), .absolute(let last)), (.sinceStart(let first), .sinceStart(let last)):
                first >= last
            default: false
            }
        if isBackwards { throw ValidationError("the window ends before it begins") }
        (self.from, self.to) = (from, to)
    }

    /// A bound; .some(nil) for an empty one; nil if the text is none.
    private static func bound(_ text: Substring) -> TimeBound?? {
        if text.isEmpty { return .some(nil) }
        if text.first == "+" { return nanoseconds(text.dropFirst()).map { .sinceStart($0) } }
        return nanoseconds(text).map { .absolute($0) }
    }

    /// Seconds with up to nine decimals, exactly; .5 is half of one.
    static func nanoseconds(_ text: Substring) -> UInt64? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let seconds = parts.count == 2 && parts[0].isEmpty ? 0 : UInt64(parts[0]) else { return nil }
        var fraction: UInt64 = 0
        if parts.count == 2 {
            guard (1...9).contains(parts[1].count), parts[1].allSatisfy(\.isWholeNumber),
                let digits = UInt64(parts[1] + String(repeating: "0", count: 9 - parts[1].count))
            else { return nil }
            fraction = digits
        }
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carried) = whole.addingReportingOverflow(fraction)
        return overflow || carried ? .max : sum
    }
}
