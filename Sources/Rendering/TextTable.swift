/// Lines up cells in columns.
struct TextTable {
    enum Alignment { case left, right }

    struct Column {
        let title: String
        let alignment: Alignment
        /// Columns that may be left out where the output is narrow; higher ones go first.
        let dispensability: Int

        init(_ title: String, _ alignment: Alignment = .right, dispensability: Int = 0) {
            self.title = title
            self.alignment = alignment
            self.dispensability = dispensability
        }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row; missing cells at its end are empty.
    mutating func add(_ cells: [String]) { rows.append(cells) }

    /// The title line, then the rows, each indented by two blanks and without blanks at its end.
    ///
    /// - Parameter width: the columns of the output; dispensable ones are left out until the lines fit.
    func lines(width: Int? = nil) -> [String] {
        var widths = columns.map(\.title.count)
        for row in rows {
            for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) }
        }
        let shown = shownColumns(widths, width ?? .max)
        return ([columns.map(\.title)] + rows).map { cells in
            var line = " "
            for column in shown {
                let cell = column < cells.count ? cells[column] : ""
                let fill = String(repeating: " ", count: widths[column] - cell.count)
                line += " " + (columns[column].alignment == .left ? cell + fill : fill + cell) + " "
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    private func shownColumns(_ widths: [Int], _ limit: Int) -> [Int] {
        var shown = Array(columns.indices)
        while shown.reduce(0, { $0 + widths[$1] + 2 }) > limit,
            let next = shown.max(by: { columns[$0].dispensability < columns[$1].dispensability }),
            columns[next].dispensability > 0
        {
            shown.removeAll { $0 == next }
        }
        return shown
    }
}
