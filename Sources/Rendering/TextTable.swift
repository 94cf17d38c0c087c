/// Lines up cells in columns.
struct TextTable {
    enum Alignment { case left, right }

    private let titles: [String]
    private let alignments: [Alignment]
    private var rows: [[String]] = []

    init(_ columns: [(title: String, alignment: Alignment)]) {
        titles = columns.map(\.title)
        alignments = columns.map(\.alignment)
    }

    /// Adds a row; missing cells at its end are empty.
    mutating func add(_ cells: [String]) { rows.append(cells) }

    /// The title line, then the rows, each indented by two blanks and without blanks at its end.
    func lines() -> [String] {
        var widths = titles.map(\.count)
        for row in rows {
            for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.count) }
        }
        return ([titles] + rows).map { cells in
            var line = " "
            for (column, width) in widths.enumerated() {
                let cell = column < cells.count ? cells[column] : ""
                let fill = String(repeating: " ", count: width - cell.count)
                line += " " + (alignments[column] == .left ? cell + fill : fill + cell) + " "
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
