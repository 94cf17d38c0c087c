/// The time for which events of a CPU are missing, in nanoseconds of the trace clock: what it did then is not known.
public struct MissingTime: Sendable, Equatable, BitwiseCopyable {
    /// The end of a gap ahead of the CPU's first event; 0 if there is none.
    private var begin: UInt64 = 0
    /// The length of the gaps between events.
    private var between: UInt64 = 0
    /// The begin of a gap that no event ended; `.max` if there is none.
    private var openSince: UInt64 = .max
    /// The end of the last gap: damage and a loss may be told of the same time.
    private var last: UInt64 = 0

    /// True if nothing is missing.
    public var isNone: Bool { begin == 0 && between == 0 && openSince == .max }

    /// Adds a gap, as far as it lies in a window.
    ///
    /// - Parameters:
    ///   - start: the time of the last event before; 0 if there was none.
    ///   - end: the time of the first event after; `.max` if there was none.
    ///   - from: the begin of the window; `length` is its own.
    mutating func add(from start: UInt64, to end: UInt64, window from: UInt64, length: UInt64) {
        let (sum, overflow) = from.addingReportingOverflow(length)
        let to = overflow ? UInt64.max : sum
        let (low, high) = (max(start, from, last), min(end, to))
        if end == .max {
            if low < to { openSince = min(openSince, low) }
            return
        }
        guard low < high else { return }
        last = high
        if start == 0, from == 0 { begin = high } else { between &+= high - low }
    }

    /// Adds what is missing after the last event.
    mutating func addOpenEnd(from start: UInt64) { openSince = min(openSince, max(start, last)) }

    /// The length of what is missing in the window of a report.
    public func nanoseconds(from start: UInt64, to end: UInt64) -> UInt64 {
        guard end > start else { return 0 }
        let ahead = begin > start ? min(begin, end) - start : 0
        let after = openSince < end ? end - max(openSince, start) : 0
        return min(ahead &+ between &+ after, end - start)
    }

    /// The sum of both, of parts of one buffer's CPU.
    mutating func add(_ other: MissingTime) {
        begin = max(begin, other.begin)
        between &+= other.between
        openSince = min(openSince, other.openSince)
        last = max(last, other.last)
    }
}
