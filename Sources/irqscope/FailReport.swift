internal import IRQCore
internal import Rendering

/// What --fail-if conditions say about a report.
struct FailReport {
    /// Whether one held.
    let isHeld: Bool
    /// What to tell the user.
    let messages: [String]

    init(_ conditions: [FailCondition], _ report: Report, units: Units) {
        var messages: [String] = []
        var isHeld = false
        for condition in conditions {
            let (tested, hits) = condition.test(report)
            if tested == 0 {
                messages.append("--fail-if '\(condition.text)': no row of the recording is meant; check the selection")
            }
            for hit in hits {
                isHeld = true
                let value = hit.isTime ? units.duration(hit.measured) : String(hit.measured)
                let row = hit.row
                let label = row.kind == .irq ? "irq \(row.number) \(row.name)" : "\(row.kind.rawValue) \(row.name)"
                messages.append("--fail-if '\(condition.text)' holds: \(label) has \(value)")
            }
        }
        if !conditions.isEmpty, report.ledger.gaps > 0 {
            messages.append("events were lost: conditions were tested on what was recorded")
        }
        self.messages = messages
        self.isHeld = isHeld
    }
}
