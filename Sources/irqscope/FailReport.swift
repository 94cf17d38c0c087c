internal import IRQCore
internal import Rendering

/// The verdict of --fail-if conditions on a report.
struct FailReport {
    /// True if one held.
    private(set) var isHeld = false
    /// True if one could not be tested, or not on all that happened.
    private(set) var isUntested = false
    /// The messages for the user.
    private(set) var messages: [String] = []

    /// Rows that one message names.
    private static let nameLimit = 8

    init(_ conditions: [FailCondition], _ report: Report, path: String, units: Units) {
        for condition in conditions {
            let outcome = condition.test(report)
            let head = "\(path): --fail-if '\(condition.text)'"
            if let reason = outcome.untestable {
                isUntested = true
                messages.append("\(head) could not be tested: \(Self.words(reason))")
            }
            for hit in outcome.hits {
                isHeld = true
                messages.append("\(head) holds: \(Self.label(hit.row.key)) has \(Self.value(hit, units))")
            }
        }
        guard !conditions.isEmpty, !report.isWhole else { return }
        isUntested = true
        messages.append(
            "\(path): events were lost or could not be read, so --fail-if was tested on a part of them; see the quality line"
        )
    }

    /// The status of the process, as far as conditions decide it.
    var status: Int32 {
        isHeld ? ExitStatus.conditionHeld : isUntested ? ExitStatus.untested : ExitStatus.done
    }

    private static func words(_ reason: FailCondition.Untestable) -> String {
        switch reason {
        case .kindAbsent(nil):
            "there is no handler, softirq or vector in this report; see --irq, --cpu, --filter and --time"
        case .kindAbsent(let kind?):
            "this report has no table \"\(kind.traits.title)\"; record its events, or see --irq, --cpu, --filter and --time"
        case .rowAbsent(let rows):
            "there is no such row; there are " + rows.prefix(nameLimit).map(label).joined(separator: ", ")
                + (rows.count > nameLimit ? " and \(rows.count - nameLimit) more" : "")
        case .cpuAbsent(let cpus):
            "it did not run there, but on CPU \(CPUSet(cpus).list)"
        case .unmeasured(let metric):
            "nothing is known of \(metric.rawValue) there"
        }
    }

    private static func label(_ row: RowKey) -> String {
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
