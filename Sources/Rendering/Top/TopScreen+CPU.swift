internal import IRQCore

extension TopScreen {
    /// Draws what one CPU serves: its interrupts and softirqs by rate or time, and the threads that help.
    mutating func drawCPUPage(
        _ live: Box, _ state: inout TopState, from first: Int, to last: Int, on screen: inout Screen
    ) {
        let cpu = Int(state.cpu)
        guard let column = live.interrupts.sample.table.column(cpu: cpu) else {
            screen.move(first, 2)
            screen.write("CPU ")
            screen.write(String(cpu))
            screen.write(" is not online. Esc goes back.", .warning)
            return
        }
        let softirqColumn = live.softirqColumn(cpu: cpu) ?? -1
        served.arrangeServed(live, live.interrupts, column: column, state.servedOrder) { live.handlerPlace($0) }
        servedSoftirqs.arrangeServed(live, live.softirqs, column: softirqColumn, state.servedOrder) {
            live.softirqPlace($0)
        }
        let order = state
        (rowCount, pageCount) = Self.drawPage(&state, from: first, to: last, on: &screen) { page, screen in
            drawCPUHead(live, cpu, column, &page, on: &screen)
            drawServedTitle("   IRQ", live, order, &page, on: &screen)
            for row in served.rows where page.advance(&screen) {
                let details = live.details(Int(row))
                screen.writeRight(details.label, width: 10, .bold)
                screen.skip()
                drawServed(live, live.interrupts, Int(row), column, live.handlerPlace(Int(row)), on: &screen)
                screen.write(details.name, width: screen.columnCount - screen.currentColumn)
            }
            if served.rows.isEmpty { page.write("", "none came in the last interval", &screen) }
            drawServedTitle(" softirq", live, nil, &page, on: &screen)
            for row in servedSoftirqs.rows where page.advance(&screen) {
                screen.skip()
                live.softirqs.writeLabel(Int(row), on: &screen)
                screen.moveColumn(to: 11)
                drawServed(live, live.softirqs, Int(row), softirqColumn, live.softirqPlace(Int(row)), on: &screen)
            }
            if servedSoftirqs.rows.isEmpty { page.write("", "none came in the last interval", &screen) }
            drawServingThreads(live, cpu, &page, on: &screen)
        }
    }

    private func drawCPUHead(_ live: Box, _ cpu: Int, _ column: Int, _ page: inout Lines, on screen: inout Screen) {
        let node = live.node(ofCPU: cpu).map { "  node \($0)" } ?? ""
        page.title("CPU \(cpu)\(node)", &screen)
        let rates = [
            live.interrupts.columnTotal(column).flatMap { live.interrupts.perSecond($0) },
            live.softirqTotal(cpu: cpu).flatMap { live.softirqs.perSecond($0) },
        ].map(Units.rate)
        page.wrap("rate", "\(rates[0])/s interrupts, \(rates[1])/s softirqs", &screen)
        let isTraced = live.irqTimeSource == .trace
        let (irq, softirq) = (live.irqShare(cpu: cpu), live.cpuTimes.shares(cpu: cpu)?.softirq)
        page.wrap(
            "time",
            "irq \(Units.percent(irq))\(isTraced ? " (traced handlers)" : ""), softirq \(Units.percent(softirq)), "
                + "ksoftirqd \(Units.percent(Self.threadShare(live, cpu)))", &screen)
    }

    private func drawServedTitle(
        _ name: String, _ live: Box, _ state: TopState?, _ page: inout Lines, on screen: inout Screen
    ) {
        guard page.advance(&screen) else { return }
        screen.writeLeft(name, width: 11)
        screen.writeRight("rate/s", width: 8)
        screen.writeRight("of all", width: 8)
        if live.tracing.isOn {
            screen.writeRight("time", width: 8)
            screen.writeRight("max", width: 8)
        }
        if let state {
            screen.write("  name")
            Self.drawOrder(state, on: &screen)
        }
        page.dress(&screen)
    }

    /// Draws a row's rate on a CPU, its share of all that came there, the time it took there, and the longest.
    private func drawServed(
        _ live: Box, _ intervals: borrowing CounterIntervals, _ row: Int, _ column: Int, _ place: SpanPlace?,
        on screen: inout Screen
    ) {
        let delta = intervals.delta(row, column)
        screen.writeRight(Units.rate(delta.flatMap { intervals.perSecond($0) }), width: 8, .accent)
        var share: Double?
        if let delta, let total = intervals.columnTotal(column), total > 0 { share = Double(delta) / Double(total) }
        let isSum = intervals.sample.table.row(row).isSum
        screen.writeRight(Units.percent(isSum ? nil : share), width: 8)
        if live.tracing.isOn {
            let cpu = intervals.sample.table.cpu(column)
            let spans = place.flatMap { live.tracing.durations.interval($0, cpu: cpu) }
            let time = spans.flatMap { $0.count > 0 ? live.tracing.share($0.totalNanoseconds) : nil }
            screen.writeRight(Units.percent(time), width: 8, time == nil ? .dim : .accent)
            screen.skip()
            Self.drawDuration(spans?.longestNanoseconds, on: &screen)
            screen.skip()
        } else {
            screen.skip(2)
        }
    }

    /// Draws the threads that work for interrupts here: the CPU's ksoftirqd, and those of handlers that ran here last.
    private func drawServingThreads(_ live: Box, _ cpu: Int, _ page: inout Lines, on screen: inout Screen) {
        if page.advance(&screen) {
            screen.writeLeft(" thread", width: 17)
            screen.writeRight("pid", width: 8)
            screen.writeRight("cpu", width: 8)
            screen.write("  policy")
            page.dress(&screen)
        }
        var isAny = false
        for thread in live.softirqThreads where thread.cpu == cpu {
            isAny = true
            guard page.advance(&screen) else { continue }
            drawThread("ksoftirqd/\(cpu)", thread.pid, thread.share, on: &screen)
        }
        for load in live.handlerLoads where load.cpu == cpu {
            isAny = true
            guard page.advance(&screen) else { continue }
            let known = Self.thread(live, load)
            drawThread(known?.name ?? "irq/\(load.irq)", load.pid, load.share, on: &screen)
            if let known {
                screen.write(known.policy)
                if known.priority > 0 { screen.write(" priority \(known.priority)") }
            }
        }
        if !isAny { page.write("", "none is known", &screen) }
    }

    private func drawThread(_ name: String, _ pid: Int32, _ share: Double?, on screen: inout Screen) {
        screen.skip()
        screen.writeLeft(name, width: 16, .bold)
        screen.writeRight(String(pid), width: 8)
        screen.writeRight(Units.percent(share), width: 8, .accent)
        screen.skip(2)
    }

    private static func thread(_ live: Box, _ load: HandlerLoad) -> HandlerThread? {
        for row in 0..<live.interrupts.sample.table.rowCount
        where Int(live.interrupts.sample.table.row(row).irq) == load.irq {
            for thread in live.details(row).threads ?? [] where thread.pid == Int(load.pid) { return thread }
        }
        return nil
    }
}
