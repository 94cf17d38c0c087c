/// A table as CSV (RFC 4180, but for ends of lines): each line begins with the same cells, then come those of the columns.
///
/// Lines end as text does here: awk and cut would take a carriage return for a part of the last cell.
///
/// A row may take several lines, which differ in a few columns: one for each CPU, say. What stands before and behind
/// these is made once for all lines of a row.
struct CSVTable<Row, Part> {
    private let head: [(key: StaticString, cell: Cell)]
    private let before: [Column<Row>]
    private let parts: [Column<Part>]
    private let after: [Column<Row>]
    private let last: [Column<Part>]

    /// A table of rows in parts.
    ///
    /// - Parameters:
    ///   - head: the cells that all lines begin with.
    ///   - parts: the columns in which the lines of a row differ.
    ///   - key: the column that they follow; nil if they stand last.
    ///   - last: further columns in which they differ, which stand last in any case.
    init(
        _ head: [(key: StaticString, cell: Cell)], _ columns: Columns<Row>, parts: Columns<Part>, after key: String?,
        last: Columns<Part> = Columns([])
    ) {
        let columns = columns.list.filter { $0.outputs.contains(.csv) }
        let place = columns.firstIndex { $0.key.description == key }.map { $0 + 1 } ?? columns.count
        (before, after) = (Array(columns[..<place]), Array(columns[place...]))
        self.parts = parts.list.filter { $0.outputs.contains(.csv) }
        self.last = last.list.filter { $0.outputs.contains(.csv) }
        self.head = head
    }

    /// The keys of all columns behind the head, in their order.
    var keys: [StaticString] { before.map(\.key) + parts.map(\.key) + after.map(\.key) + last.map(\.key) }

    /// Writes the title line.
    func writeTitle(to output: inout ByteOutput) {
        let keys = before.map(\.csvKey) + parts.map(\.csvKey) + after.map(\.csvKey) + last.map(\.csvKey)
        output.put((head.map(\.key.description) + keys).joined(separator: ",") + "\n")
    }

    /// Writes the lines of a row.
    func write(_ row: Row, _ rowParts: some Sequence<Part>, to output: inout ByteOutput) {
        let cells = head.map(\.cell.csv) + before.map { $0.cell(row).csv }
        let start = cells.joined(separator: ",") + (cells.isEmpty || parts.isEmpty ? "" : ",")
        let end = after.map { "," + $0.cell(row).csv }.joined()
        for part in rowParts where output.isOpen {
            output.put(start)
            for (place, column) in parts.enumerated() {
                if place > 0 { output.put(",") }
                output.put(column.cell(part).csv)
            }
            output.put(end)
            for column in last {
                output.put(",")
                output.put(column.cell(part).csv)
            }
            output.put("\n")
        }
    }
}
