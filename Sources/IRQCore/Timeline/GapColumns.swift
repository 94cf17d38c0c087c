/// The gaps of CPUs: of one column and CPU at most one, so that many do not fill the memory.
struct GapColumns: Sendable {
    // More of a CPU than there can be columns are put together.
    private static let limit = 4 * Timeline.columnLimit

    private var gaps: [Int: [TimelineGap]] = [:]

    /// Adds a gap; `.max` as its end stands for the end of the recording.
    mutating func add(_ gap: TimelineGap, _ grid: TimeGrid) {
        gaps[gap.cpu, default: []].append(gap)
        if (gaps[gap.cpu]?.count ?? 0) > Self.limit { gaps[gap.cpu] = Self.merged(gaps[gap.cpu] ?? [], grid.shift) }
    }

    /// Adds other gaps, of the CPUs that are wanted.
    mutating func add(_ others: GapColumns, where isWanted: (Int) -> Bool = { _ in true }) {
        gaps.merge(others.gaps.filter { isWanted($0.key) }) { $0 + $1 }
    }

    /// All gaps in a window, by time and then by CPU.
    func all(shift: UInt64, from start: UInt64, through end: UInt64) -> [TimelineGap] {
        gaps.values.flatMap { list in
            Self.merged(
                list.compactMap { gap in
                    let (low, high) = (max(gap.startNanoseconds, start), min(gap.endNanoseconds, end))
                    return low <= high ? TimelineGap(cpu: gap.cpu, startNanoseconds: low, endNanoseconds: high) : nil
                }, shift)
        }.sorted { ($0.startNanoseconds, $0.cpu) < ($1.startNanoseconds, $1.cpu) }
    }

    /// Those that begin in the same column as one, from the begin of the first to the end of the last.
    private static func merged(_ gaps: [TimelineGap], _ shift: UInt64) -> [TimelineGap] {
        var merged: [TimelineGap] = []
        for gap in gaps.sorted(by: { $0.startNanoseconds < $1.startNanoseconds }) {
            guard let last = merged.last, last.startNanoseconds >> shift == gap.startNanoseconds >> shift else {
                merged.append(gap)
                continue
            }
            merged[merged.count - 1] = TimelineGap(
                cpu: gap.cpu, startNanoseconds: last.startNanoseconds,
                endNanoseconds: max(last.endNanoseconds, gap.endNanoseconds))
        }
        return merged
    }
}
