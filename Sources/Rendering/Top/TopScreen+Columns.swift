internal import IRQCore

/// The columns that tables share.
extension TopScreen {
    /// Decides which columns a table of `intervals` has, and which CPUs its strip shows.
    mutating func layTable(
        _ intervals: borrowing CounterIntervals, _ live: Box, _ state: inout TopState, columnCount: Int,
        hasThreads: Bool = false
    ) -> TableLayout {
        let cpuCount = intervals.sample.table.cpuCount
        let layout = TableLayout(
            columnCount: columnCount, cpuCount: cpuCount, hasDurations: live.tracing.isOn, hasThreads: hasThreads)
        strip.lay(
            intervals, width: layout.stripWidth, nodes: live.nodes, isFolded: state.isFolded, first: state.firstColumn)
        // The window of an unfolded strip stays within the CPUs, so that a key always moves it.
        state.firstColumn = min(state.firstColumn, max(cpuCount - layout.stripWidth, 0))
        return layout
    }

    /// Draws the titles of columns, as far as they fit.
    func drawTitles(
        _ columns: [TopColumn], _ intervals: borrowing CounterIntervals, _ layout: TableLayout, on screen: inout Screen
    ) {
        for column in columns {
            guard let width = layout.width(of: column) else { continue }
            if column == .strip {
                drawStripTitle(intervals, layout, on: &screen)
            } else if column.isLeft {
                screen.writeLeft(column.rawValue, width: width)
            } else {
                screen.writeRight(column.rawValue, width: width)
            }
            screen.skip()
        }
    }

    /// `CPU0-15`: the CPUs that the strip covers.
    func drawStripTitle(_ intervals: borrowing CounterIntervals, _ layout: TableLayout, on screen: inout Screen) {
        let start = screen.currentColumn
        var (low, high) = ("", "")
        if strip.cellCount > 1 {
            low = String(intervals.sample.table.cpu(strip.columns(0).lowerBound))
            high = String(intervals.sample.table.cpu(strip.columns(strip.cellCount - 1).upperBound - 1))
        }
        if strip.cellCount > 1, 4 + low.utf8.count + high.utf8.count <= layout.stripWidth {
            screen.write("CPU")
            screen.write(low)
            screen.write(0x2D)
            screen.write(high)
        } else {
            screen.write(TopColumn.strip.rawValue)
        }
        screen.moveColumn(to: start + layout.stripWidth)
    }

    mutating func drawStrip(
        _ intervals: borrowing CounterIntervals, _ row: Int, _ layout: TableLayout, on screen: inout Screen
    ) {
        let start = screen.currentColumn
        switch intervals.sample.table.row(row).kind {
        case .perCPU: strip.draw(intervals, row: row, on: &screen)
        case .global: screen.write("all", .dim)
        case .text: break
        }
        screen.moveColumn(to: start + layout.stripWidth)
    }

    static func drawRate(_ intervals: borrowing CounterIntervals, _ interval: RowInterval, on screen: inout Screen) {
        if intervals.intervalNanoseconds == nil {
            screen.writeRight("-", width: TableLayout.rateWidth, .dim)
            return
        }
        switch interval.state {
        case .new: screen.writeRight(intervals.samples > 1 ? "new" : "-", width: TableLayout.rateWidth, .warning)
        case .reset: screen.writeRight("reset", width: TableLayout.rateWidth, .warning)
        case .steady:
            let style: CellStyle = interval.delta > 0 ? .accent : .dim
            let isZero = interval.delta == 0 && intervals.isCurrent
            let rate = isZero ? "0" : Units.rate(intervals.perSecond(interval.delta))
            screen.writeRight(rate, width: TableLayout.rateWidth, style)
        }
    }

    /// Writes `by rate` at the right of a title, where there is room.
    static func drawOrder(_ state: TopState, on screen: inout Screen) {
        guard state.showsCursor else { return }
        let order = state.order
        let word = order.key.word(in: state.view)
        let start = screen.columnCount - word.utf8.count - 5
        guard start > screen.currentColumn else { return }
        screen.moveColumn(to: start)
        screen.write("by ")
        screen.write(word)
        if order.isReversed { screen.write(screen.isUnicode ? 0x2191 : 0x5E) }
    }

    /// A letter for each mark, always in the same place.
    static func drawMarks(_ marks: RowMarks, on screen: inout Screen) {
        for mark in RowMarks.all {
            if marks.contains(mark.mark) { screen.write(mark.letter, .alarm) } else { screen.skip() }
        }
    }

    /// Draws the times of a row's spans in the last interval, their share of one CPU, and the longest since the start.
    func drawDurations(_ live: Box, _ place: SpanPlace?, _ layout: TableLayout, on screen: inout Screen) {
        guard layout.hasDurations else { return }
        let spans = place.map { live.tracing.durations.interval($0) }
        if layout.hasMedian { Self.drawDuration(spans?.p50Nanoseconds, on: &screen) }
        Self.drawDuration(spans?.p99Nanoseconds, on: &screen)
        Self.drawDuration(spans?.longestNanoseconds, on: &screen)
        let share = spans.flatMap { $0.count > 0 ? live.tracing.share($0.totalNanoseconds) : nil }
        screen.writeRight(
            share.map { Units.percent($0) } ?? "-", width: TableLayout.shareWidth, share == nil ? .dim : .accent)
        screen.skip()
        let longest = place.flatMap { live.tracing.durations.longest($0) }
        if layout.hasPeak { Self.drawDuration(longest?.nanoseconds, on: &screen) }
        if layout.hasTime {
            let time = longest.map { facts.time($0.timeNanoseconds, now: live.time.wall) }
            screen.writeRight(time ?? "-", width: TableLayout.timeWidth, .dim)
            screen.skip()
        }
    }

    /// A time in so few columns that the unit stands at the number: `12.3µs`.
    static func drawDuration(_ nanoseconds: UInt64?, on screen: inout Screen) {
        guard let nanoseconds else {
            screen.writeRight("-", width: TableLayout.durationWidth, .dim)
            screen.skip()
            return
        }
        let style: CellStyle = nanoseconds >= 1_000_000 ? .alarm : nanoseconds >= 100_000 ? .warning : .accent
        screen.writeRight(
            Units(isUnicode: screen.isUnicode).shortDuration(nanoseconds), width: TableLayout.durationWidth, style)
        screen.skip()
    }
}

extension CounterIntervals {
    /// Writes the label of a row without making a string of it.
    func writeLabel(_ row: Int, on screen: inout Screen) {
        let label = sample.table.row(row).label
        for position in label.start..<label.end {
            screen.write(UInt32(sample.table.names.byte(at: position) ?? 0x3F), .bold)
        }
    }
}
