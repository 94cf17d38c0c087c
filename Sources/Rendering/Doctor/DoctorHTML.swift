internal import IRQCore

/// Findings as one page that loads nothing: for a ticket, a colleague, a printer.
public enum DoctorHTML {
    /// The page.
    public static func text(_ report: DoctorReport) -> String {
        let run = report.run
        let title = "irqscope doctor" + (report.host.isEmpty ? "" : ": \(report.host)")
        var body = "<h1>\(escaped(title))</h1>\n<p>\(escaped(facts(report)))</p>\n"
        if run.findings.isEmpty { body += "<p class=\"calm\">\(run.checkedCount) checks, nothing found.</p>\n" }
        for finding in run.findings { body += section(finding) }
        if !run.unknown.isEmpty {
            body += "<h2>Could not be judged</h2>\n<table><tr><th>check</th><th>reason</th></tr>\n"
            for (check, reason) in run.unknown {
                body += "<tr><td>\(escaped(check))</td><td>\(escaped(reason))</td></tr>\n"
            }
            body += "</table>\n"
        }
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(escaped(title))</title>
            <style>
            \(style)</style></head>
            <body>
            \(body)</body></html>

            """
    }

    private static func facts(_ report: DoctorReport) -> String {
        var parts: [String] = []
        if !report.kernel.isEmpty { parts.append("Linux \(report.kernel)") }
        parts.append("\(report.cpuCount) CPU\(report.cpuCount == 1 ? "" : "s")")
        let interval = Units().duration(report.intervalNanoseconds)
        parts.append(report.isSinceBoot ? "one sample: rates are means since boot" : "two samples, \(interval) apart")
        if !report.counts.isEmpty { parts.append(report.counts) }
        return parts.joined(separator: ", ")
    }

    private static func section(_ finding: DoctorFinding) -> String {
        var text = "<section class=\"\(finding.severity.rawValue)\">\n"
        text += "<h2><b>\(finding.severity.rawValue.uppercased())</b> \(escaped(finding.check))</h2>\n"
        text += "<p>\(escaped(finding.evidence))"
        if let cause = finding.cause { text += " <i>caused by \(escaped(cause))</i>" }
        text += "</p>\n"
        if !finding.why.isEmpty { text += "<p>\(escaped(finding.why))</p>\n" }
        let commands = finding.next + (finding.undo.map { ["# undo", $0] } ?? [])
        if !commands.isEmpty { text += "<pre>\(commands.map { escaped($0) }.joined(separator: "\n"))</pre>\n" }
        if !finding.trust.isEmpty { text += "<p class=\"small\">\(escaped(finding.trust))</p>\n" }
        text += "<p class=\"small\">\(escaped(finding.sources.joined(separator: ", ")))</p>\n</section>\n"
        return text
    }

    private static let style = """
        :root{color-scheme:light dark;--line:#c9ced6;--crit:#b3001b;--warn:#9a5b00;--note:#3a5a85;--code:#f2f4f7}
        @media (prefers-color-scheme:dark){:root{--line:#3d444d;--crit:#ff7b72;--warn:#e3b341;--note:#79c0ff;--code:#1b2027}}
        body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.4rem}h2{font-size:1.05rem;margin:0}
        section{border:1px solid var(--line);border-left-width:6px;border-radius:4px;padding:.8rem 1rem;margin:1rem 0}
        section.crit{border-left-color:var(--crit)}section.warn{border-left-color:var(--warn)}
        section.note{border-left-color:var(--note)}
        section.crit b{color:var(--crit)}section.warn b{color:var(--warn)}section.note b{color:var(--note)}
        p{margin:.4rem 0;overflow-wrap:anywhere}.small{font-size:.85rem;opacity:.8}
        pre{background:var(--code);padding:.6rem;overflow-x:auto;margin:.5rem 0}
        table{border-collapse:collapse}td,th{border:1px solid var(--line);padding:.2rem .6rem;text-align:left;vertical-align:top}
        @media print{body{margin:0;max-width:none}section{break-inside:avoid}pre{white-space:pre-wrap}}

        """

    /// Text as it may stand in a page: what a browser or a terminal could take amiss is escaped.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in SafeText.escaped(text).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
