internal import IRQCore

/// Findings as one page that loads nothing: for a ticket, a colleague, a printer.
public enum DoctorHTML {
    /// Writes the page.
    public static func write(_ report: DoctorReport, to output: inout ByteOutput) {
        let run = report.run
        let title = "irqscope doctor" + (report.host.isEmpty ? "" : ": \(report.host)")
        let document = PageDocument(title: title)
        document.begin(to: &output)
        output.put("<main>\n<h1>\(PageText.escaped(title))</h1>\n<p>\(PageText.escaped(facts(report)))</p>\n")
        output.put(verdicts(run))
        if run.findings.isEmpty { output.put("<p>\(run.checkedCount) checks, nothing found.</p>\n") }
        for finding in run.findings { output.put(section(finding)) }
        if !run.unknown.isEmpty {
            output.put("<h2>Could not be judged</h2>\n<div class=\"scroll\"><table><thead><tr>")
            output.put("<th class=\"l\">CHECK</th><th class=\"l\">REASON</th></tr></thead><tbody>\n")
            for (check, reason) in run.unknown {
                output.put("<tr><td class=\"l\">\(PageText.escaped(check))</td>")
                output.put("<td class=\"l wrap\">\(PageText.escaped(reason))</td></tr>\n")
            }
            output.put("</tbody></table></div>\n")
        }
        output.put("</main>\n")
        document.end(hasScript: false, to: &output)
    }

    /// A bar of all checks by what they said, the worst first, with the same in words.
    private static func verdicts(_ run: DoctorRun) -> String {
        var worst: [String: DoctorSeverity] = [:]
        for finding in run.findings {
            worst[finding.check] = max(worst[finding.check] ?? finding.severity, finding.severity)
        }
        func count(_ severity: DoctorSeverity) -> Int { worst.values.count { $0 == severity } }
        // A check that found something may have left something open as well.
        let open = Set(run.unknown.map(\.check))
        let parts = [
            (count(.crit), "crit", "critical"), (count(.warn), "warn", "with a warning"),
            (count(.note), "note", "with a note"),
            (open.count { worst[$0] == nil }, "open", "could not be judged"),
            (max(run.checkedCount - worst.keys.count { !open.contains($0) }, 0), "fine", "found nothing"),
        ].filter { $0.0 > 0 }
        let words = "Checks: " + parts.map { "\($0.0) \($0.2)" }.joined(separator: ", ")
        var text = PagePlot.svg(
            Double(max(parts.reduce(0) { $0 + $1.0 }, 1)), 1, label: words, attributes: " class=\"verdicts\"")
        var place = 0
        for (count, style, title) in parts {
            text +=
                "<rect class=\"v-\(style)\" x=\"\(place)\" width=\"\(count)\" height=\"1\"><title>\(count) \(title)</title></rect>"
            place += count
        }
        return "<figure>\(text)</svg><figcaption>\(words)</figcaption></figure>\n"
    }

    private static func facts(_ report: DoctorReport) -> String {
        var parts: [String] = []
        if !report.kernel.isEmpty { parts.append("Linux \(report.kernel)") }
        parts.append("\(report.cpuCount) CPU\(report.cpuCount == 1 ? "" : "s")")
        parts.append(report.span(Units()))
        if !report.counts.isEmpty { parts.append(report.counts) }
        return parts.joined(separator: ", ")
    }

    private static func section(_ finding: DoctorFinding) -> String {
        let escaped = PageText.escaped
        var text = "<section class=\"find \(finding.severity.rawValue)\">\n"
        text += "<h2><b>\(finding.severity.rawValue.uppercased())</b> \(escaped(finding.check))</h2>\n"
        text += "<p>\(escaped(finding.evidence))"
        if let cause = finding.cause { text += " <i>caused by \(escaped(cause))</i>" }
        text += "</p>\n"
        if !finding.why.isEmpty { text += "<p>\(escaped(finding.why))</p>\n" }
        let commands = finding.next + (finding.undo.map { ["# undo", $0] } ?? [])
        if !commands.isEmpty { text += "<pre>\(commands.map { escaped($0) }.joined(separator: "\n"))</pre>\n" }
        if !finding.trust.isEmpty { text += "<p class=\"small soft\">Trust: \(escaped(finding.trust))</p>\n" }
        text += "<p class=\"small soft\">From: \(escaped(finding.sources.joined(separator: ", ")))</p>\n</section>\n"
        return text
    }
}
