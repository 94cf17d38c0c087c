internal import IRQCore
internal import Rendering

/// What --fail-if conditions say about a report.
struct FailReport {
    /// Whether one held.
    let isHeld: Bool
    /// What to tell the user.
    let messages: [String]

    init(_ conditions: [FailCondition], _ report: Report, path: String, units: Units) {
        var messages: [String] = []
        var isHeld = false
        for condition in conditions {
            let (tested, hits) = condition.test(report)
            let head = "\(path): --fail-if '\(condition.text)'"
            if tested == 0 { messages.append("\(head) means no row of this report; check the selection") }
            for hit in hits {
                isHeld = true
                messages.append("\(head) holds: \(Self.label(hit.row)) has \(Self.value(hit, units))")
            }
        }
        if !conditions.isEmpty, report.ledger.gaps > 0 {
            messages.append("\(path): events were lost; conditions were tested on what was recorded")
        }
        self.messages = messages
        self.isHeld = isHeld
    }

    private static func label(_ row: ReportRow) -> String {
        let buffer = row.buffer.isEmpty ? "" : " of buffer \(row.buffer)"
        let label = row.kind == .irq ? "irq \(row.number) \(row.name)" : "\(row.kind.rawValue) \(row.name)"
        // A line break in a name must not look like a message of its own.
        return SafeText.escaped(label + buffer)
    }

    private static func value(_ hit: FailCondition.Hit, _ units: Units) -> String {
        switch hit.metric {
        case .calls, .unhandled:
            "\(hit.metric.rawValue) \(Units.count(UInt64(exactly: hit.measured.rounded()) ?? .max))"
        case .share: "share \(Units.percent(hit.measured))"
        default: "\(hit.metric.rawValue) \(units.duration(hit.measured))"
        }
    }
}
