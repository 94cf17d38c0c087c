internal import IRQCore

extension TopScreen {
    /// Draws all that is known of one softirq.
    mutating func drawSoftirqPage(
        _ live: Box, _ state: inout TopState, from first: Int, to last: Int, on screen: inout Screen
    ) {
        let row = Int(state.softirqRow)
        guard row < live.softirqs.sample.table.rowCount else {
            screen.move(first, 2)
            screen.write("This softirq is gone. Esc goes back.", .warning)
            return
        }
        (rowCount, pageCount) = Self.drawPage(&state, from: first, to: last, on: &screen) { page, screen in
            let interval = live.softirqs.interval(row)
            let counts = live.softirqs.sample.table.row(row)
            page.title("Softirq \(live.softirqs.sample.label(counts))", &screen)
            if page.advance("rate", &screen) {
                screen.write(interval.isKnown ? Units.rate(live.softirqs.perSecond(interval.delta)) : "-", .accent)
                screen.write("/s   since boot ")
                screen.write(Units.count(live.softirqs.sample.table.total(counts)), .accent)
            }
            if page.advance("history", &screen) {
                let width = min(screen.columnCount - Lines.valueColumn, CounterIntervals.historyLength)
                if width > 0 { Sparkline.draw(live.softirqs, slot: interval.slot, width: width, on: &screen) }
            }
            if let place = live.softirqPlace(row) {
                drawWindows("duration", live, place, hasUnhandled: nil, &page, on: &screen)
                drawHistogram(live, place, &page, on: &screen)
            } else if live.tracing.hasInterval {
                page.write("duration", "no call since the trace began", &screen)
            }
            if let place = live.raisePlace(row) {
                drawWindows("raise delay", live, place, hasUnhandled: nil, isWait: true, &page, on: &screen)
                drawHistogram(live, place, &page, on: &screen)
            }
            drawShares(live, live.softirqs, row, live.softirqPlace(row), &page, on: &screen)
        }
    }
}
