internal import IRQCore

/// A table as text: cells lined up in columns, each line indented by two blanks and without blanks at its end.
struct TextTable<Row> {
    private let columns: [Column<Row>]
    private let units: Units
    private let style: Style
    private let width: Int?
    private let hasTitle: Bool

    /// So many rows are kept as text after they were measured; the others are made once more.
    private static var keptCount: Int { 1024 }

    /// A table.
    ///
    /// - Parameter width: the columns of the output; dispensable ones of the table are left out until the lines fit.
    init(_ columns: Columns<Row>, units: Units, style: Style = Style(), width: Int? = nil, hasTitle: Bool = true) {
        self.columns = columns.list.filter { $0.heading != nil }
        (self.units, self.style, self.width, self.hasTitle) = (units, style, width, hasTitle)
    }

    /// Writes the title line, then the rows.
    ///
    /// - Parameters:
    ///   - row: makes a row; asked for it once or twice.
    ///   - below: writes what belongs under a row.
    func write(
        _ rowCount: Int, to output: inout ByteOutput, row: (Int) -> Row,
        below: (Row, inout ByteOutput) -> Void = { _, _ in }
    ) {
        let titles = columns.map { $0.heading?.title ?? "" }
        var widths = titles.map(\.count)
        var isEmpty = columns.map { $0.heading?.isOptional ?? false }
        var kept: [[String]] = []
        for index in 0..<rowCount {
            let row = row(index)
            let texts = texts(row)
            for (column, text) in texts.enumerated() {
                widths[column] = max(widths[column], text.count)
                if isEmpty[column], !columns[column].shown(row).isNothing { isEmpty[column] = false }
            }
            if index < Self.keptCount { kept.append(texts) }
        }
        let shown = shownColumns(columns.indices.filter { !isEmpty[$0] }, widths)
        if hasTitle { output.put(style.dim(line(titles, widths, shown)) + "\n") }
        for index in 0..<rowCount where output.isOpen {
            let row = row(index)
            output.put(fitted(line(index < kept.count ? kept[index] : texts(row), widths, shown), widths, shown) + "\n")
            below(row, &output)
        }
    }

    private func texts(_ row: Row) -> [String] {
        columns.map { column in
            let text = column.shown(row).shown(units)
            guard let heading = column.heading, !heading.before.isEmpty || !heading.after.isEmpty else { return text }
            return heading.before + text + heading.after
        }
    }

    private func line(_ cells: [String], _ widths: [Int], _ shown: [Int]) -> String {
        var line = " "
        for column in shown {
            // Cells are made twice, and one may be longer the second time.
            let fill = String(repeating: " ", count: max(widths[column] - cells[column].count, 0))
            let isLeft = columns[column].heading?.isLeft ?? false
            line += " " + (isLeft ? cells[column] : fill) + (isLeft ? fill : cells[column]) + " "
        }
        while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
        return line
    }

    /// Breaks a line that is too long in the sentence that it ends with.
    private func fitted(_ line: String, _ widths: [Int], _ shown: [Int]) -> String {
        guard let last = shown.last, columns[last].heading?.isSentence ?? false else { return line }
        let indent = shown.dropLast().reduce(2) { $0 + widths[$1] + 2 }
        return Paragraph.fitted(line, indent: indent, width: width)
    }

    private func shownColumns(_ columns: [Int], _ widths: [Int]) -> [Int] {
        var shown = columns
        func dispensability(_ column: Int) -> Int { self.columns[column].heading?.dispensability ?? 0 }
        while shown.reduce(0, { $0 + widths[$1] + 2 }) > width ?? .max,
            let next = shown.max(by: { dispensability($0) < dispensability($1) }), dispensability(next) > 0
        {
            shown.removeAll { $0 == next }
        }
        return shown
    }
}
