internal import IRQCore

extension TopScreen {
    /// Draws what the keys and marks mean.
    mutating func drawHelp(_ state: inout TopState, from first: Int, to last: Int, on screen: inout Screen) {
        (rowCount, pageCount) = Self.drawPage(&state, from: first, to: last, on: &screen) { page, screen in
            let indent = min(22, max(screen.columnCount / 3, 8))
            page.title("Keys", &screen)
            for keys in TopKeys.all { page.wrap(keys.shown, keys.words, indent: indent, &screen, name: .bold) }
            page.title("Marks", &screen)
            for mark in RowMarks.all { page.wrap("", mark.words, indent: 2, &screen) }
            page.wrap("", Self.strip, indent: 0, &screen)
        }
    }

    private static let strip =
        "Strip: which CPUs serve an interrupt. Height: share of the busiest CPU's rate; "
        + "colour: its rate, from 10,000/s and from 100,000/s. irqscope-top(1) tells more."
}
