public import IRQCore

/// Findings for people: facts first, a block each.
public enum DoctorText {
    /// The text.
    ///
    /// - Parameters:
    ///   - isVerbose: whether each finding's trust and files are told, and the reasons of what is unknown.
    ///   - style: how words are dressed.
    ///   - units: how durations are written.
    ///   - width: the columns for sentences, while commands stay as they are; nil if lines may be long.
    public static func text(
        _ report: DoctorReport, isVerbose: Bool, style: Style = Style(), units: Units = Units(), width: Int? = nil
    ) -> String {
        let run = report.run
        let isCalm = run.findings.allSatisfy { $0.isBackground }
        let short =
            report.isQuick
            ? Paragraph.fitted(
                "2 s are short: irqbalance moves every 10 s, and slow rates are not seen; leave out --quick for those",
                indent: 0, width: width) + "\n" : ""
        if run.findings.isEmpty || isCalm && !isVerbose {
            return calm(report, isVerbose: isVerbose, style, width) + short
        }
        var text = head(report, style, units)
        for finding in run.findings { text += block(finding, isVerbose: isVerbose, style, width) }
        text += unknown(report, isVerbose: isVerbose, width)
        return text + short
    }

    /// The blanks before further lines of a sentence.
    private static let indent = 9

    private static func calm(_ report: DoctorReport, isVerbose: Bool, _ style: Style, _ width: Int?) -> String {
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
        return Paragraph.fitted(line, indent: indent, width: width) + "\n"
            + (isVerbose ? unknown(report, isVerbose: true, width) : "")
    }

    private static func head(_ report: DoctorReport, _ style: Style, _ units: Units) -> String {
        var parts: [String] = []
        if !report.host.isEmpty { parts.append(SafeText.escaped(report.host)) }
        if !report.kernel.isEmpty { parts.append("Linux " + SafeText.escaped(report.kernel)) }
        parts.append("\(report.cpuCount) CPU\(report.cpuCount == 1 ? "" : "s")")
        let interval = report.isSinceBoot ? nil : report.intervalNanoseconds.map { units.duration($0) }
        parts.append(interval ?? report.span(units))
        return style.bold("irqscope doctor: " + parts.joined(separator: ", ")) + "     \(report.counts)\n"
    }

    private static func block(
        _ finding: DoctorFinding, isVerbose: Bool, _ style: Style, _ width: Int?
    ) -> String {
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
        func sentence(_ word: String, _ text: String) -> String {
            Paragraph.fitted(row(word, SafeText.escaped(text)), indent: indent, width: width) + "\n"
        }
        var text = Paragraph.fitted(line, indent: indent, width: width) + "\n"
        if !finding.why.isEmpty { text += sentence("why", finding.why) }
        for (index, command) in finding.next.enumerated() {
            text += row(index == 0 ? "next" : "", SafeText.escaped(command)) + "\n"
        }
        if let undo = finding.undo { text += row("undo", SafeText.escaped(undo)) + "\n" }
        if isVerbose {
            if !finding.trust.isEmpty { text += sentence("trust", finding.trust) }
            text += sentence("from", finding.sources.joined(separator: ", "))
        }
        return text
    }

    private static func row(_ word: String, _ text: String) -> String {
        "  " + word + String(repeating: " ", count: max(1, indent - 2 - word.utf8.count)) + text
    }

    private static func unknown(_ report: DoctorReport, isVerbose: Bool, _ width: Int?) -> String {
        guard !report.run.unknown.isEmpty else { return "" }
        let lines =
            isVerbose
            ? report.run.unknown.map { "unknown  \($0.check): \(SafeText.escaped($0.reason))" }
            : ["\(report.run.unknown.count) unknown: \(reasons(report)); -v lists them"]
        return lines.map { Paragraph.fitted($0, indent: indent, width: width) + "\n" }.joined()
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
    ///
    /// - Parameter width: the columns; nil for those that read well.
    public static func explanation(_ about: CheckText, style: Style = Style(), width: Int? = nil) -> String {
        let width = min(width ?? 100, 100)
        func part(_ word: String, _ text: String) -> String {
            let head = word + String(repeating: " ", count: max(1, 11 - word.utf8.count))
            return Paragraph.fitted(head + text, indent: 11, width: width) + "\n"
        }
        let title = style.bold(about.name) + ": " + about.title
        var text = Paragraph.fitted(title, indent: 2, width: width) + "\n\n"
        text += Paragraph.fitted(about.meaning, indent: 0, width: width) + "\n\n"
        text += part("judged by", about.rule)
        if !about.exceptions.isEmpty { text += part("not when", about.exceptions) }
        text += part("reads", about.reads.joined(separator: ", "))
        text += part("trust", about.trust)
        if !about.origin.isEmpty { text += part("from", about.origin) }
        return text
    }
}
