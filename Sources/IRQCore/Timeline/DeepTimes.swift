/// All that is kept of the events of the scheduler for a course over time: wake-up latencies, and the time of the threads that
/// interrupts woke.
struct DeepTimes: ~Copyable {
    // Not private: see SpanTable.Row.
    /// The wake-ups of a task.
    struct Row: BitwiseCopyable {
        let task: Int32
        var count: UInt64 = 0
        var total: UInt64 = 0
        var isWhole = true
        /// True if one of them began on one CPU and ended on another.
        var isAcrossCPUs = false
    }

    /// The findings, with names.
    struct Result: Sendable {
        var rows: [BufferTimeline.Row] = []
        var entries: [HeatCells.Entry] = []
        var threads: BufferTimeline.Lanes
        var moments: [FoundMoment] = []
    }

    private(set) var grid = TimeGrid()
    private(set) var cells = HeatCells()
    private(set) var lanes = LaneTimes(partCount: 1)
    private(set) var rows = GrowableBuffer<Row>(capacity: 64)
    private(set) var list = MomentList()
    private var rowByTask = GrowableBuffer<Int32>(capacity: 64)
    /// For each CPU the time from which on it is known what followed a moment; `.max` if none waits for that.
    private var waitsUntil = GrowableBuffer<UInt64>(capacity: 4)

    init() {}

    /// Makes room for the next CPU.
    mutating func addCPU() {
        lanes.addCPU()
        waitsUntil.reserve(1)
        waitsUntil.append(.max)
    }

    /// Adds the time of a thread that an interrupt woke.
    mutating func addThread(slot: Int, from start: UInt64, to end: UInt64) {
        include(start, end)
        lanes.add(end &- start, cpu: slot, part: 0, from: start, to: end, grid)
    }

    /// Adds a wake-up that ends now.
    mutating func addWake(
        of task: Int32, slot: Int, cpu: UInt32, from start: UInt64, latency: UInt64, isAcrossCPUs: Bool,
        _ history: borrowing RunHistory
    ) {
        if !cells.hasRoom(for: 1) { makeRoom() }
        include(start, start)
        let row = Int(self.row(of: task))
        rows[row].count &+= 1
        rows[row].total &+= latency
        if isAcrossCPUs { rows[row].isAcrossCPUs = true }
        if rows[row].isWhole {
            cells.add(row: Int32(row), column: grid.column(start), step: HeatScale.step(latency))
        }
        if latency > list.threshold {
            offer(
                FoundMoment(
                    row: Int32(row), cpu: Int(cpu), pid: -1, start: start, duration: latency, selfTime: latency),
                slot: slot, history)
        }
    }

    /// Looks whether what followed the moments of a CPU is known now.
    @inline(always)
    mutating func look(slot: Int, at now: UInt64, _ history: borrowing RunHistory) {
        if now >= waitsUntil[slot] { addLater(slot: slot, to: now, history) }
    }

    private mutating func offer(_ given: FoundMoment, slot: Int, _ history: borrowing RunHistory) {
        var moment = given
        guard let place = list.place(for: moment) else { return }
        let end = moment.start &+ moment.duration
        moment.slot = slot
        moment.isOpen = true
        history.add(
            to: &moment, from: moment.window.lowerBound, to: end, limit: SlowMoment.spanLimit * 3 / 4, isLatest: true)
        list.set(moment, at: place)
        waitsUntil[slot] = min(waitsUntil[slot], moment.window.upperBound)
    }

    @inline(never)
    private mutating func addLater(slot: Int, to now: UInt64, _ history: borrowing RunHistory) {
        waitsUntil[slot] = list.close(slot: slot, at: now) { moment in
            history.add(
                to: &moment, from: moment.start &+ moment.duration, to: min(now, moment.window.upperBound),
                limit: SlowMoment.spanLimit, isLatest: false)
        }
    }

    /// Ends the recording: what is known by now is all that followed.
    mutating func finish(slot: Int, _ history: borrowing RunHistory) {
        if waitsUntil[slot] != .max { addLater(slot: slot, to: .max, history) }
    }

    private mutating func include(_ start: UInt64, _ end: UInt64) {
        if grid.holds(grid.column(start)), grid.holds(grid.column(end)) { return }
        let old = grid
        grid = grid.including(start).including(end)
        cells.move(from: old, to: grid)
        lanes.move(from: old, to: grid)
    }

    private mutating func row(of task: Int32) -> Int32 {
        if rowByTask.count <= Int(task) { rowByTask.resize(to: Int(task) + 1, filling: -1) }
        let known = rowByTask[Int(task)]
        if known >= 0 { return known }
        rows.reserve(1)
        rows.append(Row(task: task))
        rowByTask[Int(task)] = Int32(rows.count - 1)
        return Int32(rows.count - 1)
    }

    @inline(never)
    private mutating func makeRoom() {
        var ranks: [HeatRank] = []
        for row in 0..<rows.count {
            ranks.append(HeatRank(group: HeatGroup.wake.rawValue, total: rows[row].total, count: rows[row].count))
        }
        for row in cells.makeRoom(for: 1, ranks) { rows[row].isWhole = false }
    }
}
