public import IRQCore

/// The rows of several reports that are the same thing.
///
/// An IRQ number says little: it changes with each boot and from box to box. An interrupt is known by its action, and where
/// several lines have the same one by the order of their devices or numbers. Where the action differs the device tells, if
/// the recordings know it.
public struct RowGroup: Sendable {
    /// The row of each report; nil where it has none.
    public var rows: [ReportRow?]

    /// A row of the group.
    var any: ReportRow? { rows.lazy.compactMap(\.self).first }

    /// The groups of all rows, in the order in which the reports have them.
    public static func all(_ reports: [Report]) -> [RowGroup] {
        var groups: [RowGroup] = []
        var places: [String: Int] = [:]
        for (index, report) in reports.enumerated() {
            let namesBuffers = report.source.buffers.count > 1
            var seen: [String: Int] = [:]
            for row in report.rows.sorted(by: isBefore) {
                let name = [row.kind.rawValue, row.name, namesBuffers ? row.buffer : ""].joined(separator: "\0")
                let ordinal = seen[name, default: 0]
                seen[name] = ordinal + 1
                let place = places["\(name)\0\(ordinal)"] ?? groups.count
                if place == groups.count {
                    places["\(name)\0\(ordinal)"] = place
                    groups.append(RowGroup(rows: Array(repeating: nil, count: reports.count)))
                }
                groups[place].rows[index] = row
            }
        }
        joinByDevice(&groups)
        return groups
    }

    private static func isBefore(_ first: ReportRow, _ second: ReportRow) -> Bool {
        if first.kind != second.kind { return false }
        if let one = first.key.device?.address, let other = second.key.device?.address, one != other {
            return one < other
        }
        return first.number < second.number
    }

    /// Joins interrupts of one device whose actions differ from report to report.
    private static func joinByDevice(_ groups: inout [RowGroup]) {
        var open: [String: [Int]] = [:]
        var joined = Set<Int>()
        for place in groups.indices where groups[place].rows.contains(where: { $0 == nil }) {
            guard let row = groups[place].any, row.kind == .irq, let address = row.key.device?.address else { continue }
            // A group of the same device that has no row in common with this one, if there is just one.
            let partners = open[address, default: []].filter { other in
                !joined.contains(other)
                    && zip(groups[other].rows, groups[place].rows).allSatisfy { $0 == nil || $1 == nil }
            }
            guard partners.count == 1, let partner = partners.first else {
                open[address, default: []].append(place)
                continue
            }
            for (index, row) in groups[place].rows.enumerated() where row != nil { groups[partner].rows[index] = row }
            joined.insert(place)
        }
        groups = groups.indices.filter { !joined.contains($0) }.map { groups[$0] }
    }
}
