internal import IRQCore

extension TopScreen {
    /// Draws all that is known of one task.
    mutating func drawTaskPage(
        _ live: Box, _ state: inout TopState, from first: Int, to last: Int, on screen: inout Screen
    ) {
        let pid = state.task
        let task = live.tracing.deep.tasks.first { UInt32(truncatingIfNeeded: $0.pid) == pid }
        (rowCount, pageCount) = Self.drawPage(&state, from: first, to: last, on: &screen) { page, screen in
            guard let task else {
                page.title("Task \(pid)", &screen)
                page.wrap("", Self.missingWords(live), &screen)
                return
            }
            page.title("Task \(task.pid) \(task.name)", &screen)
            page.write("serves", Self.servedWords(task), &screen)
            page.write("priority", LateColumns.priority(task.priority), &screen)
            drawWakes(live, task, &page, on: &screen)
            if task.service != nil {
                drawSpans("runs", task.runs, live.tracing.share(task.runs.totalNanoseconds), &page, on: &screen)
            }
            drawLosses(live, task, &page, on: &screen)
        }
    }

    /// The reason why nothing is known of a task now.
    private static func missingWords(_ live: Box) -> String {
        guard live.tracing.knowsTasks else { return emptyWords(live) }
        return "no interrupt woke it in the last interval, nor took time from it"
            + (live.tracing.deep.moreTasks > 0
                ? ", or it is not among the \(live.tracing.deep.tasks.count) that are told" : "")
    }

    /// The work of a thread that serves interrupts; nil for other tasks.
    private static func servedWords(_ task: LiveTask) -> String? {
        switch task.service {
        case nil: nil
        case .irqThread: task.irq.map { "interrupt \($0)" } ?? "an interrupt"
        case .ksoftirqd, .ktimers: "softirqs"
        case .napiThread: "a network device's packets"
        }
    }

    private func drawWakes(_ live: Box, _ task: LiveTask, _ page: inout Lines, on screen: inout Screen) {
        let interval = live.tracing.intervalNanoseconds ?? 0
        if page.advance("woken", &screen) {
            let rate = interval > 0 ? Double(task.wakes.calls) * 1e9 / Double(interval) : nil
            screen.write(Units.rate(rate), .accent)
            screen.write("/s")
            if let cause = task.cause {
                screen.write("   mostly by ")
                screen.write(DeepColumns.words(cause), width: screen.columnCount - screen.currentColumn)
            }
        }
        guard task.wakes.count > 0 else { return }
        // The share of a CPU means nothing for times in which it does not run.
        drawSpans("wake-up", task.wakes, nil, &page, on: &screen)
    }

    private func drawSpans(
        _ name: String, _ spans: SpanInterval, _ share: Double?, _ page: inout Lines, on screen: inout Screen
    ) {
        if page.advance("", &screen) {
            for title in ["p50", "p99", "max", "cpu", "count"] {
                screen.writeRightWhole(title, width: 8, .dim, isLast: title == "count")
            }
        }
        if page.advance(name, &screen) { drawWindow(spans, share, nil, on: &screen) }
    }

    private func drawLosses(_ live: Box, _ task: LiveTask, _ page: inout Lines, on screen: inout Screen) {
        if page.advance("lost", &screen) {
            screen.write(Units.percent(live.tracing.share(task.lostNanoseconds)), .accent)
            screen.write(" of a CPU to interrupts")
        }
        let parts = [
            ("hard", task.handlerNanoseconds), ("vector", task.vectorNanoseconds), ("soft", task.softirqNanoseconds),
        ]
        for (name, nanoseconds) in parts where nanoseconds > 0 {
            page.write(name, Units.percent(live.tracing.share(nanoseconds)), &screen)
        }
        guard task.longestNanoseconds > 0 else { return }
        let units = Units(isUnicode: screen.isUnicode)
        page.write("longest", "\(units.shortDuration(task.longestNanoseconds)) without a break", &screen)
    }
}
