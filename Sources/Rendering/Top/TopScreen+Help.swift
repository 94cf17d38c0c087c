internal import IRQCore

extension TopScreen {
    private static let keys: [(String, String)] = [
        ("1 2 3, Tab", "interrupts, softirqs, CPUs"),
        ("Enter", "the interrupt under the cursor in detail; Esc goes back"),
        ("Up Down j k", "move the cursor; PgUp PgDn Home End g G too"),
        ("P N T", "sort by rate, by number, by total; again reverses"),
        ("F6 < >", "sort by the next, the previous key; r or I reverses"),
        ("F4 /", "filter as you type: label, name, device, chip; Esc clears"),
        ("z", "hide rows without interrupts"),
        ("Left Right", "scroll the CPUs; f folds them into the strip or not"),
        ("t", "measure handlers, or not (root)"),
        ("Space p", "freeze, and go on"),
        ("+ -, F8 F7", "longer and shorter interval"),
        ("q F10", "quit"),
    ]

    /// Draws what the keys and marks mean.
    mutating func drawHelp(_ state: inout TopState, from first: Int, to last: Int, on screen: inout Screen) {
        (rowCount, pageCount) = Self.drawPage(&state, from: first, to: last, on: &screen) { page, screen in
            Self.drawHelp(&page, on: &screen)
        }
    }

    private static func drawHelp(_ page: inout Lines, on screen: inout Screen) {
        if page.advance(&screen) {
            screen.write("Keys")
            screen.dress(page.first + page.next - 1, .title)
        }
        for (key, words) in keys where page.advance(&screen) {
            screen.writeRight(key, width: 14, .bold)
            screen.skip(2)
            screen.write(words)
        }
        if page.advance(&screen) {
            screen.write("Marks")
            screen.dress(page.first + page.next - 1, .title)
        }
        for mark in RowMarks.all where page.advance(&screen) {
            screen.skip(2)
            screen.write(mark.words)
        }
        for words in strip where page.advance(&screen) { screen.write(words) }
    }

    private static let strip = [
        "Strip: which CPUs serve an interrupt. Height: share of the busiest CPU's rate;",
        "colour: its rate, from 10,000/s and from 100,000/s. irqscope-top(1) tells more.",
    ]
}
