internal import IRQCore

/// The section of what matters, in words, each with a link to where it can be seen.
struct PageFindings {
    let report: Report
    let units: Units
    /// False if rows were left out: then the shares of CPUs are not those of all interrupts.
    let isWhole: Bool

    /// The facts that are told where few findings are.
    private static let factLimit = 3

    /// Writes the section.
    func write(to output: inout ByteOutput) {
        let findings = report.findings(isWhole: isWhole, limit: Self.limit)
        let sentence = FindingSentence(report: report, units: units)
        output.put("<h2 id=\"findings\">What matters</h2>\n<ul class=\"points\">\n")
        if findings.isEmpty {
            output.put("<li>\(report.parts.isEmpty ? "Nothing is above the limits of a finding." : several)</li>\n")
        }
        for finding in findings { item(sentence.words(finding), evidence(finding), to: &output) }
        let isLongTold = findings.contains { if case .longHandler = $0 { true } else { false } }
        if findings.count < Self.factLimit {
            let facts = facts(tellsLongest: !isLongTold)
            for (words, link) in facts.prefix(Self.factLimit - findings.count) { item(words, link, to: &output) }
        }
        output.put("</ul>\n")
    }

    private static let limit = 5
    private var several: String { "Findings are told of one recording at a time." }

    private func item(_ words: String, _ link: String?, to output: inout ByteOutput) {
        let words = PageText.escaped(words)
        output.put(
            "<li>" + (link.map { "\(words) <a class=\"see\" href=\"#\($0)\">Where it is seen</a>" } ?? words)
                + "</li>\n")
    }

    // MARK: Evidence

    private func evidence(_ finding: Finding) -> String? {
        switch finding {
        case .lost: "trust"
        case .storm(let storm): heat(storm.row, .duration) ?? PageRows.id(storm.row, in: report)
        case .unclaimed(let irq, _, _, let buffer):
            report.rows.first { $0.kind == .irq && $0.number == irq && $0.buffer == buffer }.flatMap {
                PageRows.id($0.key, in: report)
            }
        case .lateWake(let late): moment { $0 == .wake(name: late.name, pid: late.pid) } ?? "tasks"
        case .busyCPU(let cpu, _, let row, _, _):
            report.timeline?.lanes.contains { $0.cpus == [cpu] } ?? false
                ? "cpu-\(cpu)" : PageRows.id(row, in: report)
        case .longHandler(let row):
            moment { PageKey(row.key).isOf($0, .duration) } ?? PageRows.id(row.key, in: report)
        }
    }

    private func heat(_ row: RowKey, _ measure: Measure) -> String? {
        let maps = report.timeline?.heatMaps.filter { !$0.cells.isEmpty } ?? []
        return maps.firstIndex { PageKey(row).isOf($0.subject, measure) }.map { "heat-\($0)" }
    }

    private func moment(_ isWanted: (HeatMap.Subject) -> Bool) -> String? {
        report.timeline?.moments.firstIndex { isWanted($0.subject) }.map { "moment-\($0)" }
    }

    // MARK: Facts

    /// The facts worth knowing of a recording without remarkable facts: the busiest row, the longest handler, the longest wait.
    private func facts(tellsLongest: Bool) -> [(words: String, link: String?)] {
        guard units.isTime else { return [] }
        var facts: [(String, String?)] = []
        if let busiest = report.rows.filter({ $0.kind.traits.loadTitle != nil }).max(by: {
            $0.duration.totalNanoseconds < $1.duration.totalNanoseconds
        }), busiest.duration.count > 0 {
            let words =
                "\(RowLabel.words(busiest.key, in: report)) took most time: \(units.duration(busiest.duration.totalNanoseconds)) in "
                + "\(PageSubject.finished(busiest.duration.count, of: busiest.calls, ("call", "calls")))."
            facts.append((words, heat(busiest.key, .duration) ?? PageRows.id(busiest.key, in: report)))
        }
        if tellsLongest, let longest = longest(of: .irq, .duration) {
            let words =
                "The longest call of a handler took \(units.duration(longest.duration.maximumNanoseconds)): "
                + "\(RowLabel.words(longest.key, in: report))."
            facts.append((words, PageRows.id(longest.key, in: report)))
        }
        if let longest = longest(of: .softirq, .raiseLatency) {
            let words =
                "The longest wait of a softirq took "
                + "\(units.duration(longest[.raiseLatency].maximumNanoseconds)): \(RowLabel.words(longest.key, in: report))."
            facts.append((words, heat(longest.key, .raiseLatency) ?? PageRows.id(longest.key, in: report)))
        }
        return facts
    }

    private func longest(of kind: RowKind, _ measure: Measure) -> ReportRow? {
        report.rows.filter { $0.kind == kind && $0[measure].count > 0 }.max {
            ($0[measure].maximumNanoseconds ?? 0) < ($1[measure].maximumNanoseconds ?? 0)
        }
    }
}
