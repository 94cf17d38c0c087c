internal import IRQCore

/// A monitoring plugin's output: one line, perfdata, and the rest on further lines.
public enum AlertNagios {
    private static let findingLimit = 10

    /// The text.
    public static func text(_ report: AlertReport) -> String {
        let active = report.active
        let worst = active.first.map { "\($0.key.verdict.name): " + AlertSentence($0, clock: report.clock).what }
        let problem = report.isUnknown ? report.problems.first : nil
        var line = "IRQSCOPE \(report.statusName) - "
        line += plain(worst ?? problem.map { SafeText.escaped($0) } ?? report.calm)
        if active.count > 1 { line += ", and \(active.count - 1) more" }
        line += " | " + perfdata(report) + "\n"
        for finding in active.prefix(findingLimit) {
            line +=
                plain("\(finding.level.name) \(finding.key.verdict.name): ")
                + plain(AlertSentence(finding, clock: report.clock).line) + "\n"
        }
        for problem in report.problems.prefix(findingLimit) { line += plain(SafeText.escaped(problem)) + "\n" }
        return line
    }

    /// A bar begins perfdata: it must not come from a name.
    private static func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "|" ? "/" : $0 }))
    }

    /// Labels are the program's own words and numbers: no name can get into them.
    private static func perfdata(_ report: AlertReport) -> String {
        var parts: [String] = []
        if let rate = report.devicePerSecond { parts.append("'interrupts'=\(number(rate));;;0;") }
        if let busiest = report.busiest {
            parts.append(
                "'busiest_rate'=\(number(busiest.perSecond));\(number(report.rates.warn));\(number(report.rates.crit));0;"
            )
        }
        for verdict in Verdict.allCases {
            // U is a value that could not be determined, by the guidelines for plugins.
            let count = report.count(verdict).map { "\($0)" } ?? "U"
            parts.append("'\(verdict.name)'=\(count);;;0;")
        }
        var seen: Set<Int> = []
        for finding in report.active.prefix(findingLimit) where finding.key.verdict == .storm {
            guard let irq = finding.subject.irq, let rate = finding.evidence.perSecond, seen.insert(irq).inserted else {
                continue
            }
            let (warn, crit) = (finding.warn.map(number) ?? "", finding.crit.map(number) ?? "")
            parts.append("'irq\(irq)_rate'=\(number(rate));\(warn);\(crit);0;")
        }
        return parts.joined(separator: " ")
    }

    /// In the C locale, with one decimal below 100.
    public static func number(_ value: Double) -> String {
        Units.fixed(value, value < 100 && value != value.rounded() ? 1 : 0)
    }
}
