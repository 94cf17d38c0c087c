internal import IRQCore

/// The times of a row on its page: of the last interval, and of all since the start.
extension TopScreen {
    /// Draws the two windows with their numbers, and the time of the longest.
    ///
    /// - Parameters:
    ///   - hasUnhandled: whether spans tell if anybody claimed the interrupt, as handlers do; nil leaves that out.
    ///   - isWait: true for times in which nothing ran: they are no share of a CPU.
    func drawWindows(
        _ name: String, _ live: Box, _ place: SpanPlace, hasUnhandled: Bool?, isWait: Bool = false, _ page: inout Lines,
        on screen: inout Screen
    ) {
        if page.advance(name, &screen) {
            for title in ["p50", "p99", "max", "cpu", "calls"] {
                screen.writeRightWhole(title, width: 8, .dim, isLast: hasUnhandled == nil && title == "calls")
            }
            if hasUnhandled != nil { screen.writeRightWhole("unhandled", width: 11, .dim, isLast: true) }
        }
        let interval = live.tracing.durations.interval(place)
        if page.advance("interval", &screen) {
            drawWindow(
                interval, isWait ? nil : live.tracing.share(interval.totalNanoseconds), hasUnhandled, on: &screen)
        }
        let total = live.tracing.durations.total(place)
        if page.advance("since start", &screen) {
            drawWindow(total.spans, isWait ? nil : sinceShare(live, total.spans), hasUnhandled, on: &screen)
        }
        guard let longest = total.spans.longestNanoseconds else { return }
        let units = Units(isUnicode: screen.isUnicode)
        let now = live.time.wall
        let since = live.tracing.sinceNanoseconds.map { ", of all since \(facts.time($0, now: now))" } ?? ""
        page.wrap(
            "longest",
            "\(units.shortDuration(longest)) \(facts.when(total.maximumTimeNanoseconds, now: now))\(since); "
                + "x forgets it", &screen)
    }

    func drawWindow(
        _ spans: SpanInterval, _ share: Double?, _ hasUnhandled: Bool?, on screen: inout Screen
    ) {
        let units = Units(isUnicode: screen.isUnicode)
        for time in [spans.p50Nanoseconds, spans.p99Nanoseconds, spans.longestNanoseconds] {
            screen.writeRightWhole(time.map { units.shortDuration($0) } ?? "-", width: 8, .accent)
        }
        screen.writeRightWhole(Units.percent(spans.count > 0 ? share : nil), width: 8, .accent)
        // From raise to begin there are no calls.
        screen.writeRightWhole(
            Units.count(max(spans.calls, spans.count)), width: 8, isLast: hasUnhandled == nil)
        guard let hasUnhandled else { return }
        let isKnown = hasUnhandled && spans.calls > 0
        let unhandled = isKnown ? Double(spans.unhandled) / Double(spans.calls) : nil
        screen.writeRightWhole(
            Units.percent(unhandled), width: 11, (unhandled ?? 0) > 0.5 ? .alarm : .plain, isLast: true)
    }

    /// The share of one CPU since the start.
    private func sinceShare(_ live: Box, _ spans: SpanInterval) -> Double? {
        guard let since = live.tracing.sinceNanoseconds, live.time.wall > since else { return nil }
        return Double(spans.totalNanoseconds) / Double(live.time.wall - since)
    }

    /// Draws how all spans since the start are distributed, by powers of two.
    func drawHistogram(_ live: Box, _ place: SpanPlace, _ page: inout Lines, on screen: inout Screen) {
        let units = Units(isUnicode: screen.isUnicode)
        var (first, last, most) = (LiveDurations.log2BucketCount, -1, UInt64(0))
        for power in 0..<LiveDurations.log2BucketCount {
            let count = live.tracing.durations.log2Histogram(place, power: power)
            if count > 0 {
                first = min(first, power)
                last = power
                most = max(most, count)
            }
        }
        if last < 0 { return }
        let width = min(max(screen.columnCount - 34, 5), 30)
        for power in first...last where page.advance(&screen) {
            let count = live.tracing.durations.log2Histogram(place, power: power)
            screen.writeRight(power == first ? "since start" : "", width: 12, .dim)
            screen.writeRight(units.shortDuration(1 << UInt64(power)), width: 8)
            screen.write("+ ", .dim)
            Glyph.bar(Double(count) / Double(most), width: width, .accent, on: &screen)
            screen.skip()
            screen.write(Units.count(count))
        }
    }
}

extension Screen {
    /// Writes a value that fills `width` columns, on the right of them; if that does not fit into the row, only the sign
    /// for it: a number that is cut is another number.
    mutating func writeRightWhole(_ text: String, width: Int, _ style: CellStyle = .plain, isLast: Bool = false) {
        if currentColumn + width + (isLast ? 0 : 2) > columnCount {
            signCut()
            moveColumn(to: columnCount)
        } else {
            writeRight(text, width: width, style)
        }
    }
}
