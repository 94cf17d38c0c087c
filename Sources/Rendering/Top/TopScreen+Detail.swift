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

    private func drawIdentity(_ live: Box, _ row: Int, _ page: inout Lines, on screen: inout Screen) {
        let details = live.details(row)
        if page.advance(&screen) {
            screen.write("Interrupt ", .bold)
            screen.write(details.label, .bold)
            screen.skip(2)
            screen.write(details.name, .bold, width: screen.columnCount - screen.currentColumn)
            page.dress(&screen)
        }
        let interval = live.interrupts.interval(row)
        if page.advance("rate", &screen) {
            screen.write(interval.isKnown ? Units.rate(live.interrupts.perSecond(interval.delta)) : "-", .accent)
            screen.write("/s   since boot ")
            let total = live.interrupts.sample.table.total(live.interrupts.sample.table.row(row))
            screen.write(Units.count(total), .accent)
        }
        page.write("chip", details.chip, &screen)
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
        guard let spurious = details.spurious else { return }
        let isBound = spurious.unhandled > 0 && details.wakesThreads != false
        let count = Units.count(spurious.unhandled) + (isBound ? " at most" : "")
        page.wrap(
            "unhandled", count + Self.limitWords(spurious), &screen, details.hasUnhandled ? .alarm : .plain)
    }

    /// The way left until the kernel disables a line, in words; without a number where it will not.
    private static func limitWords(_ spurious: SpuriousCounts) -> String {
        if spurious.mayBeDisabledNext {
            return "; with \(Units.count(spurious.unhandledLeft)) more of 100,000 the kernel disables the line"
        }
        if spurious.unhandled == 0 { return "" }
        let count = Units.count(spurious.count)
        return " of \(count); too many were claimed for the kernel to disable the line when it judges the 100,000"
    }

    private func drawMarkWords(_ marks: RowMarks, _ page: inout Lines, on screen: inout Screen) {
        for mark in RowMarks.all where marks.contains(mark.mark) {
            page.wrap("looks wrong", mark.words, &screen, name: .alarm, .alarm)
        }
    }

    private func drawPlace(_ live: Box, _ row: Int, _ page: inout Lines, on screen: inout Screen) {
        let details = live.details(row)
        guard details.irq != nil else { return }
        page.write("affinity", details.affinity, &screen)
        page.write("effective", details.effectiveAffinity, &screen)
        if details.affinityHint != nil {
            page.write("hint", details.affinityHint, &screen)
        }
        if let node = details.node { page.write("NUMA node", String(node), &screen) }
        if let isSettable = details.isUserSettable {
            page.write("settable", isSettable ? "yes" : "no: the kernel or the driver decides", &screen)
        }
    }

    private func drawHistory(_ live: Box, _ row: Int, _ page: inout Lines, on screen: inout Screen) {
        guard page.advance("history", &screen) else { return }
        let width = min(screen.columnCount - 14, CounterIntervals.historyLength)
        if width > 0 {
            Sparkline.draw(live.interrupts, slot: live.interrupts.interval(row).slot, width: width, on: &screen)
        }
    }

    /// The times of the handlers, or how to get them.
    private func drawHandler(_ live: Box, _ row: Int, _ page: inout Lines, on screen: inout Screen) {
        guard live.tracing.hasInterval else { return }
        guard let place = live.handlerPlace(row) else {
            page.wrap("handler", Self.words(live.timing(row)), &screen)
            return
        }
        let isNumbered = live.interrupts.sample.table.row(row).irq >= 0
        drawWindows("handler", live, place, hasUnhandled: isNumbered, &page, on: &screen)
        drawHistogram(live, place, &page, on: &screen)
    }

    private static func words(_ timing: Box.Timing) -> String {
        switch timing {
        case .traced: "no call since the trace began"
        case .vectorsUntraced: "not traced; irqscope top --events irq,softirq,irq_vectors shows its times"
        case .eventless: "the kernel has no events for it"
        }
    }

    private func drawPerCPU(_ live: Box, _ row: Int, _ page: inout Lines, on screen: inout Screen) {
        guard live.interrupts.sample.table.row(row).kind == .perCPU else { return }
        let details = live.details(row)
        let isWrong = live.marks[row].contains(.outsideMask)
        drawShares(live, live.interrupts, row, live.handlerPlace(row), &page, on: &screen) { cpu, delta, screen in
            guard let mask = details.affinity else { return }
            let isEffective = details.effectiveAffinity?.contains(cpu) ?? false
            if mask.contains(cpu) {
                screen.write(isEffective ? "allowed, chosen" : "allowed", isEffective ? .good : .dim)
            } else if let delta, delta > 0 {
                screen.write("outside of the mask", isWrong ? .alarm : .dim)
            }
        }
    }

    /// Draws a line for each CPU: the rate there, the share of the row, and the longest call.
    func drawShares(
        _ live: Box, _ intervals: borrowing CounterIntervals, _ row: Int, _ place: SpanPlace?, _ page: inout Lines,
        on screen: inout Screen, _ more: (Int, UInt64?, inout Screen) -> Void = { _, _, _ in }
    ) {
        let total = intervals.interval(row).delta
        for column in 0..<intervals.sample.table.cpuCount where page.advance(&screen) {
            let cpu = intervals.sample.table.cpu(column)
            let delta = intervals.delta(row, column)
            screen.writeRight("CPU", width: 6, .dim)
            screen.writeLeft(String(cpu), width: 5, .bold)
            screen.writeRight(Units.rate(delta.flatMap { intervals.perSecond($0) }), width: 9, .accent)
            screen.write("/s ")
            let share = total > 0 ? Double(delta ?? 0) / Double(total) : 0
            if screen.columnCount >= 60 { Glyph.bar(share, width: 20, .accent, on: &screen) }
            screen.writeRight(delta == nil ? "-" : Units.percent(share), width: 7)
            screen.skip(2)
            if let place {
                let spans = live.tracing.durations.interval(place, cpu: cpu)
                screen.write("max ", .dim)
                Self.drawDuration(spans?.longestNanoseconds, on: &screen)
                screen.skip()
            }
            more(cpu, delta, &screen)
        }
    }
}
