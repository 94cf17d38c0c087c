internal import IRQCore

extension TopScreen {
    /// Draws a page that may be longer than the screen, scrolled not further than to its last line. Returns how many
    /// lines it has, and how many fit.
    static func drawPage(
        _ state: inout TopState, from first: Int, to last: Int, on screen: inout Screen,
        _ body: (inout Lines, inout Screen) -> Void
    ) -> (rowCount: Int, pageCount: Int) {
        let pageCount = max(last - first, 1)
        while true {
            var page = Lines(first: first, last: last, skipped: state.firstLine)
            body(&page, &screen)
            let rowCount = page.next + page.skipped
            let lastFirst = max(rowCount - pageCount, 0)
            if state.firstLine <= lastFirst { return (rowCount, pageCount) }
            // The page became shorter, or the screen higher.
            state.firstLine = lastFirst
            if first < last { screen.clear(first..<last) }
        }
    }

    /// Lines of a page that is longer than the screen.
    struct Lines {
        let first: Int
        let last: Int
        let skipped: Int
        var next = -1

        /// The columns before a value: its name and two blanks.
        static let nameWidth = 12
        static let valueColumn = nameWidth + 2

        init(first: Int, last: Int, skipped: Int) {
            (self.first, self.last, self.skipped) = (first, last, skipped)
            next = -skipped
        }

        /// Moves to the next line; false if it is not on the screen.
        mutating func advance(_ screen: inout Screen) -> Bool {
            defer { next += 1 }
            guard next >= 0, first + next < last else { return false }
            screen.move(first + next)
            return true
        }

        /// Moves to the next line and writes its name; false if it is not on the screen.
        mutating func advance(_ name: String, _ screen: inout Screen, _ style: CellStyle = .dim) -> Bool {
            guard advance(&screen) else { return false }
            screen.writeRight(name, width: Self.nameWidth, style)
            screen.skip(2)
            return true
        }

        /// Writes a title over the whole line.
        mutating func title(_ words: String, _ screen: inout Screen) {
            guard advance(&screen) else { return }
            screen.write(words, .bold)
            dress(&screen)
        }

        /// Gives the line that was written last the look of a title.
        func dress(_ screen: inout Screen) { screen.dress(first + next - 1, .title) }

        /// Writes `name   value` on a line of its own.
        mutating func write(_ name: String, _ value: String?, _ screen: inout Screen) {
            guard let value, advance(name, &screen) else { return }
            screen.write(value, width: screen.columnCount - Self.valueColumn)
        }

        /// Writes `name   0-3,8` on a line of its own.
        mutating func write(_ name: String, _ set: CPUSet?, _ screen: inout Screen) {
            guard advance(name, &screen) else { return }
            screen.writeLeft(set, width: screen.columnCount - Self.valueColumn)
        }

        /// Writes `name   words`, on as many lines as the words take.
        mutating func wrap(
            _ name: String, _ words: String, indent: Int = valueColumn, _ screen: inout Screen,
            name nameStyle: CellStyle = .dim, _ style: CellStyle = .plain
        ) {
            var isFirst = true
            for part in words.lines(width: max(screen.columnCount - indent, 10)) {
                guard advance(&screen) else {
                    isFirst = false
                    continue
                }
                if isFirst {
                    screen.writeRight(name, width: max(indent - 2, 0), nameStyle)
                    isFirst = false
                }
                screen.moveColumn(to: indent)
                screen.write(part, style)
            }
        }
    }
}
