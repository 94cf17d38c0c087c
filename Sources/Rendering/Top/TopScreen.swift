public import IRQCore

/// Draws `top`: a pure function of what was measured, what the person chose, and the size of the screen.
///
/// It keeps memory only, to draw without allocating.
public struct TopScreen: ~Copyable {
    /// The order of the rows that were drawn last.
    public private(set) var order = RowOrder()
    /// The number of rows of the last screen that fit.
    public internal(set) var pageCount = 1
    /// The number of rows that the last screen could show.
    public internal(set) var rowCount = 0

    var strip = HeatStrip()
    /// The rows of the table of softirqs that are shown.
    var softirqRows: [Int] = []
    var limits: RowOrder.Limits
    var facts: TopFacts

    /// Creates a renderer.
    public init(facts: TopFacts, limits: RowOrder.Limits = .init()) {
        self.facts = facts
        self.limits = limits
    }

    /// Sets the time of the day that the head shows.
    public mutating func setClock(_ clock: String) { facts.clock = clock }

    /// Sets which slots a regular expression lets through.
    public mutating func setWanted(_ isWanted: [Bool]?) { limits.isWanted = isWanted }

    /// Sets which softirqs it lets through.
    public mutating func setWantedSoftirqs(_ names: Set<String>?) { limits.wantedSoftirqs = names }

    /// The serial of the row at a place of the order; nil beyond its end.
    public func serial(_ live: Box, _ place: Int) -> UInt32? {
        order.rows.indices.contains(place) ? live.interrupts.interval(Int(order.rows[place])).serial : nil
    }

    /// Draws a frame for a terminal. The screen must have been begun; the cursor and the scrolling of `state` are kept
    /// within what there is.
    public mutating func draw(_ live: Box, _ state: inout TopState, on screen: inout Screen) {
        order.arrange(live, state, limits)
        arrangeSoftirqs(live)
        let head = drawHead(live, state, on: &screen)
        let last = screen.rowCount - 1
        switch state.view {
        case .interrupts: drawInterrupts(live, &state, from: head, to: last, on: &screen)
        case .softirqs: drawSoftirqs(live, &state, from: head, to: last, on: &screen)
        case .cpus: drawCPUs(live, &state, from: head, to: last, on: &screen)
        case .detail: drawDetail(live, &state, from: head, to: last, on: &screen)
        case .help: drawHelp(&state, from: head, to: last, on: &screen)
        }
        drawFoot(state, on: &screen)
    }

    /// Orders all rows for a file or a pipe: what `drawBatch` draws.
    public mutating func arrangeBatch(_ live: Box, _ state: TopState) {
        order.arrange(live, state, limits)
        arrangeSoftirqs(live)
    }

    /// Draws the rows of the screen's window for a file or a pipe, and returns how many rows of the screen all take. Rows
    /// beyond the screen's height are lost: give it `batchRowCount`.
    public mutating func drawBatch(
        _ live: Box, _ state: inout TopState, on screen: inout Screen
    ) -> Int {
        var line = drawHead(live, state, on: &screen)
        drawInterrupts(live, &state, from: line, to: line + order.rows.count + 1, on: &screen)
        line += max(order.rows.count, 1) + 1
        if limits.irqs == nil, live.softirqs.samples > 0 {
            line += 1
            drawSoftirqs(live, &state, from: line, to: line + softirqRows.count + 1, on: &screen)
            line += softirqRows.count + 1
        }
        return line
    }

    private mutating func arrangeSoftirqs(_ live: Box) {
        softirqRows.removeAll(keepingCapacity: true)
        for row in 0..<live.softirqs.sample.table.rowCount {
            if let wanted = limits.wantedSoftirqs {
                let name = live.softirqs.sample.label(live.softirqs.sample.table.row(row))
                if !wanted.contains(name) { continue }
            }
            softirqRows.append(row)
        }
    }

    /// The rows that `drawBatch` needs at most.
    public func batchRowCount(_ live: Box) -> Int {
        live.interrupts.sample.table.rowCount + live.softirqs.sample.table.rowCount + 10
    }

    /// Keeps the cursor on its row and the row on the screen; returns the places to draw.
    mutating func scroll(_ state: inout TopState, rowCount: Int, pageCount: Int, followed: Int?) -> Range<Int> {
        self.rowCount = rowCount
        self.pageCount = max(pageCount, 1)
        if let followed { state.cursor = followed }
        state.cursor = min(max(state.cursor, 0), max(rowCount - 1, 0))
        if state.cursor < state.firstRow { state.firstRow = state.cursor }
        if state.cursor >= state.firstRow + self.pageCount { state.firstRow = state.cursor - self.pageCount + 1 }
        state.firstRow = min(max(state.firstRow, 0), max(rowCount - self.pageCount, 0))
        return state.firstRow..<min(state.firstRow + self.pageCount, rowCount)
    }

    // MARK: Foot

    private func drawFoot(_ state: TopState, on screen: inout Screen) {
        // A screen of a few rows may have drawn here.
        screen.clear(screen.rowCount - 1..<screen.rowCount)
        screen.move(screen.rowCount - 1)
        if state.isTyping {
            screen.write("Filter: ", .bold)
            screen.write(state.filter)
            screen.write(0x5F, .bold)
            screen.write("   Enter keeps it, Esc clears it", .dim)
            return
        }
        Self.drawKey("F1", "Help", on: &screen)
        switch state.view {
        case .interrupts:
            Self.drawKey("Enter", "Detail", on: &screen)
            Self.drawKey("1-3", "Views", on: &screen)
            Self.drawKey("F4", "Filter", on: &screen)
            Self.drawKey("F6", "Sort", on: &screen)
            Self.drawKey("z", "Idle", on: &screen)
        case .detail, .help: Self.drawKey("Esc", "Back", on: &screen)
        case .softirqs, .cpus: Self.drawKey("1-3", "Views", on: &screen)
        }
        Self.drawKey("Space", state.isFrozen ? "Go on" : "Freeze", on: &screen)
        Self.drawKey("+-", "Interval", on: &screen)
        Self.drawKey("q", "Quit", isLast: true, on: &screen)
    }

    /// Draws a key whole or not at all, and leaves room for the last one, which leads out.
    private static func drawKey(_ key: String, _ words: String, isLast: Bool = false, on screen: inout Screen) {
        let end = screen.currentColumn + key.utf8.count + words.utf8.count
        if !isLast, end + 6 > screen.columnCount { return }
        screen.write(key, .key)
        screen.write(words)
        screen.skip()
    }
}
