/// The lists of slow moments that spans of the rows of a report can be in.
enum MomentKind: Int, CaseIterable, Sendable {
    case handler, softirq, raise, work

    init?(_ row: SpanRow) {
        switch (row.kind, row.measure) {
        case (.irq, _): self = .handler
        case (.softirq, .duration): self = .softirq
        case (.softirq, _): self = .raise
        case (.work, .duration): self = .work
        default: return nil
        }
    }
}

/// All that is kept of the spans of some CPUs for a course over time.
///
/// Memory is bounded by the numbers of rows and CPUs, and of cells: the spans may be as many, and the time as long, as they
/// like.
struct TimelineCollector: ~Copyable {
    // Not private: see SpanTable.Row.
    /// A row: what ranks it, and where its spans go.
    struct Row: BitwiseCopyable {
        var count: UInt64 = 0
        var total: UInt64 = 0
        /// The part of a lane, or -1.
        var part: Int8
        /// The list of slow moments, or -1.
        var list: Int8
        /// The rows that it is ranked among.
        let group: Int8
        /// True if its spans run, rather than wait.
        let isRunning: Bool
        /// True if its cells are all there.
        var isWhole = true
    }

    private(set) var grid = TimeGrid()
    private(set) var cells = HeatCells()
    private(set) var lanes = LaneTimes(partCount: 3)
    private(set) var gaps = GapColumns()
    private(set) var finder = MomentFinder(listCount: MomentKind.allCases.count)
    private(set) var rows = GrowableBuffer<Row>(capacity: 64)
    private(set) var names: [SpanRow] = []
    private(set) var cpus: [UInt32] = []
    private var slotByCPU = IntegerMap<Int32>(filler: -1)
    private var lastCPU: UInt32 = 0
    private var lastSlot = -1
    private let from: UInt64
    private let to: UInt64
    private let selector: RowSelector?

    /// - Parameters:
    ///   - from: spans that began to wait before this time count where it is.
    ///   - to: the end of the window.
    ///   - selector: the rows whose cells and slow moments are wanted; nil is all.
    init(from: UInt64, to: UInt64, selector: RowSelector? = nil) {
        (self.from, self.to, self.selector) = (from, to, selector)
    }

    /// Adds the next row.
    mutating func add(_ row: SpanRow) {
        var part: Int8 = -1
        if row.measure == .duration {
            switch row.kind {
            case .irq: part = Int8(CPULane.Part.hardirq.rawValue)
            case .softirq: part = Int8(CPULane.Part.softirq.rawValue)
            case .vector: part = Int8(CPULane.Part.vector.rawValue)
            case .tasklet, .work: break
            }
        }
        let isWanted = selector?.isWanted(row) ?? true
        rows.reserve(1)
        rows.append(
            Row(
                part: part, list: isWanted ? MomentKind(row).map { Int8($0.rawValue) } ?? -1 : -1,
                group: HeatGroup(row).rawValue, isRunning: row.measure == .duration, isWhole: isWanted))
        names.append(row)
    }

    /// Takes the next spans.
    mutating func take(_ spans: Span<FinishedSpan>) {
        if !cells.hasRoom(for: spans.count) { makeRoom(for: spans.count) }
        for place in spans.indices { take(spans[place]) }
    }

    @inline(always)
    private mutating func take(_ span: FinishedSpan) {
        let row = Int(span.row)
        let start = max(span.startNanoseconds, from)
        let end = max(span.endNanoseconds, start)
        if !grid.holds(grid.column(start)) || !grid.holds(grid.column(end)) { widen(start, end) }
        rows[row].count &+= 1
        rows[row].total &+= span.durationNanoseconds
        if rows[row].isWhole {
            cells.add(row: span.row, column: grid.column(start), step: HeatScale.step(span.durationNanoseconds))
        }
        let list = Int(rows[row].list)
        guard rows[row].isRunning || list >= 0 else { return }
        if span.cpu != lastCPU || lastSlot < 0 { findSlot(span.cpu) }
        let slot = lastSlot
        let part = Int(rows[row].part)
        if part >= 0 { lanes.add(span.selfNanoseconds, cpu: slot, part: part, from: start, to: end, grid) }
        if rows[row].isRunning {
            finder.add(
                RanSpan(start: span.startNanoseconds, duration: span.durationNanoseconds, row: span.row), slot: slot,
                cpu: span.cpu)
        }
        if list >= 0, finder.isSlow(span.durationNanoseconds, list: list) { finder.offer(span, list: list, slot: slot) }
    }

    /// Notes a gap.
    mutating func addGap(onCPU cpu: Int, from start: UInt64, to end: UInt64) {
        let (start, end) = (min(start, end), max(start, end))
        guard end >= from, start < to else { return }
        if end != .max { widen(min(max(end, from), to), nil) }
        gaps.add(TimelineGap(cpu: cpu, startNanoseconds: max(start, from), endNanoseconds: end), grid)
    }

    @inline(never)
    private mutating func widen(_ start: UInt64, _ end: UInt64?) {
        let old = grid
        grid = grid.including(start)
        if let end { grid = grid.including(end) }
        cells.move(from: old, to: grid)
        lanes.move(from: old, to: grid)
    }

    @inline(never)
    private mutating func findSlot(_ cpu: UInt32) {
        lastCPU = cpu
        if let known = slotByCPU.value(for: UInt64(cpu)) {
            lastSlot = Int(known)
            return
        }
        lastSlot = cpus.count
        cpus.append(cpu)
        lanes.addCPU()
        finder.addCPU()
        slotByCPU.reserve(1)
        slotByCPU.set(Int32(lastSlot), for: UInt64(cpu))
    }

    /// Makes room for more cells: by a larger table, or by those of the rows that matter least.
    @inline(never)
    private mutating func makeRoom(for additional: Int) {
        var ranks: [HeatRank] = []
        for row in 0..<rows.count {
            ranks.append(HeatRank(group: rows[row].group, total: rows[row].total, count: rows[row].count))
        }
        for row in cells.makeRoom(for: additional, ranks) { rows[row].isWhole = false }
    }
}
