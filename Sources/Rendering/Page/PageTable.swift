internal import IRQCore

/// A table of a page, with the columns that it has on screen.
struct PageTable<Row> {
    /// A column that is a drawing: its head, and what it writes of a row.
    struct Drawing {
        let title: String
        let head: (inout ByteOutput) -> Void
        let write: (Row, inout ByteOutput) -> Void
    }

    private let columns: [Column<Row>]
    private let units: Units

    init(_ columns: Columns<Row>, units: Units) {
        self.columns = columns.list.filter { $0.heading != nil }
        self.units = units
    }

    /// Writes as many rows as fit.
    ///
    /// - Parameters:
    ///   - byteLimit: rows are written until the table has so many bytes.
    ///   - id: the row's name for links to it; nil if nothing leads there.
    /// - Returns: the number of rows that were written.
    func write(
        _ rows: [Row], name: String, byteLimit: Int = .max, id: (Row) -> String? = { _ in nil },
        drawing: Drawing? = nil,
        to output: inout ByteOutput
    ) -> Int {
        let start = output.byteCount
        let shown = columns.filter { column in
            !(column.heading?.isOptional ?? false) || rows.contains { !column.shown($0).isNothing }
        }
        output.put(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(PageText.escaped(name))\"><table>")
        output.put("<thead><tr>")
        for column in shown {
            let isLeft = column.heading?.isLeft ?? false
            output.put(
                "<th scope=\"col\"\(isLeft ? " class=\"l\"" : "")>\(PageText.escaped(column.heading?.title ?? ""))</th>"
            )
        }
        if let drawing {
            output.put("<th scope=\"col\" class=\"dist\">\(drawing.title)")
            drawing.head(&output)
            output.put("</th>")
        }
        output.put("</tr></thead><tbody>\n")
        var count = 0
        for row in rows {
            if count > 0, output.byteCount - start > byteLimit { break }
            output.put(id(row).map { "<tr id=\"\($0)\">" } ?? "<tr>")
            for column in shown {
                output.put(column.heading?.isLeft ?? false ? "<td class=\"l\">" : "<td>")
                output.put(PageText.escaped(text(column, row)))
                output.put("</td>")
            }
            if let drawing {
                output.put("<td class=\"dist\">")
                drawing.write(row, &output)
                output.put("</td>")
            }
            output.put("</tr>\n")
            count += 1
        }
        output.put("</tbody></table></div>\n")
        return count
    }

    private func text(_ column: Column<Row>, _ row: Row) -> String {
        let text = column.shown(row).shown(units)
        guard let heading = column.heading, text != "-" else { return text }
        return heading.before + text + heading.after
    }
}
