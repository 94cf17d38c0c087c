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
        var widths = titleWidths
        for row in rows { Self.widen(&widths, row) }
        let shown = shownColumns(widths, width ?? .max)
        return ([columns.map(\.title)] + rows).map { line($0, widths, shown) }
    }

    /// Writes such lines of rows that are not kept: each is made twice, to be measured and to be written.
    ///
    /// - Parameters:
    ///   - rowCount: how many rows there are.
    ///   - cells: the cells of a row.
    func write(_ rowCount: Int, width: Int?, to output: inout ByteOutput, cells: (Int) -> [String]) {
        var widths = titleWidths
        for row in 0..<rowCount { Self.widen(&widths, cells(row)) }
        let shown = shownColumns(widths, width ?? .max)
        output.put(line(columns.map(\.title), widths, shown) + "\n")
        for row in 0..<rowCount where output.isOpen { output.put(line(cells(row), widths, shown) + "\n") }
    }

    private var titleWidths: [Int] { columns.map(\.title.count) }

    private static func widen(_ widths: inout [Int], _ cells: [String]) {
        for (column, cell) in cells.enumerated() { widths[column] = max(widths[column], cell.count) }
    }

    private func line(_ cells: [String], _ widths: [Int], _ shown: [Int]) -> String {
        var line = " "
        for column in shown {
            let cell = column < cells.count ? cells[column] : ""
            // What is made a second time may have grown meanwhile.
            let fill = String(repeating: " ", count: max(widths[column] - cell.count, 0))
            line += " "
            line += columns[column].alignment == .left ? cell : fill
            line += columns[column].alignment == .left ? fill : cell
            line += " "
        }
        while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
        return line
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
