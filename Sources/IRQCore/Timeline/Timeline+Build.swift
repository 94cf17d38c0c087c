extension Report {
    /// Adds the course over time of a recording's buffers, after the rows, their names and the window are known.
    ///
    /// - Parameters:
    ///   - symbols: the functions by address, as for the rows.
    ///   - tasks: the names of tasks by pid.
    ///   - nodes: the NUMA nodes of the recorded machine; empty if unknown.
    ///   - selection: the rows that will be shown, which come before others.
    public mutating func addTimeline(
        of buffers: [BufferResult], symbols: [UInt64: FunctionSymbol], tasks: [Int32: String],
        nodes: [HardwareMap.Node] = [], selection: RowSelection = RowSelection()
    ) {
        // Orders and ticks of unknown clocks are no lengths of time.
        if !source.isClockNanoseconds, ["counter", "uptime", nil].contains(source.clock) {
            let clock = source.clock.map { " \"\($0)\"" } ?? ""
            notes.append("no pictures over time: the trace clock\(clock) counts no nanoseconds")
            return
        }
        let times = buffers.filter { $0.timeline != nil }
        guard let start = startNanoseconds, let end = endNanoseconds, !times.isEmpty else { return }
        // Columns end where the clock cannot count to.
        guard end < 1 << 62 else {
            notes.append("no pictures over time: the times lie more than 146 years after the clock's begin")
            return
        }
        var builder = TimelineBuilder(self, window: start...end, symbols: symbols, tasks: tasks, nodes: nodes)
        builder.choice = selection.isNarrowed ? PictureChoice(selection, self) : nil
        for buffer in times { if let timeline = buffer.timeline { builder.add(timeline, buffer: buffer.buffer) } }
        timeline = builder.timeline()
        notes += builder.notes
    }
}

/// The maker of a course over time of those of the buffers: it names rows, chooses the busiest, and brings all columns to one
/// length.
struct TimelineBuilder {
    /// A row that may get a heat map.
    struct Candidate {
        let subject: HeatMap.Subject
        let group: HeatGroup?
        var count: UInt64 = 0
        var total: UInt64 = 0
        var isWhole = true
    }

    let window: ClosedRange<UInt64>
    let tasks: [Int32: String]
    let nodes: [HardwareMap.Node]
    private let names: SpanNames
    private let keys: ReportKeys
    /// The pictures that will be shown; nil is those of the busiest rows.
    var choice: PictureChoice?
    private(set) var notes: [String] = []
    private(set) var buffers: [(name: String, timeline: BufferTimeline, places: [Int])] = []
    private(set) var candidates: [Candidate] = []
    private var placeBySubject: [HeatMap.Subject: Int] = [:]

    init(
        _ report: Report, window: ClosedRange<UInt64>, symbols: [UInt64: FunctionSymbol], tasks: [Int32: String],
        nodes: [HardwareMap.Node]
    ) {
        (self.window, self.tasks, self.nodes) = (window, tasks, nodes)
        names = SpanNames { symbols[$0] }
        keys = ReportKeys(report.rows)
    }

    /// Adds the course of a buffer. Wake-ups are those of the first buffer that has some, as in the report.
    mutating func add(_ given: BufferTimeline, buffer: String) {
        var timeline = given
        if buffers.contains(where: { $0.timeline.threads != nil }) { timeline.removeDeep() }
        var places: [Int] = []
        places.reserveCapacity(timeline.rows.count)
        for row in timeline.rows {
            let subject = subject(of: row.id, buffer)
            let place = placeBySubject[subject] ?? candidates.count
            if place == candidates.count {
                candidates.append(Candidate(subject: subject, group: row.group))
                placeBySubject[subject] = place
            }
            candidates[place].count += row.count
            candidates[place].total &+= row.total
            if !row.isWhole { candidates[place].isWhole = false }
            places.append(place)
        }
        buffers.append((buffer, timeline, places))
    }

    private func subject(of id: BufferTimeline.RowID, _ buffer: String) -> HeatMap.Subject {
        switch id {
        case .wake(let name, let pid): .wake(name: name, pid: pid)
        case .task(let name, let pid): .task(name: name, pid: pid)
        case .row(let id, let measure): .row(keys.key(of: id, buffer, names), measure)
        }
    }

    /// The course of all.
    mutating func timeline() -> Timeline {
        var grid = TimeGrid()
        for buffer in buffers {
            for lanes in buffer.timeline.allLanes { grid = grid.including(lanes.grid) }
            for cells in buffer.timeline.cells { grid = grid.including(cells.grid) }
        }
        grid = grid.including(window.lowerBound).including(window.upperBound)
        var timeline = Timeline(
            startNanoseconds: grid.first << grid.shift, columnNanoseconds: grid.width, columnCount: Int(grid.count))
        timeline.heatMaps = heatMaps(grid)
        timeline.moments = moments()
        let lanes = LaneFolding(nodes: nodes, grid: grid)
        let all = lanes.perCPU(buffers.map(\.timeline))
        timeline.lanes = lanes.folded(all.map(\.lane))
        // Gaps of the same buffer; of a CPU without spans those of all.
        let bufferByCPU = Dictionary(uniqueKeysWithValues: all.map { ($0.lane.cpus[0], $0.buffer) })
        var gaps = GapColumns()
        for (place, buffer) in buffers.enumerated() {
            gaps.add(buffer.timeline.gaps) { (bufferByCPU[$0] ?? place) == place }
        }
        timeline.gaps = gaps.all(shift: grid.shift, from: window.lowerBound, through: window.upperBound)
        if buffers.count(where: { $0.timeline.spanCount > 0 }) > 1 {
            notes.append("time of CPUs over time, and gaps: of several buffers each CPU's busiest one counts")
        }
        return timeline
    }

    /// True if the picture of a row, or a moment of it, will be shown.
    func isWanted(_ place: Int) -> Bool { choice?.contains(candidates[place].subject) ?? true }

    // MARK: - Heat maps

    private mutating func heatMaps(_ grid: TimeGrid) -> [HeatMap] {
        var mapByPlace = [Int](repeating: -1, count: candidates.count)
        var maps: [HeatMap] = []
        var (leftOutCount, beyondCount) = (0, 0)
        let groups = Dictionary(grouping: candidates.indices.filter { candidates[$0].count > 0 && isWanted($0) }) {
            candidates[$0].group
        }
        for group in HeatGroup.allCases {
            let ranked = (groups[group] ?? []).sorted {
                (candidates[$1].total, candidates[$1].count, $0) < (candidates[$0].total, candidates[$0].count, $1)
            }
            let limit = choice == nil ? group.shownCount : PictureChoice.limit
            leftOutCount += ranked.prefix(limit).filter { !candidates[$0].isWhole }.count
            if choice != nil { beyondCount += max(ranked.count - limit, 0) }
            for place in ranked.filter({ candidates[$0].isWhole }).prefix(limit) {
                mapByPlace[place] = maps.count
                maps.append(HeatMap(subject: candidates[place].subject))
            }
        }
        if leftOutCount > 0 {
            notes.append(
                "\(leftOutCount) of the busiest rows have no picture over time: they became so after there were too many others"
            )
        }
        if beyondCount > 0 {
            notes.append(
                "\(beyondCount) of the chosen rows have no picture over time, for there are too many: choose fewer")
        }
        // By map, column and step.
        var counts: [(key: UInt32, count: UInt64)] = []
        for buffer in buffers {
            for cells in buffer.timeline.cells {
                let by = grid.shift - cells.grid.shift
                for entry in cells.entries {
                    let map = mapByPlace[buffer.places[Int(entry.row)]]
                    guard map >= 0 else { continue }
                    let column = UInt32(min(max(entry.column >> by, grid.first), grid.last) - grid.first)
                    counts.append((UInt32(map) << 16 | column << 8 | UInt32(entry.step), entry.count))
                }
            }
        }
        counts.sort { $0.key < $1.key }
        var last: UInt32?
        for (key, count) in counts {
            let map = Int(key >> 16)
            var count = count
            if key == last { count += maps[map].cells.removeLast().count }
            maps[map].cells.append(HeatMap.Cell(column: UInt16(key >> 8 & 255), step: UInt8(key & 255), count: count))
            last = key
        }
        return maps
    }
}

/// The keys of a report's rows, by what the analysis knows of them.
struct ReportKeys {
    private struct Place: Hashable {
        let kind: RowKind
        let buffer: String
        let number: Int64
        let name: String
        let module: String?
    }

    private var keys: [Place: RowKey] = [:]

    init(_ rows: [ReportRow]) {
        for row in rows {
            let isFunction = row.kind.traits.isFunction
            keys[
                Place(
                    kind: row.kind, buffer: row.buffer, number: isFunction ? 0 : row.number, name: row.name,
                    module: row.module)] = row.key
        }
    }

    /// The key of a row; functions of one name and module are one.
    func key(of id: BufferResult.RowID, _ buffer: String, _ names: SpanNames) -> RowKey {
        let isFunction = id.kind.traits.isFunction
        let symbol = isFunction ? names.symbol(UInt64(bitPattern: id.number)) : nil
        let name =
            symbol?.name
            ?? (id.kind == .softirq ? SoftirqNames.name(of: id.number) : String(decoding: id.name, as: UTF8.self))
        let place = Place(
            kind: id.kind, buffer: buffer, number: isFunction ? 0 : id.number, name: name, module: symbol?.module)
        return keys[place] ?? RowKey(kind: id.kind, buffer: buffer, number: id.number, name: name)
    }
}
