internal import IRQCore

/// Findings as lines for people: for a mail of cron, the journal, a terminal.
public enum AlertText {
    /// More findings are counted only.
    public static let findingLimit = 20

    /// The text.
    ///
    /// - Parameters:
    ///   - always: say something when all is well too.
    ///   - changesOnly: leave out what was told before.
    ///   - hasPriority: begin lines with the journal's priorities (sd-daemon(3)).
    public static func text(
        _ report: AlertReport, always: Bool, changesOnly: Bool, hasPriority: Bool, style: Style = Style()
    ) -> String {
        let told = report.findings.filter { !changesOnly || $0.isChange }
        var text = ""
        for finding in told.prefix(findingLimit) {
            let head = "\(finding.level.name) \(finding.key.verdict.name): "
            let dressed =
                finding.level == .ok
                ? style.good(head) : finding.level == .critical ? style.alarm(head) : style.bold(head)
            let line = AlertSentence(finding, clock: report.clock).line
            text += (hasPriority ? priority(finding.level) : "") + dressed + line + "\n"
        }
        if told.count > findingLimit {
            text += (hasPriority ? "<4>" : "") + "and \(told.count - findingLimit) more; --format json has all\n"
        }
        if always {
            for note in report.notes { text += (hasPriority ? "<6>" : "") + "INFO: \(note)\n" }
        }
        if report.exitStatus == 0, always {
            text += (hasPriority ? "<6>" : "") + style.good("OK: ") + report.calm + "\n"
        }
        return text
    }

    /// `<2>` critical, `<4>` warning, `<5>` notice: that something is over matters as much as that it began.
    static func priority(_ level: AlertLevel) -> String {
        switch level {
        case .ok: "<5>"
        case .warning: "<4>"
        case .critical: "<2>"
        }
    }
}
