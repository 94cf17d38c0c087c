internal import IRQCore

/// A column of the table of tasks.
private enum TaskColumn: String, CaseIterable {
    case pid = "PID", name = "task", wakes = "woken/s", median = "p50", p99 = "wake99", longest = "wakemax"
    case run, lost, handlers = "hard", vectors = "vector", softirqs = "soft", stretch = "longest", cause = "mostly by"

    /// The width with the blanks before it.
    var width: Int {
        switch self {
        case .pid: 8
        case .name: 17
        case .wakes: 9
        case .median, .p99, .longest, .run, .lost, .handlers, .vectors, .softirqs, .stretch: 8
        case .cause: 16
        }
    }

    /// The columns in the order in which they get room.
    static let byImportance: [TaskColumn] = [
        .pid, .name, .longest, .p99, .lost, .wakes, .run, .cause, .stretch, .median, .handlers, .softirqs, .vectors,
    ]

    /// The width of a task and one number of it.
    static let leastWidth = byImportance.prefix(3).reduce(0) { $0 + $1.width }

    /// True if it begins where its title does.
    var isLeft: Bool { self == .name || self == .cause }
}

/// The tasks that interrupts wake and take time from.
extension TopScreen {
    /// The columns that the order of a table takes at most.
    private static let orderWidth = 11

    mutating func drawTasks(
        _ live: Box, _ state: inout TopState, from first: Int, to last: Int, on screen: inout Screen
    ) {
        // The order stands at the right of the titles, where a number has room beside it; there the last column has more room.
        let hasOrder = screen.columnCount - Self.orderWidth >= TaskColumn.leastWidth
        let orderWidth = state.showsCursor && hasOrder ? Self.orderWidth : 0
        var (left, shown) = (screen.columnCount - orderWidth, Set<TaskColumn>())
        for column in TaskColumn.byImportance where column.width <= left {
            left -= column.width
            shown.insert(column)
        }
        let columns = TaskColumn.allCases.filter { shown.contains($0) }
        screen.move(first)
        for column in columns {
            if column.isLeft {
                screen.skip()
                screen.writeLeft(column.rawValue, width: column.width - 1)
            } else {
                screen.writeRight(column.rawValue, width: column.width)
            }
        }
        if state.view == .tasks, hasOrder { Self.drawOrder(state, on: &screen) }
        screen.dress(first, .title)
        let rows = taskOrder.rows
        var followed: Int?
        if let pid = state.followed, state.view == .tasks {
            followed = rows.firstIndex { live.tracing.deep.tasks[Int($0)].pid == Int64(pid) }
        }
        let places = scroll(&state, rowCount: rows.count, pageCount: last - first - 1, followed: followed)
        for place in screen.shown(places, from: first + 1) {
            let line = first + 1 + place - places.lowerBound
            screen.move(line)
            for column in columns { draw(column, live, live.tracing.deep.tasks[Int(rows[place])], on: &screen) }
            if state.view == .tasks, place == state.cursor, state.showsCursor { screen.dress(line, .selected) }
        }
        if rows.isEmpty {
            screen.move(first + 1, 2)
            let isFiltered = !state.taskFilter.isEmpty && !live.tracing.deep.tasks.isEmpty
            screen.write(isFiltered ? "nothing matches the filter" : Self.emptyWords(live), .dim)
        }
    }

    /// The reason why there is no task to show.
    static func emptyWords(_ live: Box) -> String {
        if !live.tracing.isOn { return "tasks are not followed: nothing is traced" }
        if !live.tracing.deep.isOn { return "tasks are not followed; d follows them, at the cost of far more events" }
        return live.tracing.knowsTasks
            ? "no task was woken by interrupts, or lost time to them" : "the first interval is not over"
    }

    private func draw(_ column: TaskColumn, _ live: Box, _ task: LiveTask, on screen: inout Screen) {
        let width = column.width
        switch column {
        case .pid: screen.writeRight(String(task.pid), width: width, .bold)
        case .name:
            screen.skip()
            screen.writeLeft(task.name.isEmpty ? "-" : task.name, width: width - 1)
        case .wakes:
            let interval = live.tracing.intervalNanoseconds ?? 0
            let rate = interval > 0 ? Double(task.wakes.calls) * 1e9 / Double(interval) : nil
            screen.writeRight(Units.rate(rate), width: width, task.wakes.calls > 0 ? .accent : .dim)
        case .median: Self.drawTime(task.wakes.p50Nanoseconds, width, on: &screen)
        case .p99: Self.drawTime(task.wakes.p99Nanoseconds, width, on: &screen)
        case .longest: Self.drawTime(task.wakes.longestNanoseconds, width, on: &screen)
        case .run:
            let share = task.service == nil ? nil : live.tracing.share(task.runs.totalNanoseconds)
            screen.writeRight(Units.percent(share), width: width, share == nil ? .dim : .plain)
        case .lost: Self.drawShare(task.lostNanoseconds, live, width, on: &screen)
        case .handlers: Self.drawShare(task.handlerNanoseconds, live, width, on: &screen)
        case .vectors:
            // Other architectures have none.
            let vectors = live.tracing.hasVectors ? task.vectorNanoseconds : nil
            Self.drawShare(vectors, live, width, on: &screen)
        case .softirqs: Self.drawShare(task.softirqNanoseconds, live, width, on: &screen)
        case .stretch: Self.drawTime(task.longestNanoseconds, width, on: &screen)
        case .cause:
            screen.skip()
            let words = task.cause.map(DeepColumns.words) ?? "-"
            screen.write(words, task.cause == nil ? .dim : .plain, width: screen.columnCount - screen.currentColumn)
        }
    }

    private static func drawTime(_ nanoseconds: UInt64?, _ width: Int, on screen: inout Screen) {
        screen.skip(width - TableLayout.durationWidth)
        let start = screen.currentColumn
        drawDuration(nanoseconds, on: &screen)
        screen.moveColumn(to: start + TableLayout.durationWidth)
    }

    /// Draws a time as a share of one CPU; a dash if it is unknown.
    private static func drawShare(_ nanoseconds: UInt64?, _ live: Box, _ width: Int, on screen: inout Screen) {
        let share = nanoseconds.flatMap { live.tracing.share($0) }
        screen.writeRight(Units.percent(share), width: width, share ?? 0 > 0 ? .accent : .dim)
    }
}
