internal import IRQCore

/// What the recording saw of what the kernel counted, for the foot of a report and for JSON.
enum ReportCoverage {
    /// Rows that are named one by one; the others are summed up.
    private static let namedCount = 6
    /// A share below this is worth naming.
    private static let goodShare = 0.99
    /// Counts and trace lie closer together than this, unless something came between.
    private static let usualApartNanoseconds: UInt64 = 5_000_000

    /// One sentence on the whole, and one for each row that is not covered.
    static func sentences(_ coverage: Coverage, isUnicode: Bool) -> (head: String, isGood: Bool, notes: [String]) {
        let (traced, counted) = (coverage.traced, coverage.counted)
        let share = counted > 0 ? Units.percent(min(Double(traced) / Double(counted), 1)) : "-"
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
        let partial = coverage.rows.filter { row in
            guard let traced = row.traced, let counted = row.counted, counted > 0 else { return false }
            return Double(traced) < Double(counted) * goodShare && counted - traced > 10
        }
        for row in partial.prefix(namedCount) {
            isGood = false
            let name = row.name.isEmpty ? "" : " (\(SafeText.escaped(row.name)))"
            let (traced, counted) = (Units.count(row.traced ?? 0), Units.count(row.counted ?? 0))
            notes.append("\(SafeText.escaped(row.label)): only \(traced) of \(counted)\(name)")
        }
        if partial.count > namedCount { notes.append("\(partial.count - namedCount) more rows are covered in part") }
        if let apart = coverage.apartNanoseconds, apart > usualApartNanoseconds {
            notes.append(
                "counts and trace began or ended \(Units(isUnicode: isUnicode).duration(apart)) apart: what came in between is in one of them only"
            )
        }
        return (head, isGood, notes)
    }

    /// Its members in JSON.
    static let fields = JSONFields<Coverage>([
        .init("counted") { $0.counted }, .init("traced") { $0.traced }, .init("apart_ns") { $0.apartNanoseconds },
        .init("rows", each: rowFields) { $0.rows },
    ])
    private static let rowFields = JSONFields<Coverage.Row>([
        .init("table") { $0.table }, .init("label") { $0.label }, .init("irq") { $0.irq }, .init("text") { $0.name },
        .init("counted") { $0.counted }, .init("traced") { $0.traced }, .init("reason") { $0.reason },
        .init("cpus", each: shareFields) { $0.cpus },
    ])
    private static let shareFields = JSONFields<Coverage.Share>([
        .init("cpu") { $0.cpu }, .init("counted") { $0.counted }, .init("traced") { $0.traced },
    ])
}
