public import IRQCore

/// Findings as JSON (irqscope.doctor.v1).
public enum DoctorJSON {
    /// Writes the document and the end of its line.
    public static func write(_ report: DoctorReport, to output: inout ByteOutput) {
        output.json { json in
            json.member("schema", .text("irqscope.doctor.v1"))
            json.member("checked", .number(report.run.checkedCount))
            json.member("cpus", .number(report.cpuCount))
            json.member(findings, report.run.findings.count) { report.run.findings[$0] }
            json.member("interval_ns", .nanoseconds(report.intervalNanoseconds))
            json.member("kernel", .text(report.kernel.isEmpty ? nil : report.kernel))
            json.member("since_boot", .flag(report.isSinceBoot))
            json.member(unknown, report.run.unknown.count) { report.run.unknown[$0] }
        }
    }

    /// Writes what checks say of themselves, and the end of its line.
    public static func write(_ texts: [CheckText], to output: inout ByteOutput) {
        output.json { json in
            json.member("schema", .text("irqscope.doctor.checks.v1"))
            json.member(checks, texts.count) { texts[$0] }
        }
    }

    private static let checks = Section<CheckText>(
        "checks", "",
        [
            .init("name") { .text($0.name) }, .init("title") { .text($0.title) },
            .init("meaning") { .text($0.meaning) }, .init("rule") { .text($0.rule) },
            .init("exceptions") { .text($0.exceptions) }, .init("reads") { .texts($0.reads) },
            .init("trust") { .text($0.trust) }, .init("origin") { .text($0.origin) },
        ])

    private static let findings = Section<DoctorFinding>(
        "findings", "",
        [
            .init("check") { .text($0.check) }, .init("severity") { .text($0.severity.rawValue) },
            .init("subject") { .text($0.subject) }, .init("evidence") { .text($0.evidence) },
            .init("why") { .text($0.why) }, .init("next") { .texts($0.next) }, .init("undo") { .text($0.undo) },
            .init("cause") { .text($0.cause) }, .init("trust") { .text($0.trust) },
            .init("sources") { .texts($0.sources) }, .init("cpus") { .text($0.cpus.isEmpty ? nil : $0.cpus.list) },
            .init("device") { .text($0.device) },
        ])

    private static let unknown = Section<(check: String, reason: String)>(
        "unknown", "", [.init("check") { .text($0.check) }, .init("reason") { .text($0.reason) }])
}
