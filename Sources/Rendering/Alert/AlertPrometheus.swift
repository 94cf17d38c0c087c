internal import IRQCore

/// A file for node_exporter's textfile collector: few series, no times, names of our own.
public enum AlertPrometheus {
    /// More findings have no series of their own.
    public static let findingLimit = 20

    /// The text.
    public static func text(_ report: AlertReport) -> String {
        var out = Exposition()
        out.family(
            "irqscope_last_run_timestamp_seconds", "When irqscope alert ran last, in seconds since 1970.", [report]
        ) { .stamp($0.time.wall) }
        out.family(
            "irqscope_last_run_success", "Whether all that the verdicts need could be read and kept.", [report]
        ) { .flag(!$0.isUnknown) }
        out.family("irqscope_last_run_interval_seconds", "What the rates are over.", [report]) {
            .nanoseconds($0.intervalNanoseconds)
        }
        let verdicts = Verdict.allCases
        out.family(
            "irqscope_alert_level", "The worst finding of a verdict: 0 none, 1 warning, 2 critical.", verdicts,
            labels: { [("verdict", $0.name)] }
        ) { report.level($0).map { .number(Int($0.rawValue)) } }
        out.family(
            "irqscope_alert_findings", "How many findings of a verdict there are.", verdicts,
            labels: { [("verdict", $0.name)] }
        ) { report.count($0).map { .number($0) } }
        out.family("irqscope_device_interrupts_per_second", "Interrupts of all devices per second.", [report]) {
            .perSecond($0.devicePerSecond)
        }
        let active = Array(report.active.prefix(findingLimit))
        out.family(
            "irqscope_finding_level", "A finding: 1 warning, 2 critical. Gone when it is over.", active, labels: labels
        ) { .number(Int($0.level.rawValue)) }
        out.family(
            "irqscope_finding_per_second", "How often what a finding is about happens, per second.", active,
            labels: labels
        ) { $0.evidence.perSecond.map { .perSecond($0) } }
        // Only storms are looked at: a series or two more for each.
        out.family(
            "irqscope_finding_handler_cpu_ratio", "What a storm's handlers take of a CPU, 0 to 1.", active,
            labels: labels
        ) { $0.evidence.handler.map { .share($0.cpuShare) } }
        out.family(
            "irqscope_finding_unhandled_ratio", "Interrupts of a storm that no handler claims, 0 to 1.", active,
            labels: labels
        ) { $0.evidence.handler?.unhandledShare.map { .share($0) } }
        return out.text
    }

    /// Unique, for a finding's verdict, aspect, row and CPU are; two rows of one label differ in the action or the id.
    ///
    /// The CPU is named where the finding is about it. That of an interrupt line may change while a finding lasts, and a
    /// label that changes would end the series.
    private static func labels(_ finding: AlertFinding) -> [(String, String)] {
        let cpu = finding.key.verdict == .softirq ? finding.subject.cpu : nil
        return [
            ("verdict", finding.key.verdict.name), ("aspect", finding.key.aspect.name),
            ("irq", finding.subject.label), ("action", finding.subject.action),
            ("device", finding.subject.device), ("cpu", cpu.map { "\($0)" } ?? ""),
            ("id", hexadecimal(finding.key.id)),
        ]
    }

    static func hexadecimal(_ id: UInt64) -> String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
