internal import IRQCore

/// A run as JSON (irqscope.alert.v1).
public enum AlertJSON {
    /// Writes the document and the end of its line.
    ///
    /// - Parameter kernel: the kernel's release; nil if unknown.
    public static func write(_ report: AlertReport, bootID: String, kernel: String?, to output: inout ByteOutput) {
        output.json { json in
            json.member("schema", .text("irqscope.alert.v1"))
            json.member("boot_id", .text(bootID.isEmpty ? nil : bootID))
            json.member("collecting_baseline", .flag(report.isFirst))
            json.member("cpus", .number(report.cpuCount))
            json.member("device_per_s", .perSecond(report.devicePerSecond))
            json.member("exit_status", .number(Int(report.exitStatus)))
            json.member(findings, report.findings.count) { ToldFinding(report.findings[$0], report) }
            json.member("interval_ns", .nanoseconds(report.intervalNanoseconds))
            json.member("kernel", .text(kernel))
            json.member("maintenance", .flag(report.isMaintenance))
            json.member("notes", .texts(report.notes))
            json.member("problems", .texts(report.problems))
            json.member("rows", .number(report.rowCount))
            json.member("status", .text(report.statusName))
            json.member("time", .stamp(report.time.wall))
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
        /// Threads have CPU time, and no rate.
        var followerPerSecond: Double? {
            evidence.work.flatMap { $0.kind == nil || $0.kind == .thread ? nil : $0.perSecond }
        }
        var disabledSource: String? {
            evidence.isDisabled ? evidence.disabledSource.rawValue : nil
        }
    }

    private static func known(_ name: String) -> String? { name.isEmpty ? nil : name }

    private static let findings = Section("findings", "", told + evidence + handler)

    private static let told: [Column<ToldFinding>] = [
        .init("verdict") { .text($0.finding.key.verdict.name) }, .init("aspect") { .text($0.finding.key.aspect.name) },
        .init("level") { .text($0.finding.level.name) },
        .init("previous_level") { .text($0.finding.previousLevel.name) },
        .init("changed") { .flag($0.finding.isChange) }, .init("ending") { .text($0.finding.ending?.rawValue) },
        .init("label") { .text(known($0.subject.label)) }, .init("irq") { .number($0.subject.irq) },
        .init("action") { .text(known($0.subject.action)) }, .init("device") { .text(known($0.subject.device)) },
        .init("cpu") { .number($0.subject.cpu) },
        .init("since") { .stamp($0.isActive ? $0.finding.sinceWallNanoseconds : nil) },
        .init("lasted_ns") { .nanoseconds($0.isActive ? $0.finding.lastedNanoseconds : nil) },
        .init("warn") { .value($0.finding.warn) }, .init("crit") { .value($0.finding.crit) },
        .init("peak") { .value($0.isActive ? $0.finding.peak : nil) }, .init("message") { .text($0.message) },
        .init("next") { .text($0.sentence.next) },
    ]

    private static let evidence: [Column<ToldFinding>] = [
        .init("per_s") { .perSecond($0.evidence.perSecond) },
        .init("total_per_s") { .perSecond($0.evidence.totalPerSecond) }, .init("delta") { .count($0.evidence.delta) },
        .init("usual_per_s") { .perSecond($0.evidence.usualPerSecond) },
        .init("against_history") { .flag($0.evidence.isAgainstHistory) },
        .init("affinity") { .text($0.evidence.affinity) }, .init("managed") { .flag($0.evidence.isManaged) },
        .init("unhandled_share") { .share($0.evidence.unhandledShare) },
        .init("unhandled_left") { .count($0.evidence.unhandledLeft) },
        .init("disabled") { .flag($0.evidence.isDisabled) }, .init("disabled_source") { .text($0.disabledSource) },
        .init("irq_time_share") { .share($0.evidence.irqTimeShare) },
        .init("softirq_time_share") { .share($0.evidence.softirqTimeShare) },
        .init("ksoftirqd_share") { .share($0.evidence.ksoftirqdShare) },
        .init("softirq") { .text($0.evidence.softirq) },
        .init("cpu_share") { .share($0.evidence.cpuShare) }, .init("queues") { .number($0.evidence.queueCount) },
        .init("work") { .text($0.evidence.work?.verdict.rawValue) },
        .init("follower") { .text($0.evidence.work?.kind?.rawValue) },
        .init("follower_per_s") { .perSecond($0.followerPerSecond) }, .init("event") { .text($0.evidence.event) },
        .init("event_per_s") { .perSecond($0.evidence.eventPerSecond) },
        .init("steal_share") { .share($0.evidence.stealShare) },
        .init("burst_ns") { .nanoseconds($0.evidence.burstNanoseconds) },
    ]

    private static let handler: [Column<ToldFinding>] = [
        .init("handler_cpu_share") { .share($0.look?.cpuShare) },
        .init("handler_unhandled_share") { .share($0.look?.unhandledShare) },
        .init("handler_thread_share") { .share($0.look?.threadShare) }, .init("handler_cpu") { .number($0.look?.cpu) },
        .init("handler_calls") { .count($0.look?.calls) }, .init("handler_mean_ns") { .mean($0.look?.meanNanoseconds) },
        .init("handler_p99_ns") { .nanoseconds($0.look?.p99Nanoseconds) },
        .init("handler_max_ns") { .nanoseconds($0.look?.maximumNanoseconds) },
        .init("handler_lost_events") { .count($0.look?.lostEvents) },
        .init("handler_look_ns") { .nanoseconds($0.look?.nanoseconds) },
        .init("handler_actions", each: actions) { $0.look?.actions },
        .init("handler_problem") { .text($0.evidence.handlerProblem) },
    ]

    private static let actions = Columns<HandlerProfile.Action>([
        .init("action") { .text($0.name) }, .init("calls") { .count($0.calls) },
        .init("unhandled") { .count($0.unhandled) }, .init("wake_thread") { .count($0.wokeThread) },
        .init("total_ns") { .nanoseconds($0.totalNanoseconds) },
    ])
}
