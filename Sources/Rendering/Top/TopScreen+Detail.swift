internal import IRQCore

extension TopScreen {
    /// Draws all that is known of one interrupt.
    mutating func drawDetail(
        _ live: Box, _ state: inout TopState, from first: Int, to last: Int, on screen: inout Screen
    ) {
        var found = -1
        for row in 0..<live.interrupts.sample.table.rowCount
        where live.interrupts.interval(row).serial == state.detailSerial { found = row }
        guard found >= 0 else {
            screen.move(first, 2)
            screen.write("This interrupt is gone. Esc goes back.", .warning)
            return
        }
        (rowCount, pageCount) = Self.drawPage(&state, from: first, to: last, on: &screen) { page, screen in
            drawIdentity(live, found, &page, on: &screen)
            drawPlace(live, found, &page, on: &screen)
            drawHistory(live, found, &page, on: &screen)
            drawHandler(live, found, &page, on: &screen)
            drawPerCPU(live, found, &page, on: &screen)
        }
    }

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
            screen.writeRight(name, width: 12, style)
            screen.skip(2)
            return true
        }
    }

    /// Writes `name   value` on a line of its own.
    private func write(_ name: String, _ value: String?, _ page: inout Lines, on screen: inout Screen) {
        guard let value, page.advance(name, &screen) else { return }
        screen.write(value, width: screen.columnCount - 14)
    }

    private func write(_ name: String, _ set: CPUSet?, _ page: inout Lines, on screen: inout Screen) {
        guard page.advance(name, &screen) else { return }
        screen.writeLeft(set, width: screen.columnCount - 14)
    }

    private func drawIdentity(_ live: Box, _ row: Int, _ page: inout Lines, on screen: inout Screen) {
        let details = live.details(row)
        if page.advance(&screen) {
            screen.write("Interrupt ", .bold)
            screen.write(details.label, .bold)
            screen.skip(2)
            screen.write(details.name, .bold, width: screen.columnCount - screen.currentColumn)
            screen.dress(page.first + page.next - 1, .title)
        }
        let interval = live.interrupts.interval(row)
        if page.advance("rate", &screen) {
            screen.write(interval.isKnown ? Units.rate(live.interrupts.perSecond(interval.delta)) : "-", .accent)
            screen.write("/s   since boot ")
            let total = live.interrupts.sample.table.total(live.interrupts.sample.table.row(row))
            screen.write(Units.count(total), .accent)
        }
        write("chip", details.chip, &page, on: &screen)
        if page.advance("line", &screen) {
            screen.write(details.delivery?.words ?? "-")
            if let hwirq = details.hwirq {
                screen.write(", hwirq ")
                screen.write(String(hwirq))
            }
            if let trigger = details.trigger {
                screen.write(", ")
                screen.write(trigger)
            }
        }
        drawDevices(details, &page, on: &screen)
        drawThreads(details, &page, on: &screen)
        drawSpurious(details, &page, on: &screen)
        if live.marks[row] != [] { drawMarkWords(live.marks[row], &page, on: &screen) }
    }

    private func drawDevices(_ details: InterruptDetails, _ page: inout Lines, on screen: inout Screen) {
        for device in details.devices where page.advance("device", &screen) {
            if let name = device.name {
                screen.write(name, .bold)
                screen.skip()
            }
            screen.write(device.bus)
            screen.skip()
            screen.write(device.address)
            if let driver = device.driver {
                screen.write(", driver ")
                screen.write(driver)
            }
            if let identity = device.vendorDevice {
                screen.write(", ")
                screen.write(identity)
            }
        }
    }

    private func drawThreads(_ details: InterruptDetails, _ page: inout Lines, on screen: inout Screen) {
        for thread in details.threads ?? [] where page.advance("thread", &screen) {
            screen.write(thread.name, .bold)
            screen.write("  pid ")
            screen.write(String(thread.pid))
            screen.skip(2)
            screen.write(thread.policy)
            if thread.priority > 0 {
                screen.write(" priority ")
                screen.write(String(thread.priority))
            }
        }
    }

    private func drawSpurious(_ details: InterruptDetails, _ page: inout Lines, on screen: inout Screen) {
        guard let spurious = details.spurious, page.advance("unhandled", &screen) else { return }
        screen.write(Units.count(spurious.unhandled), details.hasUnhandled ? .alarm : .plain)
        if spurious.unhandled > 0, details.wakesThreads != false { screen.write(" at most") }
        screen.write("; with ")
        screen.write(Units.count(spurious.unhandledLeft))
        screen.write(" more of 100,000 the kernel disables the line")
    }

    private func drawMarkWords(_ marks: RowMarks, _ page: inout Lines, on screen: inout Screen) {
        for mark in RowMarks.all where marks.contains(mark.mark) && page.advance("looks wrong", &screen, .alarm) {
            screen.write(mark.words, .alarm)
        }
    }

    private func drawPlace(_ live: Box, _ row: Int, _ page: inout Lines, on screen: inout Screen) {
        let details = live.details(row)
        guard details.irq != nil else { return }
        write("affinity", details.affinity, &page, on: &screen)
        write("effective", details.effectiveAffinity, &page, on: &screen)
        if details.affinityHint != nil {
            write("hint", details.affinityHint, &page, on: &screen)
        }
        if let node = details.node { write("NUMA node", String(node), &page, on: &screen) }
        if let isSettable = details.isUserSettable {
            write("settable", isSettable ? "yes" : "no: the kernel or the driver decides", &page, on: &screen)
        }
    }

    private func drawHistory(_ live: Box, _ row: Int, _ page: inout Lines, on screen: inout Screen) {
        guard page.advance("history", &screen) else { return }
        let width = min(screen.columnCount - 14, CounterIntervals.historyLength)
        if width > 0 {
            Sparkline.draw(live.interrupts, slot: live.interrupts.interval(row).slot, width: width, on: &screen)
        }
    }

    /// The times of the handlers in the last interval, and how all of them since the start are distributed.
    private func drawHandler(_ live: Box, _ row: Int, _ page: inout Lines, on screen: inout Screen) {
        let details = live.details(row)
        guard let spans = live.handler(row) else { return }
        let units = Units(isUnicode: screen.isUnicode)
        if page.advance("handler", &screen) {
            screen.write("p50 ")
            screen.write(spans.p50Nanoseconds.map { units.shortDuration($0) } ?? "-", .accent)
            screen.write("  p99 ")
            screen.write(spans.p99Nanoseconds.map { units.shortDuration($0) } ?? "-", .accent)
            screen.write("  max ")
            screen.write(spans.count > 0 ? units.shortDuration(spans.maximumNanoseconds) : "-", .accent)
            screen.write("  of one CPU ")
            screen.write(Units.percent(live.tracing.share(spans.totalNanoseconds)), .accent)
            screen.write("  unhandled ")
            let unhandled = spans.calls > 0 ? Double(spans.unhandled) / Double(spans.calls) : nil
            screen.write(Units.percent(unhandled), (unhandled ?? 0) > 0.5 ? .alarm : .plain)
        }
        guard let irq = details.irq else { return }
        drawHistogram(live, irq, units, &page, on: &screen)
    }

    private func drawHistogram(
        _ live: Box, _ irq: Int, _ units: Units, _ page: inout Lines, on screen: inout Screen
    ) {
        var (first, last, most) = (LiveDurations.log2BucketCount, -1, UInt64(0))
        for power in 0..<LiveDurations.log2BucketCount {
            let count = live.tracing.durations.log2Histogram(irq: irq, power: power)
            if count > 0 {
                first = min(first, power)
                last = power
                most = max(most, count)
            }
        }
        if last < 0 { return }
        for power in first...last where page.advance(&screen) {
            let count = live.tracing.durations.log2Histogram(irq: irq, power: power)
            screen.writeRight("from", width: 12, .dim)
            screen.writeRight(units.shortDuration(1 << UInt64(power)), width: 8)
            screen.skip()
            Glyph.bar(Double(count) / Double(most), width: 30, .accent, on: &screen)
            screen.skip()
            screen.write(Units.count(count))
        }
    }

    private func drawPerCPU(_ live: Box, _ row: Int, _ page: inout Lines, on screen: inout Screen) {
        guard live.interrupts.sample.table.row(row).kind == .perCPU else { return }
        let details = live.details(row)
        let total = live.interrupts.interval(row).delta
        for column in 0..<live.interrupts.sample.table.cpuCount where page.advance(&screen) {
            let cpu = live.interrupts.sample.table.cpu(column)
            let delta = live.interrupts.delta(row, column)
            screen.writeRight("CPU", width: 6, .dim)
            screen.writeLeft(String(cpu), width: 5, .bold)
            screen.writeRight(Units.rate(delta.flatMap { live.interrupts.perSecond($0) }), width: 9, .accent)
            screen.write("/s ")
            let share = total > 0 ? Double(delta ?? 0) / Double(total) : 0
            Glyph.bar(share, width: 20, .accent, on: &screen)
            screen.writeRight(delta == nil ? "-" : Units.percent(share), width: 7)
            screen.skip(2)
            guard let mask = details.affinity else { continue }
            let isEffective = details.effectiveAffinity?.contains(cpu) ?? false
            if mask.contains(cpu) {
                screen.write(isEffective ? "allowed, chosen" : "allowed", isEffective ? .good : .dim)
            } else if let delta, delta > 0 {
                screen.write("outside of the mask", .alarm)
            }
        }
    }
}
