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
        var look: HandlerProfile? { finding.evidence.handler }
        var isActive: Bool { finding.level > .ok }
        var message: String { sentence.what + (sentence.evidence.isEmpty ? "" : " (\(sentence.evidence))") }
        var disabledSource: String? {
            evidence.isDisabled ? evidence.isDisabledForSure ? "debugfs" : "counters" : nil
        }
    }

    private static func known(_ name: String) -> String? { name.isEmpty ? nil : name }

    private static let findings = JSONFields<ToldFinding>(
        [
            .init("verdict") { $0.finding.key.verdict.name }, .init("aspect") { $0.finding.key.aspect.name },
            .init("level") { $0.finding.level.name }, .init("previous_level") { $0.finding.previousLevel.name },
            .init("changed") { $0.finding.isChange }, .init("ending") { $0.finding.ending?.rawValue },
            .init("label") { known($0.subject.label) }, .init("irq") { $0.subject.irq },
            .init("action") { known($0.subject.action) }, .init("device") { known($0.subject.device) },
            .init("cpu") { $0.subject.cpu }, .init("since") { $0.isActive ? $0.finding.sinceWallNanoseconds : nil },
            .init("lasted_ns") { $0.isActive ? $0.finding.lastedNanoseconds : nil }, .init("warn") { $0.finding.warn },
            .init("crit") { $0.finding.crit }, .init("peak") { $0.isActive ? $0.finding.peak : nil },
            .init("message") { $0.message }, .init("next") { $0.sentence.next },
        ] + evidence + handler)

    private static let evidence: [JSONFields<ToldFinding>.Field] = [
        .init("per_s") { $0.evidence.perSecond }, .init("total_per_s") { $0.evidence.totalPerSecond },
        .init("delta") { $0.evidence.delta }, .init("usual_per_s") { $0.evidence.usualPerSecond },
        .init("against_history") { $0.evidence.isAgainstHistory }, .init("affinity") { $0.evidence.affinity },
        .init("unhandled_share") { $0.evidence.unhandledShare }, .init("unhandled_left") { $0.evidence.unhandledLeft },
        .init("disabled") { $0.evidence.isDisabled }, .init("disabled_source") { $0.disabledSource },
        .init("irq_time_share") { $0.evidence.irqTimeShare },
        .init("softirq_time_share") { $0.evidence.softirqTimeShare },
        .init("ksoftirqd_share") { $0.evidence.ksoftirqdShare }, .init("softirq") { $0.evidence.softirq },
        .init("cpu_share") { $0.evidence.cpuShare }, .init("queues") { $0.evidence.queueCount },
    ]

    private static let handler: [JSONFields<ToldFinding>.Field] = [
        .init("handler_cpu_share") { $0.look?.cpuShare }, .init("handler_unhandled_share") { $0.look?.unhandledShare },
        .init("handler_thread_share") { $0.look?.threadShare }, .init("handler_cpu") { $0.look?.cpu },
        .init("handler_calls") { $0.look?.calls }, .init("handler_mean_ns") { $0.look?.meanNanoseconds },
        .init("handler_p99_ns") { $0.look?.p99Nanoseconds }, .init("handler_max_ns") { $0.look?.maximumNanoseconds },
        .init("handler_lost_events") { $0.look?.lostEvents }, .init("handler_look_ns") { $0.look?.nanoseconds },
        .init("handler_actions", each: actions) { $0.look?.actions },
        .init("handler_problem") { $0.evidence.handlerProblem },
    ]

    private static let actions = JSONFields<HandlerProfile.Action>([
        .init("action") { $0.name }, .init("calls") { $0.calls }, .init("unhandled") { $0.unhandled },
        .init("wake_thread") { $0.wokeThread }, .init("total_ns") { $0.totalNanoseconds },
    ])
}
