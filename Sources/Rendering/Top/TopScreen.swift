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
    /// The rows of the table of softirqs, and the columns of CPUs, that are shown.
    var softirqOrder = RowOrder()
    var cpuOrder = RowOrder()
    /// The tasks that are shown.
    var taskOrder = RowOrder()
    /// The rows of interrupts and softirqs that the CPU of a page serves.
    var served = RowOrder()
    var servedSoftirqs = RowOrder()
    var limits: RowOrder.Limits
    var facts: TopFacts
    /// The lines of the plan's page.
    var plan: [String]?

    /// Creates a renderer.
    public init(facts: TopFacts, limits: RowOrder.Limits = .init()) {
        self.facts = facts
        self.limits = limits
    }

    /// Sets the time of the day that the head shows.
    public mutating func setClock(_ clock: String) { facts.clock = clock }

    /// Sets since when the numbers stand still, as a time of the day; nil while they do not.
    public mutating func setFrozen(_ since: String?) { facts.frozen = since }

    /// Sets the lines of the plan's page, of which the first is its title; nil while it is being made.
    public mutating func setPlan(_ lines: [String]?) { plan = lines }

    /// Sets which slots a regular expression lets through.
    public mutating func setWanted(_ isWanted: [Bool]?) { limits.isWanted = isWanted }

    /// Sets which softirqs it lets through.
    public mutating func setWantedSoftirqs(_ names: Set<String>?) { limits.wantedSoftirqs = names }

    /// The number that tells the row at a place of a view from others, whatever the order: an interrupt's serial, a
    /// softirq's row, a CPU's number; nil beyond the end, and of a page.
    public func serial(_ live: Box, _ view: TopState.View, _ place: Int) -> UInt32? {
        switch view {
        case .interrupts:
            order.rows.indices.contains(place) ? live.interrupts.interval(Int(order.rows[place])).serial : nil
        case .softirqs: softirqOrder.rows.indices.contains(place) ? UInt32(softirqOrder.rows[place]) : nil
        case .cpus:
            cpuOrder.rows.indices.contains(place)
                ? UInt32(live.interrupts.sample.table.cpu(Int(cpuOrder.rows[place]))) : nil
        case .tasks:
            taskOrder.rows.indices.contains(place) ? taskPid(live, Int(taskOrder.rows[place])) : nil
        case .detail, .plan, .softirq, .cpu, .task, .help: nil
        }
    }

    /// The number of a task; nil if the trace has ended since the order was made.
    private func taskPid(_ live: Box, _ place: Int) -> UInt32? {
        let count = live.tracing.deep.tasks.count
        return place < count ? UInt32(truncatingIfNeeded: live.tracing.deep.tasks[place].pid) : nil
    }

    /// Draws a frame for a terminal. The screen must have been begun; the cursor and the scrolling of `state` are kept
    /// within what there is.
    public mutating func draw(_ live: Box, _ state: inout TopState, on screen: inout Screen) {
        order.arrange(live, state, limits)
        softirqOrder.arrangeSoftirqs(live, state, limits)
        if state.view == .cpus { cpuOrder.arrangeCPUs(live, state) }
        if state.view == .tasks { taskOrder.arrangeTasks(live, state) }
        let head = drawHead(live, state, on: &screen)
        let last = screen.rowCount - 1
        switch state.view {
        case .interrupts: drawInterrupts(live, &state, from: head, to: last, on: &screen)
        case .softirqs: drawSoftirqs(live, &state, from: head, to: last, on: &screen)
        case .cpus: drawCPUs(live, &state, from: head, to: last, on: &screen)
        case .tasks: drawTasks(live, &state, from: head, to: last, on: &screen)
        case .detail: drawDetail(live, &state, from: head, to: last, on: &screen)
        case .plan: drawPlan(&state, from: head, to: last, on: &screen)
        case .softirq: drawSoftirqPage(live, &state, from: head, to: last, on: &screen)
        case .cpu: drawCPUPage(live, &state, from: head, to: last, on: &screen)
        case .task: drawTaskPage(live, &state, from: head, to: last, on: &screen)
        case .help: drawHelp(&state, from: head, to: last, on: &screen)
        }
        drawFoot(live, state, on: &screen)
    }

    /// Orders all rows for a file or a pipe: what `drawBatch` draws.
    public mutating func arrangeBatch(_ live: Box, _ state: TopState) {
        order.arrange(live, state, limits)
        softirqOrder.arrangeSoftirqs(live, state, limits)
        taskOrder.arrangeTasks(live, state)
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
            drawSoftirqs(live, &state, from: line, to: line + softirqOrder.rows.count + 1, on: &screen)
            line += softirqOrder.rows.count + 1
        }
        if live.tracing.deep.isOn {
            line += 1
            drawTasks(live, &state, from: line, to: line + taskOrder.rows.count + 2, on: &screen)
            line += max(taskOrder.rows.count, 1) + 1
        }
        return line
    }

    /// The rows that `drawBatch` needs at most.
    public func batchRowCount(_ live: Box) -> Int {
        live.interrupts.sample.table.rowCount + live.softirqs.sample.table.rowCount
            + live.tracing.deep.tasks.count + 13
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
}
