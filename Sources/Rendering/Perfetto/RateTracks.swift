import IRQCore

/// The counters of rates, one for each interrupt's row: the handlers that began in each slice of time, as a rate a second.
///
/// A value is written where it differs from the one before, so a quiet row costs nothing.
struct RateTracks {
    /// A slice of time has this length at least, and there are no more than so many.
    private static let shortestNanoseconds: UInt64 = 100_000_000
    private static let sliceCount: UInt64 = 600

    /// A change of a row's rate.
    struct Change {
        let row: Int
        let time: UInt64
        let perSecond: UInt64
    }

    private let start: UInt64
    private let width: UInt64
    private var index: UInt64 = 0
    private var counts: [UInt64]
    private var last: [UInt64]
    /// The rows with a count in this slice, and those with a rate in the one before.
    private var active: [Int] = []
    private var before: [Int] = []

    init(start: UInt64, windowNanoseconds: UInt64, rowCount: Int) {
        self.start = start
        width = max(windowNanoseconds / Self.sliceCount, Self.shortestNanoseconds)
        counts = Array(repeating: 0, count: rowCount)
        last = counts
    }

    /// Counts a handler; times come in order. Returns what changed in slices that are over.
    mutating func count(_ row: Int, at time: UInt64) -> [Change] {
        let index = (time >= start ? time - start : 0) / width
        let changes = index > self.index ? finishSlices(upTo: index) : []
        if counts[row] == 0 { active.append(row) }
        counts[row] += 1
        return changes
    }

    /// The changes of the last slice, and the end of all rates.
    mutating func finish() -> [Change] { finishSlices(upTo: index + 2) }

    private mutating func finishSlices(upTo next: UInt64) -> [Change] {
        var changes: [Change] = []
        while index < next, !active.isEmpty || !before.isEmpty {
            // The clock may be near its end.
            let (passed, sum) = (
                index.multipliedReportingOverflow(by: width), start.addingReportingOverflow(index &* width)
            )
            let time = passed.overflow || sum.overflow ? .max : sum.partialValue
            for row in Set(active).union(before).sorted() {
                let perSecond = UInt64((Double(counts[row]) * 1e9 / Double(width)).rounded())
                counts[row] = 0
                if perSecond == last[row] { continue }
                last[row] = perSecond
                changes.append(Change(row: row, time: time, perSecond: perSecond))
            }
            (before, active) = (active, [])
            index += 1
        }
        index = max(index, next)
        return changes
    }
}
