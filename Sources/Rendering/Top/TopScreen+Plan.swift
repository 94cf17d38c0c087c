internal import IRQCore

extension TopScreen {
    /// Draws the plan for the device of an interrupt, as `affinity plan` prints it; the first line is the title.
    mutating func drawPlan(_ state: inout TopState, from first: Int, to last: Int, on screen: inout Screen) {
        let lines = plan ?? ["Looking at the box"]
        (rowCount, pageCount) = Self.drawPage(&state, from: first, to: last, on: &screen) { page, screen in
            for (index, line) in lines.enumerated() { page.hang(line, isTitle: index == 0, &screen) }
        }
    }
}

extension TopScreen.Lines {
    /// The columns by which what does not fit into a line stands further in on the next.
    private static let hangingWidth = 4

    /// Writes a line of text, on as many lines as it takes, indented as it is.
    fileprivate mutating func hang(_ text: String, isTitle: Bool, _ screen: inout Screen) {
        let indent = text.utf8.prefix { $0 == 0x20 }.count
        let words = String(text.dropFirst(indent))
        let isWhole = text.unicodeScalars.count <= screen.columnCount
        let width = isWhole ? .max : max(screen.columnCount - indent - Self.hangingWidth, 10)
        for (index, part) in words.lines(width: width).enumerated() {
            guard advance(&screen) else { continue }
            screen.moveColumn(to: index == 0 ? indent : indent + Self.hangingWidth)
            screen.write(part, isTitle ? .bold : .plain)
            if isTitle { dress(&screen) }
        }
    }
}
