internal import IRQCore

/// The section on how far the numbers can be trusted.
struct PageTrust {
    let report: Report
    let units: Units
    /// False if rows were left out: then these do not tell what was recorded.
    let isWhole: Bool

    /// Writes the section.
    func write(to output: inout ByteOutput) {
        output.put("<h2 id=\"trust\">How far the numbers can be trusted</h2>\n<ul class=\"points\">\n")
        write(ReportQuality(report, style: Style(), width: nil), report, nil, to: &output)
        for part in report.parts {
            write(ReportQuality(part, of: report, style: Style(), width: nil), part, part.source.file, to: &output)
        }
        let sentences = report.deep.map { ReportText.clockSentences($0, units) + ReportText.tickSentences($0) }
        for sentence in sentences ?? [] {
            output.put("<li>\(PageText.escaped(sentence))</li>\n")
        }
        if report.parts.isEmpty, isWhole { output.put("<li>\(groups)</li>\n") }
        output.put("</ul>\n")
    }

    private func write(_ quality: ReportQuality, _ report: Report, _ file: String?, to output: inout ByteOutput) {
        let head = file.map { "<b><bdi>\(PageText.escaped($0))</bdi></b>: " } ?? ""
        item(head, quality.events, isGood: quality.isGood, to: &output)
        if let coverage = report.coverage {
            let (words, isGood, notes) = ReportCoverage.sentences(coverage, isUnicode: true)
            item(head + "traced ", words, isGood: isGood, to: &output)
            for note in notes { item(head, note, to: &output) }
        }
        for note in quality.notes { item(head, note, to: &output) }
    }

    private func item(_ head: String, _ words: String, isGood: Bool? = nil, to output: inout ByteOutput) {
        let style = isGood.map { $0 ? " class=\"good\"" : " class=\"bad\"" } ?? ""
        output.put("<li\(style)>\(head)\(PageText.escaped(words))</li>\n")
    }

    /// The groups of events that the recording has, and those that it lacks.
    private var groups: String {
        var (seen, unseen): ([String], [String]) = ([], [])
        for (kind, words) in Self.names {
            if report[kind].isEmpty { unseen.append(words) } else { seen.append(words) }
        }
        if report.deep == nil { unseen.append("the scheduler's") } else { seen.append("the scheduler's") }
        let head =
            seen.isEmpty ? "No event of interrupts is in it." : "Events in it: " + seen.joined(separator: ", ") + "."
        return unseen.isEmpty ? head : head + " Not recorded, or none came: " + unseen.joined(separator: ", ") + "."
    }

    private static let names: [(RowKind, String)] = [
        (.irq, "interrupt handlers"), (.softirq, "softirqs"), (.tasklet, "tasklets"), (.vector, "x86 vectors"),
        (.work, "work items"),
    ]
}
