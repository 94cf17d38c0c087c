/// The course of a buffer over time, before functions have names.
struct BufferTimeline: Sendable {
    /// The identity of a row.
    enum RowID: Hashable, Sendable {
        /// A statistic of a row of the report.
        case row(BufferResult.RowID, Measure)
        /// The wake-ups of a task. Untrusted text.
        case wake(name: String, pid: Int64)
        /// The time that a task had a CPU. Untrusted text.
        case task(name: String, pid: Int64)
    }

    /// A row: what ranks it.
    struct Row: Sendable {
        let id: RowID
        /// The rows that it is ranked among; nil if it has no map.
        let group: HeatGroup?
        var count: UInt64 = 0
        var total: UInt64 = 0
        /// True if its cells are all there.
        var isWhole = true
    }

    /// The cells that one thread has counted, in columns of its own length.
    struct Cells: Sendable {
        let grid: TimeGrid
        let entries: [HeatCells.Entry]
    }

    /// The lanes that one thread has summed up, in columns of its own.
    struct Lanes: Sendable {
        let grid: TimeGrid
        let cpus: [LaneTimes.CPU]
    }

    private(set) var rows: [Row] = []
    private(set) var cells: [Cells] = []
    private(set) var lanes: [Lanes] = []
    /// The time of threads that interrupts woke; nil without events of the scheduler.
    private(set) var threads: Lanes?
    private(set) var gaps = GapColumns()
    /// The slowest moments of each kind; those of wake-ups are the last.
    private(set) var moments: [[FoundMoment]] = Array(repeating: [], count: MomentKind.allCases.count + 1)
    /// Spans that ran: what tells which of several buffers has most of them.
    private(set) var spanCount: UInt64 = 0
    private var placeByID: [RowID: Int32] = [:]

    /// All lanes, those of threads too.
    var allLanes: [Lanes] { lanes + (threads.map { [$0] } ?? []) }

    /// Adds what a thread has kept.
    mutating func add(_ sink: TimelineSink) { sink.withKept { add($0, vectorNames: $1) } }

    private mutating func add(_ part: borrowing TimelineCollector, vectorNames: [String]) {
        var places: [Int32] = []
        places.reserveCapacity(part.rows.count)
        for index in 0..<part.rows.count {
            let (name, row) = (part.names[index], part.rows[index])
            let isVector = name.kind == .vector
            let vector = isVector && name.number < UInt64(vectorNames.count) ? vectorNames[Int(name.number)] : ""
            let id = BufferResult.RowID(
                kind: name.kind, number: isVector ? 0 : Int64(bitPattern: name.number),
                name: isVector ? Array(vector.utf8) : name.text)
            let place = self.place(of: .row(id, name.measure), HeatGroup(rawValue: row.group))
            places.append(place)
            rows[Int(place)].count += row.count
            rows[Int(place)].total &+= row.total
            if !row.isWhole { rows[Int(place)].isWhole = false }
            if row.isRunning { spanCount += row.count }
        }
        add(part.cells.entries(part.grid), part.grid, places)
        if !part.cpus.isEmpty {
            var cpus: [LaneTimes.CPU] = []
            for (slot, cpu) in part.cpus.enumerated() {
                cpus.append(part.lanes.times(cpu: Int(cpu), at: slot, part.grid))
            }
            lanes.append(Lanes(grid: part.grid, cpus: cpus))
        }
        gaps.add(part.gaps)
        for (kind, list) in part.finder.lists.enumerated() { add(list.moments, kind: kind, places) }
    }

    /// Adds what the deep analysis has kept.
    mutating func add(_ deep: DeepTimes.Result) {
        let places = deep.rows.map { row in
            let place = self.place(of: row.id, row.group)
            rows[Int(place)].count += row.count
            rows[Int(place)].total &+= row.total
            if !row.isWhole { rows[Int(place)].isWhole = false }
            return place
        }
        add(deep.entries, deep.threads.grid, places)
        threads = deep.threads
        add(deep.moments, kind: moments.count - 1, places)
    }

    /// Adds a gap that the events themselves do not tell.
    mutating func addGap(_ gap: TimelineGap) { gaps.add(gap, TimeGrid()) }

    /// Takes out what the deep analysis has kept.
    mutating func removeDeep() {
        guard threads != nil else { return }
        threads = nil
        moments[moments.count - 1] = []
        for place in rows.indices {
            if case .wake(let name, let pid) = rows[place].id {
                rows[place] = Row(id: .task(name: name, pid: pid), group: nil)
            }
        }
    }

    private mutating func add(_ entries: [HeatCells.Entry], _ grid: TimeGrid, _ places: [Int32]) {
        cells.append(
            Cells(
                grid: grid,
                entries: entries.map {
                    HeatCells.Entry(row: places[Int($0.row)], column: $0.column, step: $0.step, count: $0.count)
                }))
    }

    private mutating func add(_ found: [FoundMoment], kind: Int, _ places: [Int32]) {
        moments[kind] += found.map { $0.renumbered { places[Int($0)] } }
    }

    private mutating func place(of id: RowID, _ group: HeatGroup?) -> Int32 {
        if let place = placeByID[id] { return place }
        rows.append(Row(id: id, group: group))
        placeByID[id] = Int32(rows.count - 1)
        return Int32(rows.count - 1)
    }
}

extension FoundMoment {
    /// The same moment, its rows by other numbers.
    func renumbered(_ number: (Int32) -> Int32) -> FoundMoment {
        var moment = FoundMoment(
            row: number(row), cpu: cpu, pid: pid, start: start, duration: duration, selfTime: selfTime)
        moment.leftOutCount = leftOutCount
        moment.spans = spans.map {
            RanSpan(start: $0.start, duration: $0.duration, row: number($0.row), depth: $0.depth)
        }
        return moment
    }
}
