internal import IRQCore

/// A monitoring plugin's output: one line, perfdata, and the rest on further lines.
public enum DoctorNagios {
    private static let findingLimit = 10

    /// The text.
    public static func text(_ report: DoctorReport) -> String {
        let run = report.run
        let told = run.findings.filter { $0.severity > .note }
        let word = run.count(.crit) > 0 ? "CRITICAL" : run.count(.warn) > 0 ? "WARNING" : "OK"
        var line = "IRQSCOPE \(word) - "
        if let first = told.first {
            line += plain("\(first.check): \(first.evidence)")
            if told.count > 1 { line += ", and \(told.count - 1) more" }
        } else {
            line += "\(run.checkedCount) checks, nothing above a note"
        }
        line += " | 'crit'=\(run.count(.crit));;;0; 'warn'=\(run.count(.warn));;;0; 'note'=\(run.count(.note));;;0;"
        line += " 'unknown'=\(run.unknown.count);;;0; 'checked'=\(run.checkedCount);;;0;\n"
        for finding in told.prefix(findingLimit) {
            line += plain("\(finding.severity.rawValue) \(finding.check): \(finding.evidence)")
            line +=
                finding.cause.map { " (caused by \($0))" } ?? finding.next.first.map { plain("; next: \($0)") } ?? ""
            line += "\n"
        }
        return line
    }

    /// A bar begins perfdata: it must not come from a name.
    private static func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(SafeText.escaped(text).unicodeScalars.map { $0 == "|" ? "/" : $0 }))
    }
}
