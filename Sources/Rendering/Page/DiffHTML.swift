public import IRQCore

/// A comparison as one page that loads nothing.
public struct DiffHTML {
    private let comparison: Comparison
    private let units: Units

    /// The rows that have a picture, those that got worse most.
    private static let pictureLimit = 60
    /// The bytes up to which the page grows by rows.
    private static let byteLimit = 1_700_000

    private init(_ comparison: Comparison) {
        self.comparison = comparison
        units = Units(isTime: comparison.a.allSatisfy(\.isClockNanoseconds))
    }

    /// Writes the page.
    public static func write(_ comparison: Comparison, to output: inout ByteOutput) {
        DiffHTML(comparison).write(to: &output)
    }

    private var both: [ComparedRow] {
        comparison.rows.filter { $0.a != nil && $0.b != nil && (!comparison.isOfCounts || DiffText.isShown($0)) }
    }

    private func write(to output: inout ByteOutput) {
        let both = both
        let changed = both.filter { $0.verdict == .differs }
        let document = PageDocument(title: "irqscope: \(names(comparison.a)) and \(names(comparison.b))")
        document.begin(to: &output)
        output.put("<h1>What changed</h1>\n<dl class=\"facts\">\n")
        head("A", "ka", comparison.a, to: &output)
        head("B", "kb", comparison.b, to: &output)
        output.put("</dl>\n<main>\n<h2 id=\"findings\">What differs</h2>\n<ul class=\"points\">\n")
        writeVerdicts(both, changed, to: &output)
        output.put("</ul>\n")
        if !comparison.notes.isEmpty {
            output.put("<h2 id=\"trust\">How far that can be trusted</h2>\n<ul class=\"points\">\n")
            for note in comparison.notes { output.put("<li>\(PageText.escaped(note))</li>\n") }
            output.put("</ul>\n")
        }
        if !comparison.isOfCounts {
            DiffPictures(units: units).write(changed, both, limit: Self.pictureLimit, to: &output)
        }
        output.put("<h2 id=\"rows\">All rows</h2>\n")
        write(
            both, "On both sides", comparison.isOfCounts ? DiffColumns.counts : DiffColumns.screen(units), to: &output)
        single(comparison.new, "New: only in B", to: &output)
        single(comparison.gone, "Gone: only in A", to: &output)
        single(comparison.unrecordedInA, "\(comparison.unrecordedWord) in A: only in B", id: "not-in-a", to: &output)
        single(comparison.unrecordedInB, "\(comparison.unrecordedWord) in B: only in A", id: "not-in-b", to: &output)
        output.put("</main>\n")
        document.end(hasScript: true, to: &output)
    }

    private func names(_ sources: [RecordingSource]) -> String {
        sources.count > 3 ? "\(sources.count) recordings" : sources.map(\.file).joined(separator: ", ")
    }

    private func head(_ side: String, _ style: String, _ sources: [RecordingSource], to output: inout ByteOutput) {
        let machines = Set(sources.compactMap(\.machine)).sorted().joined(separator: ", ")
        let files = sources.map(\.file).joined(separator: ", ")
        output.put("<dt><b class=\"\(style)\">\(side)</b></dt><dd><bdi>\(PageText.escaped(files))</bdi>")
        if !machines.isEmpty { output.put(" <span class=\"soft\"><bdi>\(PageText.escaped(machines))</bdi></span>") }
        output.put("</dd>\n")
    }

    // MARK: Words

    private func writeVerdicts(_ both: [ComparedRow], _ changed: [ComparedRow], to output: inout ByteOutput) {
        if comparison.isOfCounts {
            output.put("<li>Counts since each box was started: no difference is judged.</li>\n")
        } else if changed.isEmpty {
            output.put("<li>\(DiffSentence.unchanged(both))</li>\n")
        }
        for (place, row) in changed.enumerated() {
            let sentence = DiffSentence(row, units)
            let style = sentence.change == .slower ? "bad" : sentence.change == .faster ? "good" : "soft"
            let name = PageText.escaped(DiffColumns.label(row))
            let label =
                place < Self.pictureLimit ? "<a href=\"#diff-\(place)\"><bdi>\(name)</bdi></a>" : "<bdi>\(name)</bdi>"
            output.put(
                "<li>\(label): <b class=\"\(style)\">\(sentence.change.rawValue)\(row.isUncertain ? "?" : "")</b>")
            for value in sentence.values {
                output.put(
                    "<br>\(value.name) from \(value.before) to \(value.after), \(value.ratio) <span class=\"soft small\">("
                        + "\(value.explanation))</span>")
            }
            output.put("</li>\n")
        }
        let (new, gone) = (comparison.new.count, comparison.gone.count)
        if new > 0 { output.put("<li>\(PageText.count(UInt64(new), "row is", "rows are")) new in B.</li>\n") }
        if gone > 0 { output.put("<li>\(PageText.count(UInt64(gone), "row is", "rows are")) gone from A.</li>\n") }
        for (rows, side) in [(comparison.unrecordedInA, "A"), (comparison.unrecordedInB, "B")] where !rows.isEmpty {
            let what = comparison.isOfCounts ? "counts" : "events"
            let are = PageText.count(UInt64(rows.count), "row is", "rows are")
            output.put("<li>\(are) of kinds of which \(side) has no \(what).</li>\n")
        }
    }

    // MARK: Tables

    private func single(_ rows: [ComparedRow], _ title: String, id: String? = nil, to output: inout ByteOutput) {
        write(
            comparison.isOfCounts ? rows.filter(DiffText.isShown) : rows, title, DiffColumns.singleScreen, id: id,
            to: &output)
    }

    private func write(
        _ rows: [ComparedRow], _ title: String, _ columns: Columns<ComparedRow>, id: String? = nil,
        to output: inout ByteOutput
    ) {
        if rows.isEmpty { return }
        output.put("<h3>\(title)</h3>\n")
        let prefix = id ?? title.prefix { $0 != ":" && $0 != " " }.lowercased()
        var place = -1
        let shown = PageTable(columns, units: units).write(
            rows, name: title, byteLimit: Self.byteLimit / 3,
            id: { _ in
                place += 1
                return "\(prefix)-\(place)"
            }, to: &output)
        if shown < rows.count {
            output.put(
                "<p>\(Units.count(UInt64(rows.count - shown))) more rows are left out, for a page stays small: --filter and --irq "
                    + "choose others, and --format csv has all.</p>\n")
        }
    }
}
