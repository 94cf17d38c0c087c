internal import IRQCore

/// Which columns a table of rates has at a width.
struct TableLayout {
    let columnCount: Int
    let stripWidth: Int
    let hasKind: Bool
    let hasAffinity: Bool
    let hasDevice: Bool
    let hasNode: Bool
    let hasEffective: Bool
    let hasHistory: Bool
    let affinityWidth: Int
    /// What a live trace adds: median, 99th percentile, longest, share of a CPU.
    let hasDurations: Bool
    let hasMedian: Bool

    static let labelWidth = 6
    static let rateWidth = 8
    static let marksWidth = 5
    static let kindWidth = 7
    static let nodeWidth = 4
    static let deviceWidth = 10
    static let historyWidth = 20
    static let durationWidth = 7
    static let shareWidth = 6

    init(columnCount: Int, cpuCount: Int, hasDurations: Bool) {
        self.columnCount = columnCount
        self.hasDurations = hasDurations && columnCount >= 50
        hasMedian = self.hasDurations && columnCount >= 90
        // What the durations take is not there for the rest.
        let columnCount = columnCount - (self.hasDurations ? 23 : 0) - (hasMedian ? 8 : 0)
        let most = columnCount >= 200 ? 64 : columnCount >= 120 ? 32 : columnCount >= 60 ? 16 : 8
        stripWidth = max(min(cpuCount, most), 4)
        hasKind = columnCount >= 66
        hasAffinity = columnCount >= 56
        hasDevice = columnCount >= 76
        hasNode = columnCount >= 100
        hasEffective = columnCount >= 110
        hasHistory = columnCount >= 150
        affinityWidth = columnCount >= 140 ? 14 : 9
    }
}

extension TopScreen {
    mutating func drawInterrupts(
        _ live: borrowing LiveState, _ state: inout TopState, from first: Int, to last: Int, on screen: inout Screen
    ) {
        let layout = TableLayout(
            columnCount: screen.columnCount, cpuCount: live.interrupts.sample.table.cpuCount,
            hasDurations: live.tracing.isOn)
        strip.lay(
            live.interrupts, width: layout.stripWidth, nodes: live.nodes, isFolded: state.isFolded,
            first: state.firstColumn)
        keepWindow(&state, live.interrupts, layout)
        drawInterruptTitle(live, state, layout, first, on: &screen)
        var followed: Int?
        if let serial = state.followed {
            for (place, row) in order.rows.enumerated() where live.interrupts.interval(Int(row)).serial == serial {
                followed = place
            }
        }
        let places = scroll(&state, rowCount: order.rows.count, pageCount: last - first - 1, followed: followed)
        for place in places {
            let line = first + 1 + place - places.lowerBound
            drawInterrupt(live, Int(order.rows[place]), layout, line, on: &screen)
            if place == state.cursor, state.showsCursor { screen.dress(line, .selected) }
        }
        if order.rows.isEmpty {
            screen.move(first + 1, 2)
            screen.write(state.filter.isEmpty ? "no interrupts to show" : "nothing matches the filter", .dim)
        }
    }

    private func drawInterruptTitle(
        _ live: borrowing LiveState, _ state: TopState, _ layout: TableLayout, _ line: Int, on screen: inout Screen
    ) {
        screen.move(line)
        screen.writeRight("IRQ", width: TableLayout.labelWidth)
        screen.skip()
        screen.writeRight("rate/s", width: TableLayout.rateWidth)
        screen.skip()
        drawStripTitle(live.interrupts, layout, on: &screen)
        screen.skip()
        screen.writeLeft("marks", width: TableLayout.marksWidth)
        screen.skip()
        Self.drawDurationTitle(layout, on: &screen)
        if layout.hasKind {
            screen.writeLeft("kind", width: TableLayout.kindWidth)
            screen.skip()
        }
        if layout.hasAffinity {
            screen.writeLeft("affinity", width: layout.affinityWidth)
            screen.skip()
        }
        if layout.hasEffective {
            screen.writeLeft("effective", width: layout.affinityWidth)
            screen.skip()
        }
        if layout.hasNode {
            screen.writeRight("node", width: TableLayout.nodeWidth)
            screen.skip()
        }
        if layout.hasHistory {
            screen.writeLeft("history", width: TableLayout.historyWidth)
            screen.skip()
        }
        if layout.hasDevice {
            screen.writeLeft("device", width: TableLayout.deviceWidth)
            screen.skip()
        }
        screen.write("name")
        screen.moveColumn(to: max(screen.currentColumn + 1, screen.columnCount - 11))
        if state.showsCursor {
            screen.write("by ")
            screen.write(state.sort.rawValue)
            if state.isReversed { screen.write(screen.isUnicode ? 0x2191 : 0x5E) }
        }
        screen.dress(line, .title)
    }

    /// Keeps the window of an unfolded strip within the CPUs, so that a key always moves it.
    private func keepWindow(
        _ state: inout TopState, _ intervals: borrowing CounterIntervals, _ layout: TableLayout
    ) {
        state.firstColumn = min(state.firstColumn, max(intervals.sample.table.cpuCount - layout.stripWidth, 0))
    }

    /// `CPU0-15`: the CPUs that the strip covers.
    private func drawStripTitle(
        _ intervals: borrowing CounterIntervals, _ layout: TableLayout, on screen: inout Screen
    ) {
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
            screen.write("CPUs")
        }
        screen.moveColumn(to: start + layout.stripWidth)
    }

    private mutating func drawInterrupt(
        _ live: borrowing LiveState, _ row: Int, _ layout: TableLayout, _ line: Int, on screen: inout Screen
    ) {
        let interval = live.interrupts.interval(row)
        let slot = Int(interval.slot)
        screen.move(line)
        screen.writeRight(live.details[slot].label, width: TableLayout.labelWidth, .bold)
        screen.skip()
        Self.drawRate(live.interrupts, interval, on: &screen)
        screen.skip()
        drawStrip(live.interrupts, row, layout, on: &screen)
        screen.skip()
        Self.drawMarks(live.marks[row], on: &screen)
        screen.skip()
        Self.drawDurations(live, live.tracing.handler(live.details[slot]), layout, on: &screen)
        if layout.hasKind {
            screen.writeLeft(live.details[slot].delivery?.words ?? "-", width: TableLayout.kindWidth, .dim)
            screen.skip()
        }
        if layout.hasAffinity {
            screen.writeLeft(live.details[slot].affinity, width: layout.affinityWidth)
            screen.skip()
        }
        if layout.hasEffective {
            screen.writeLeft(live.details[slot].effectiveAffinity, width: layout.affinityWidth)
            screen.skip()
        }
        if layout.hasNode {
            let node = live.details[slot].node
            screen.writeRight(node.map { String($0) } ?? "-", width: TableLayout.nodeWidth, .dim)
            screen.skip()
        }
        if layout.hasHistory {
            Sparkline.draw(live.interrupts, slot: interval.slot, width: TableLayout.historyWidth, on: &screen)
            screen.skip()
        }
        if layout.hasDevice {
            screen.writeLeft(live.details[slot].deviceName ?? "-", width: TableLayout.deviceWidth)
            screen.skip()
        }
        screen.write(live.details[slot].name, width: screen.columnCount - screen.currentColumn)
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

    static func drawRate(
        _ intervals: borrowing CounterIntervals, _ interval: RowInterval, on screen: inout Screen
    ) {
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

    /// A letter for each mark, always in the same place.
    static func drawMarks(_ marks: RowMarks, on screen: inout Screen) {
        draw(marks.contains(.suddenRate), 0x53, on: &screen)  // S
        draw(marks.contains(.outsideMask), 0x4D, on: &screen)  // M
        draw(marks.contains(.oneOfMany), 0x31, on: &screen)  // 1
        draw(marks.contains(.remoteNode), 0x4E, on: &screen)  // N
        draw(marks.contains(.unhandled), 0x55, on: &screen)  // U
    }

    private static func draw(_ isSet: Bool, _ letter: UInt32, on screen: inout Screen) {
        if isSet { screen.write(letter, .alarm) } else { screen.skip() }
    }

    private static func drawDurationTitle(_ layout: TableLayout, on screen: inout Screen) {
        guard layout.hasDurations else { return }
        if layout.hasMedian {
            screen.writeRight("p50", width: TableLayout.durationWidth)
            screen.skip()
        }
        screen.writeRight("p99", width: TableLayout.durationWidth)
        screen.skip()
        screen.writeRight("max", width: TableLayout.durationWidth)
        screen.skip()
        screen.writeRight("cpu", width: TableLayout.shareWidth)
        screen.skip()
    }

    /// What the spans of a row were: times, and their share of one CPU.
    private static func drawDurations(
        _ live: borrowing LiveState, _ spans: SpanInterval?, _ layout: TableLayout, on screen: inout Screen
    ) {
        guard layout.hasDurations else { return }
        if layout.hasMedian { drawDuration(spans?.p50Nanoseconds, on: &screen) }
        drawDuration(spans?.p99Nanoseconds, on: &screen)
        drawDuration(spans.flatMap { $0.count > 0 ? $0.maximumNanoseconds : nil }, on: &screen)
        let share = spans.flatMap { $0.count > 0 ? live.tracing.share($0.totalNanoseconds) : nil }
        screen.writeRight(
            share.map { Units.percent($0) } ?? "-", width: TableLayout.shareWidth, share == nil ? .dim : .accent)
        screen.skip()
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

    mutating func drawSoftirqs(
        _ live: borrowing LiveState, _ state: inout TopState, from first: Int, to last: Int, on screen: inout Screen
    ) {
        let layout = TableLayout(
            columnCount: screen.columnCount, cpuCount: live.softirqs.sample.table.cpuCount,
            hasDurations: live.tracing.isOn)
        strip.lay(
            live.softirqs, width: layout.stripWidth, nodes: live.nodes, isFolded: state.isFolded,
            first: state.firstColumn)
        keepWindow(&state, live.softirqs, layout)
        screen.move(first)
        screen.writeLeft(" softirq", width: 10)
        screen.skip()
        screen.writeRight("rate/s", width: TableLayout.rateWidth)
        screen.skip()
        drawStripTitle(live.softirqs, layout, on: &screen)
        screen.skip()
        if layout.hasDurations {
            Self.drawDurationTitle(layout, on: &screen)
            screen.writeRight("raise99", width: TableLayout.durationWidth)
            screen.skip()
        }
        screen.write("history")
        screen.dress(first, .title)
        let places = scroll(&state, rowCount: softirqRows.count, pageCount: last - first - 1, followed: nil)
        for place in places {
            let row = softirqRows[place]
            let line = first + 1 + place - places.lowerBound
            let interval = live.softirqs.interval(row)
            screen.move(line, 1)
            live.softirqs.writeLabel(row, on: &screen)
            screen.moveColumn(to: 11)
            Self.drawRate(live.softirqs, interval, on: &screen)
            screen.skip()
            drawStrip(live.softirqs, row, layout, on: &screen)
            screen.skip()
            if layout.hasDurations {
                let vector = live.softirqVector(row)
                Self.drawDurations(live, vector.flatMap { live.tracing.durations.softirq($0) }, layout, on: &screen)
                let latency = vector.flatMap { live.tracing.durations.raiseLatency($0) }
                Self.drawDuration(latency?.p99Nanoseconds, on: &screen)
            }
            let width = min(screen.columnCount - screen.currentColumn, CounterIntervals.historyLength)
            if width > 0 { Sparkline.draw(live.softirqs, slot: interval.slot, width: width, on: &screen) }
            if place == state.cursor, state.showsCursor { screen.dress(line, .selected) }
        }
    }
}

extension CounterIntervals {
    /// Writes the label of a row without making a string of it.
    func writeLabel(_ row: Int, on screen: inout Screen) {
        let label = sample.table.row(row).label
        for position in label.start..<label.end {
            screen.write(UInt32(sample.text.bytes.byte(at: position) ?? 0x3F), .bold)
        }
    }
}
