public import IRQCore

/// Findings for people: facts first, a block each.
public enum DoctorText {
    /// The text.
    ///
    /// - Parameters:
    ///   - isVerbose: whether each finding's trust and files are told, and the reasons of what is unknown.
    ///   - style: how words are dressed.
    ///   - units: how durations are written.
    public static func text(
        _ report: DoctorReport, isVerbose: Bool, style: Style = Style(), units: Units = Units()
    ) -> String {
        let run = report.run
        let isCalm = run.findings.allSatisfy { $0.isBackground }
        if run.findings.isEmpty || isCalm && !isVerbose { return calm(report, isVerbose: isVerbose, style) }
        var text = head(report, style, units)
        for finding in run.findings { text += block(finding, isVerbose: isVerbose, style) }
        text += unknown(report, isVerbose: isVerbose, style)
        return text
    }

    private static func calm(_ report: DoctorReport, isVerbose: Bool, _ style: Style) -> String {
        let count = report.run.checkedCount
        var line = style.good("\(count) check\(count == 1 ? "" : "s"), nothing found")
        let facts = report.run.findings.map(\.check)
        if !facts.isEmpty {
            line += ", \(facts.count) note\(facts.count == 1 ? "" : "s") (\(facts.joined(separator: ", ")); -v tells)"
        }
        if !report.run.unknown.isEmpty {
            line += ", \(report.run.unknown.count) unknown"
            if !isVerbose { line += " (\(reasons(report)))" }
        }
        return line + "\n" + (isVerbose ? unknown(report, isVerbose: true, style) : "")
    }

    private static func head(_ report: DoctorReport, _ style: Style, _ units: Units) -> String {
        var parts: [String] = []
        if !report.host.isEmpty { parts.append(SafeText.escaped(report.host)) }
        if !report.kernel.isEmpty { parts.append("Linux " + SafeText.escaped(report.kernel)) }
        parts.append("\(report.cpuCount) CPU\(report.cpuCount == 1 ? "" : "s")")
        let interval = units.duration(report.intervalNanoseconds)
        parts.append(report.isSinceBoot ? "one sample: rates are means since boot" : interval)
        return style.bold("irqscope doctor: " + parts.joined(separator: ", ")) + "     \(report.counts)\n"
    }

    private static func block(_ finding: DoctorFinding, isVerbose: Bool, _ style: Style) -> String {
        let word = finding.severity.rawValue.uppercased()
        let dressed =
            switch finding.severity {
            case .crit: style.alarm(word)
            case .warn: style.bold(word)
            case .note: word
            }
        let name = finding.check + String(repeating: " ", count: max(1, 20 - finding.check.utf8.count))
        var line = "\(dressed) \(name)" + SafeText.escaped(finding.evidence)
        if let cause = finding.cause { line += "   caused by \(cause)" }
        var text = line + "\n"
        if !finding.why.isEmpty { text += row("why", SafeText.escaped(finding.why)) }
        for (index, command) in finding.next.enumerated() {
            text += row(index == 0 ? "next" : "", SafeText.escaped(command))
        }
        if let undo = finding.undo { text += row("undo", SafeText.escaped(undo)) }
        if isVerbose {
            if !finding.trust.isEmpty { text += row("trust", SafeText.escaped(finding.trust)) }
            text += row("from", finding.sources.map { SafeText.escaped($0) }.joined(separator: ", "))
        }
        return text
    }

    private static func row(_ word: String, _ text: String) -> String {
        "  " + word + String(repeating: " ", count: max(1, 7 - word.utf8.count)) + text + "\n"
    }

    private static func unknown(_ report: DoctorReport, isVerbose: Bool, _ style: Style) -> String {
        guard !report.run.unknown.isEmpty else { return "" }
        if !isVerbose { return "\(report.run.unknown.count) unknown: \(reasons(report)); -v lists them\n" }
        return report.run.unknown.map { "unknown  \($0.check): \(SafeText.escaped($0.reason))\n" }.joined()
    }

    /// The names of what is unknown, by reason: the most frequent first.
    private static func reasons(_ report: DoctorReport) -> String {
        var names: [String: [String]] = [:]
        for (check, reason) in report.run.unknown { names[reason, default: []].append(check) }
        let sorted = names.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        let shown = sorted.prefix(3).map { reason, checks in
            checks.prefix(4).joined(separator: ", ") + (checks.count > 4 ? " and \(checks.count - 4) more" : "")
                + ": " + SafeText.escaped(reason)
        }
        return shown.joined(separator: "; ") + (sorted.count > 3 ? "; …" : "")
    }

    /// The words of `--explain`.
    public static func explanation(_ about: CheckText, style: Style = Style()) -> String {
        var text = style.bold(about.name) + ": " + about.title + "\n\n" + wrapped(about.meaning) + "\n"
        text += part("judged by", about.rule)
        if !about.exceptions.isEmpty { text += part("not when", about.exceptions) }
        text += part("reads", about.reads.joined(separator: ", "))
        text += part("trust", about.trust)
        if !about.origin.isEmpty { text += part("from", about.origin) }
        return text
    }

    private static func part(_ word: String, _ text: String) -> String {
        wrapped(word + String(repeating: " ", count: max(1, 11 - word.utf8.count)) + text, indent: 11)
    }

    private static func wrapped(_ text: String, indent: Int = 0, width: Int = 100) -> String {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = String(repeating: " ", count: indent) + word
            } else {
                line += (line.isEmpty && lines.isEmpty && line == "" ? "" : " ") + word
            }
        }
        lines.append(line)
        return lines.joined(separator: "\n") + "\n"
    }
}
