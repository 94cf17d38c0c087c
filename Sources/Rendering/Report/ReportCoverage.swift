internal import IRQCore

/// The sentences on what the recording saw of what the kernel counted, for the foot of a report.
enum ReportCoverage {
    /// Rows that are named one by one; the others are summed up.
    private static let namedCount = 6
    /// A share that is further away from a whole is worth naming, and so is a difference of more than this.
    private static let (goodShare, goodDifference) = (0.99, UInt64(10))
    /// Counts and trace lie closer together than this, unless something came between.
    private static let usualSkewNanoseconds: UInt64 = 5_000_000

    /// One sentence on the whole, and one for each row that is not covered.
    static func sentences(_ coverage: Coverage, isUnicode: Bool) -> (head: String, isGood: Bool, notes: [String]) {
        let (traced, counted) = (coverage.traced, coverage.counted)
        let share = counted > 0 ? Units.percent(Double(traced) / Double(counted)) : "-"
        let head = "\(Units.count(traced)) of \(Units.count(counted)) interrupts that the kernel counted (\(share))."
        var notes: [String] = []
        var isGood = true
        let untraced = coverage.rows.filter { $0.reason != nil && ($0.counted ?? 0) > 0 }
        for (reason, rows) in Dictionary(grouping: untraced, by: { $0.reason ?? "" }).sorted(by: { $0.key < $1.key }) {
            let sorted = rows.sorted { ($0.counted ?? 0) > ($1.counted ?? 0) }
            let names = sorted.prefix(namedCount).map {
                "\(SafeText.escaped($0.label)) \(Units.count($0.counted ?? 0))"
            }
            let more = sorted.count > namedCount ? " and \(sorted.count - namedCount) more" : ""
            notes.append("not in the trace, \(reason): \(names.joined(separator: ", "))\(more)")
        }
        let partial = coverage.rows.filter { differs($0) }
        for row in partial.prefix(namedCount) {
            isGood = false
            let name = row.name.isEmpty ? "" : " (\(SafeText.escaped(row.name)))"
            let (traced, counted) = (row.traced ?? 0, row.counted ?? 0)
            let word = traced < counted ? "only " : ""
            notes.append(
                "\(SafeText.escaped(row.label)): \(word)\(Units.count(traced)) of \(Units.count(counted))\(name)")
        }
        if partial.count > namedCount {
            notes.append("\(partial.count - namedCount) more rows are covered in part, or more than once")
        }
        notes += uncompared(coverage)
        if let skew = coverage.skewNanoseconds, skew > usualSkewNanoseconds {
            notes.append(
                "counts and trace began or ended \(Units(isUnicode: isUnicode).duration(skew)) apart: what came in between is in one of them only"
            )
        }
        return (head, isGood, notes)
    }

    /// True if what was traced of a row is rather less or more than what was counted.
    private static func differs(_ row: Coverage.Row) -> Bool {
        guard let traced = row.traced, let counted = row.counted else { return false }
        let (low, high) = (min(traced, counted), max(traced, counted))
        return Double(low) < Double(high) * goodShare && high - low > goodDifference
    }

    /// The notes on what is in no sum, and why.
    private static func uncompared(_ coverage: Coverage) -> [String] {
        var notes: [String] = []
        let away = coverage.uncomparedCPUs
        if !away.isEmpty {
            let cpus = away.prefix(namedCount).map { "\($0.cpu)" }.joined(separator: ", ")
            let more = away.count > namedCount ? " and \(away.count - namedCount) more" : ""
            let (word, their) = away.count == 1 ? ("CPU", "its") : ("CPUs", "their")
            let traced = Units.count(away.reduce(0) { $0 &+ $1.traced })
            let was = away.count == 1 ? "was" : "were"
            notes.append(
                "\(word) \(cpus)\(more) \(was) not online at both ends: \(their) counts are unknown, and \(their) \(traced) interrupts in the trace are not compared"
            )
        }
        let lines = coverage.rows.filter { $0.counted == nil && ($0.traced ?? 0) > 0 }
            .sorted { ($0.traced ?? 0) > ($1.traced ?? 0) }
        if !lines.isEmpty {
            let names = lines.prefix(namedCount).map {
                "\(SafeText.escaped($0.label)) \(Units.count($0.traced ?? 0))"
            }
            let more = lines.count > namedCount ? " and \(lines.count - namedCount) more" : ""
            notes.append(
                "not compared, for they came, went or began anew meanwhile: \(names.joined(separator: ", "))\(more)")
        }
        return notes
    }
}
