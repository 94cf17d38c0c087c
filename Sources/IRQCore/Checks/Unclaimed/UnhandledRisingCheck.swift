/// Interrupts that no handler claims, more and more of them. The verdict is that of `alert` (`UnhandledCheck`).
enum UnhandledRisingCheck: DoctorCheck {
    static let about = CheckText(
        "unhandled-rising", title: "interrupts that no handler claims",
        meaning: """
            Each driver on a line says whether an interrupt was its own. Where none does so for 99,900 of 100,000 in a row, the \
            kernel switches the line off, and all devices on it stop or become slow.
            """,
        reads: ["proc/irq/N/spurious"],
        rule: """
            the unhandled verdict of irqscope alert: a tenth or more of the interrupts, 10 a second or a tenth of the kernel's \
            limit: a warning; half of the limit used up, or the limit near: critical
            """,
        exceptions: """
            a number that stands still. A handler that goes on in a thread is judged one interrupt later: some of a fast line \
            count as unhandled and are not.
            """,
        trust: "the kernel counts only while something is unhandled: it is not the number of all",
        origin: "kernel/irq/spurious.c")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        for verdict in box.verdicts(.unhandled) where !verdict.evidence.isDisabled {
            guard let irq = verdict.subject.irq, let line = box.line(irq), let severity = DoctorSeverity(verdict.level)
            else { continue }
            findings.append(finding(verdict, line, severity, isTimed: box.isIntervalKnown))
        }
        findings = findings.most("interrupts")
        let unknown = box.lines.filter { $0.details.spurious == nil && $0.delta > 0 && $0.mobility != .perCPU }
        if let first = unknown.first { _ = try box.require("proc/irq/\(first.irq)/spurious") }
        if box.isSinceBoot, let line = box.lines.first(where: { ($0.details.spurious?.unhandled ?? 0) > 0 }) {
            throw Unjudged("one sample does not tell whether the unhandled interrupts of irq \(line.irq) go on")
        }
    }

    private static func finding(
        _ verdict: AlertFinding, _ line: ExaminedLine, _ severity: DoctorSeverity, isTimed: Bool
    ) -> DoctorFinding {
        let seen = verdict.evidence
        var parts: [String] = []
        if let now = line.details.spurious {
            parts.append("\(Units.rate(Double(now.unhandled))) unhandled of \(Units.rate(Double(now.count)))")
        }
        if isTimed, let rate = seen.perSecond, rate > 0 { parts.append("\(Units.rate(rate))/s") }
        if isTimed, let seconds = seen.secondsToLimit {
            parts.append("\(Units.fixed(min(seconds, 1e9), 0)) s to the kernel's limit")
        } else if let left = seen.unhandledLeft {
            parts.append("\(Units.count(left)) to the kernel's limit")
        }
        var finding = DoctorFinding(
            severity, "irq \(line.irq)", "\(line.title): " + parts.joined(separator: ", "),
            why: "a device raises the line and its driver does not know of it; "
                + (seen.unhandledLeft == nil
                    ? "the kernel leaves the line on while one in a thousand is claimed"
                    : "the kernel will switch the line off"),
            next: [
                "irqscope list --irq \(line.irq)",
                "# which device of this line was added last, or got another driver or firmware?",
            ])
        (finding.weight, finding.lines) = (seen.perSecond ?? 0, [line.irq])
        finding.cpus = CPUSet(line.busiest.map { [$0.cpu] } ?? [])
        return finding
    }
}
