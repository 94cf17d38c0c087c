public import IRQCore

/// A comparison as text that a person can paste into a ticket: what got worse first.
public struct DiffText {
    private let comparison: Comparison
    private let style: Style
    private let width: Int?
    private let units: Units

    /// Creates the text of a comparison.
    ///
    /// - Parameter width: the columns of the terminal; nil if there is none, and all is shown.
    public init(_ comparison: Comparison, style: Style = Style(), width: Int? = nil) {
        (self.comparison, self.style, self.width) = (comparison, style, width)
        units = Units(isUnicode: style.isUnicode, isTime: comparison.a.allSatisfy(\.isClockNanoseconds))
    }

    /// Writes all lines.
    public func write(to output: inout ByteOutput) {
        output.put(head("A", comparison.a) + head("B", comparison.b))
        let rows = comparison.rows.filter {
            $0.a != nil && $0.b != nil && (!comparison.isOfCounts || Self.isShown($0))
        }
        let changed = rows.filter { $0.verdict == .differs }
        output.put("\n")
        if comparison.isOfCounts {
            put("Counts since each box was started; no difference is judged.", indent: 2, to: &output)
        } else if changed.isEmpty {
            put(DiffSentence.unchanged(rows), indent: 2, to: &output)
        } else {
            for row in changed { put(sentence(row), indent: 2, to: &output) }
        }
        if !rows.isEmpty {
            output.put("\n" + style.bold("Both") + "\n")
            let columns = comparison.isOfCounts ? DiffColumns.counts : DiffColumns.screen(units)
            TextTable(columns, units: units, style: style, width: width)
                .write(rows.count, to: &output, row: { rows[$0] })
        }
        write(comparison.new, "New: only in B", to: &output)
        write(comparison.gone, "Gone: only in A", to: &output)
        write(comparison.unrecordedInA, "\(comparison.unrecordedWord) in A: only in B", to: &output)
        write(comparison.unrecordedInB, "\(comparison.unrecordedWord) in B: only in A", to: &output)
        if !comparison.notes.isEmpty { output.put("\n") }
        for note in comparison.notes { put("note: " + SafeText.escaped(note), indent: 6, to: &output) }
    }

    private func put(_ sentence: String, indent: Int, to output: inout ByteOutput) {
        output.put(Paragraph.fitted(sentence, indent: indent, width: width) + "\n")
    }

    /// True if there is anything to see: of counts there are many that are 0.
    static func isShown(_ row: ComparedRow) -> Bool { (row.a?.calls ?? 0) > 0 || (row.b?.calls ?? 0) > 0 }

    private func write(_ all: [ComparedRow], _ title: String, to output: inout ByteOutput) {
        let rows = comparison.isOfCounts ? all.filter(Self.isShown) : all
        if rows.isEmpty { return }
        output.put("\n" + style.bold(title) + "\n")
        TextTable(DiffColumns.singleScreen, units: units, style: style, width: width)
            .write(rows.count, to: &output, row: { rows[$0] })
    }

    private func head(_ side: String, _ sources: [RecordingSource]) -> String {
        let names = sources.map { SafeText.escaped($0.file) }
        let shown = names.count > 4 ? names.prefix(3) + ["\(names.count - 3) more"] : names[...]
        let machines = Set(sources.compactMap(\.machine)).sorted().map(SafeText.escaped)
        let machine = machines.isEmpty ? "" : " (" + machines.joined(separator: ", ") + ")"
        return style.bold(side) + "  " + shown.joined(separator: " ") + machine + "\n"
    }

    /// "irq eth0: slower: p99 12.0 µs -> 40.1 µs (x3.34, z 8.1)".
    private func sentence(_ row: ComparedRow) -> String {
        let sentence = DiffSentence(row, units)
        let word = sentence.change.rawValue
        let kind =
            switch sentence.change {
            case .slower: style.alarm(word)
            case .faster: style.good(word)
            case .changed: word
            }
        let doubt = row.isUncertain ? "?" : ""
        // A line ends between values, and not between a number and its unit.
        let words = sentence.values.map { value in
            Paragraph.whole("\(value.name) \(value.before) -> \(value.after) (\(value.ratio), \(value.chance))")
        }
        return "\(SafeText.escaped(DiffColumns.label(row))): \(kind)\(doubt): " + words.joined(separator: ", ")
    }
}
