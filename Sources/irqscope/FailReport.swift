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

    init(_ tests: [FailTest], _ report: Report, path: String, units: Units) {
        for test in tests {
            guard case .condition(let condition) = test else {
                testBudget(report, path, units)
                continue
            }
            let outcome = condition.test(report)
            let head = "\(path): --fail-if '\(condition.text)'"
            if let reason = outcome.untestable {
                isUntested = true
                messages.append("\(head) could not be tested: \(Self.words(reason))")
            }
            for hit in outcome.hits {
                isHeld = true
                messages.append(
                    "\(head) holds: \(Self.label(hit.row.key, hit.row.numbers)) has \(Self.value(hit, units))")
            }
        }
        guard !tests.isEmpty, !report.isWhole else { return }
        isUntested = true
        messages.append(
            "\(path): events were lost or could not be read, so --fail-if was tested on a part of them; see the quality line"
        )
    }

    private mutating func testBudget(_ report: Report, _ path: String, _ units: Units) {
        let head = "\(path): --fail-if 'budget'"
        let exceeded = report.budgetVerdicts.filter { $0.word == .exceeded }
        for verdict in exceeded.prefix(Self.nameLimit) {
            isHeld = true
            let part = "\(Units.count(verdict.durations.exceededBudget)) of \(Units.count(verdict.durations.count))"
            messages.append(
                "\(head) holds: \(SafeText.escaped(ReportBudget.label(verdict))) is above \(verdict.limit.subject.rawValue) "
                    + "\(units.duration(verdict.limit.nanoseconds)) \(part) times, max "
                    + units.duration(verdict.durations.maximumNanoseconds))
        }
        if exceeded.count > Self.nameLimit {
            messages.append("\(head) holds: \(exceeded.count - Self.nameLimit) more rows exceed their budget")
        }
        let untested = report.untestedLimits.map(\.subject.rawValue)
        if untested.isEmpty { return }
        isUntested = true
        let reason =
            report.source.isClockNanoseconds
            ? "this report has no such durations; record their events, or see --irq, --cpu, --filter and --time"
            : "the trace clock does not count nanoseconds"
        messages.append("\(head) could not be tested on \(untested.joined(separator: ", ")): \(reason)")
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
            "there is no such row; there are " + rows.prefix(nameLimit).map { label($0) }.joined(separator: ", ")
                + (rows.count > nameLimit ? " and \(rows.count - nameLimit) more" : "")
        case .cpuAbsent(let cpus):
            "it did not run there, but on CPU \(CPUSet(cpus).list)"
        case .unmeasured(let metric):
            "nothing is known of \(metric.rawValue) there"
        }
    }

    private static func label(_ row: RowKey, _ numbers: [Int64]? = nil) -> String {
        let buffer = row.buffer.isEmpty ? "" : " of buffer \(row.buffer)"
        let number = (numbers ?? [row.number]).prefix(nameLimit).map { "\($0)" }.joined(separator: ",")
        let label = row.kind == .irq ? "irq \(number) \(row.name)" : "\(row.kind.rawValue) \(row.name)"
        let file = row.recording.map { " in \($0.file)" } ?? ""
        // A line break in a name must not look like a message of its own.
        return SafeText.escaped(label + buffer + file)
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
