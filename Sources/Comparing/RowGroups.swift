internal import IRQCore

/// The rows of several reports that are the same thing (`RowMatcher`).
struct RowGroup: Sendable {
    /// The row of each report; nil where it has none.
    var rows: [ReportRow?]

    /// A row of the group.
    var any: ReportRow? { rows.lazy.compactMap(\.self).first }

    /// The groups of all rows, in the order in which the reports have them.
    static func all(_ reports: [Report]) -> [RowGroup] {
        var groups: [RowGroup] = []
        var matcher = RowMatcher()
        for (index, report) in reports.enumerated() {
            let places = matcher.groups(of: report)
            let none = RowGroup(rows: Array(repeating: nil, count: reports.count))
            groups += Array(repeating: none, count: matcher.groupCount - groups.count)
            for (row, place) in zip(report.rows, places) { groups[place].rows[index] = row }
        }
        return groups
    }
}
