internal import IRQCore

/// A run as JSON (irqscope.alert.v1).
public enum AlertJSON {
    /// Writes the document and the end of its line.
    ///
    /// - Parameter kernel: the kernel's release; nil if unknown.
    public static func write(_ report: AlertReport, bootID: String, kernel: String?, to output: inout ByteOutput) {
        output.json { json in
            json.member("boot_id", bootID.isEmpty ? nil : bootID)
            json.member("collecting_baseline", report.isFirst)
            json.member("cpus", report.cpuCount)
            json.member("device_per_s", report.devicePerSecond)
            json.member("exit_status", report.exitStatus)
            json.member("findings", each: report.findings.lazy.map { ToldFinding($0, report) }, findings)
            json.member("interval_ns", report.intervalNanoseconds)
            json.member("kernel", kernel)
            json.member("maintenance", report.isMaintenance)
            json.member("problems", report.problems)
            json.member("rows", report.rowCount)
            json.member("schema", "irqscope.alert.v1")
            json.member("status", report.statusName)
            json.member("time", report.time.wall)
        }
    }

    /// A finding, and the sentences for it.
    private struct ToldFinding {
        let finding: AlertFinding
        let sentence: AlertSentence

        init(_ finding: AlertFinding, _ report: AlertReport) {
            self.finding = finding
            sentence = AlertSentence(finding, clock: report.clock)
        }

        var subject: AlertSubject { finding.subject }
        var evidence: AlertEvidence { finding.evidence }
        var look: HandlerLook? { finding.evidence.handler }
        var isActive: Bool { finding.level > .ok }
        var message: String { sentence.what + (sentence.evidence.isEmpty ? "" : " (\(sentence.evidence))") }
        var disabledSource: String? {
            evidence.isDisabled ? evidence.isDisabledForSure ? "debugfs" : "counters" : nil
        }
    }

    private static func known(_ name: String) -> String? { name.isEmpty ? nil : name }

    private static let findings = JSONFields<ToldFinding>(
        [
            .init("verdict", \.finding.key.verdict.name), .init("aspect", \.finding.key.aspect.name),
            .init("level", \.finding.level.name), .init("previous_level", \.finding.previousLevel.name),
            .init("changed", \.finding.isChange), .init("ending", \.finding.ending?.rawValue),
            .init("label") { known($0.subject.label) }, .init("irq", \.subject.irq),
            .init("action") { known($0.subject.action) }, .init("device") { known($0.subject.device) },
            .init("cpu", \.subject.cpu), .init("since") { $0.isActive ? $0.finding.sinceWallNanoseconds : nil },
            .init("lasted_ns") { $0.isActive ? $0.finding.lastedNanoseconds : nil }, .init("warn", \.finding.warn),
            .init("crit", \.finding.crit), .init("peak") { $0.isActive ? $0.finding.peak : nil },
            .init("message", \.message), .init("next", \.sentence.next),
        ] + evidence + handler)

    private static let evidence: [JSONFields<ToldFinding>.Field] = [
        .init("per_s", \.evidence.perSecond), .init("total_per_s", \.evidence.totalPerSecond),
        .init("delta", \.evidence.delta), .init("usual_per_s", \.evidence.usualPerSecond),
        .init("against_history", \.evidence.isAgainstHistory), .init("affinity", \.evidence.affinity),
        .init("unhandled_share", \.evidence.unhandledShare), .init("unhandled_left", \.evidence.unhandledLeft),
        .init("disabled", \.evidence.isDisabled), .init("disabled_source", \.disabledSource),
        .init("irq_time_share", \.evidence.irqTimeShare), .init("softirq_time_share", \.evidence.softirqTimeShare),
        .init("ksoftirqd_share", \.evidence.ksoftirqdShare), .init("softirq", \.evidence.softirq),
        .init("cpu_share", \.evidence.cpuShare), .init("queues", \.evidence.queueCount),
    ]

    private static let handler: [JSONFields<ToldFinding>.Field] = [
        .init("handler_cpu_share", \.look?.cpuShare), .init("handler_unhandled_share", \.look?.unhandledShare),
        .init("handler_thread_share", \.look?.threadShare), .init("handler_cpu", \.look?.cpu),
        .init("handler_calls", \.look?.calls), .init("handler_mean_ns", \.look?.meanNanoseconds),
        .init("handler_p99_ns", \.look?.p99Nanoseconds), .init("handler_max_ns", \.look?.maximumNanoseconds),
        .init("handler_lost_events", \.look?.lostEvents), .init("handler_look_ns", \.look?.nanoseconds),
        .init("handler_actions", each: actions, \.look?.actions),
        .init("handler_problem", \.evidence.handlerProblem),
    ]

    private static let actions = JSONFields<HandlerLook.Action>([
        .init("action", \.name), .init("calls", \.calls), .init("unhandled", \.unhandled),
        .init("wake_thread", \.wokeThread), .init("total_ns", \.totalNanoseconds),
    ])
}
