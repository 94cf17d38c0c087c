internal import IRQCore

/// The CPUs of a table folded into as many cells as there is room for.
///
/// Up to the width each CPU has a cell of its own. Beyond it neighbours share one, never across NUMA nodes
/// while there is a cell for each node; or, unfolded, a window of them is shown.
struct HeatStrip {
    /// The columns of each cell, as the first of each; one more at the end.
    private var starts: [Int] = []
    private var levels: [UInt64] = []

    /// The number of cells.
    var cellCount: Int { max(starts.count - 1, 0) }

    /// The columns of a cell.
    func columns(_ cell: Int) -> Range<Int> { starts[cell]..<starts[cell + 1] }

    /// Lays the cells out.
    ///
    /// - Parameters:
    ///   - width: the cells there is room for, at least 1.
    ///   - nodes: the NUMA node of each CPU; empty if there is one.
    ///   - first: the first column of the window, for `isFolded` false.
    mutating func lay(_ intervals: borrowing CounterIntervals, width: Int, nodes: [Int16], isFolded: Bool, first: Int) {
        starts.removeAll(keepingCapacity: true)
        let count = intervals.sample.table.cpuCount
        let width = max(width, 1)
        if count <= width || !isFolded {
            let start = min(max(first, 0), max(count - width, 0))
            for column in start...min(start + width, count) { starts.append(column) }
            return
        }
        var nodeCount = 1
        for column in 1..<count where Self.splits(intervals, column, nodes) { nodeCount += 1 }
        // Equal steps within each run of CPUs of one node; the steps grow until all fit.
        var step = (count + width - 1) / width
        while true {
            starts.removeAll(keepingCapacity: true)
            var last = 0
            for column in 0..<count {
                let isNewNode = nodeCount <= width && column > 0 && Self.splits(intervals, column, nodes)
                if column == 0 || isNewNode || column - last == step {
                    starts.append(column)
                    last = column
                }
            }
            starts.append(count)
            if cellCount <= width || step > count { return }
            step += 1
        }
    }

    private static func splits(_ intervals: borrowing CounterIntervals, _ column: Int, _ nodes: [Int16]) -> Bool {
        let (left, right) = (intervals.sample.table.cpu(column - 1), intervals.sample.table.cpu(column))
        guard nodes.indices.contains(left), nodes.indices.contains(right) else { return false }
        return nodes[left] != nodes[right]
    }

    /// Draws a row: the height of a cell is its share of the row's highest, its colour the rate.
    mutating func draw(_ intervals: borrowing CounterIntervals, row: Int, on screen: inout Screen) {
        levels.removeAll(keepingCapacity: true)
        var highest: UInt64 = 0
        let isKnown = intervals.interval(row).isKnown && intervals.isCurrent
        for cell in 0..<cellCount {
            var sum: UInt64 = 0
            var isAnyKnown = false
            for column in columns(cell) {
                guard let delta = intervals.delta(row, column) else { continue }
                sum &+= delta
                isAnyKnown = true
            }
            levels.append(isAnyKnown ? sum : .max)
            if !isAnyKnown { continue }
            highest = max(highest, sum)
        }
        for cell in 0..<cellCount {
            // A CPU that has just come back is not idle: nothing is known of it yet.
            if !isKnown || levels[cell] == .max {
                screen.write(Glyph.unknown, .dim)
                continue
            }
            let rate = intervals.perSecond(levels[cell]) ?? 0
            let style: CellStyle = rate >= 100_000 ? .alarm : rate >= 10_000 ? .warning : .accent
            let share = highest > 0 ? Double(levels[cell]) / Double(highest) : 0
            let glyph = Glyph.level(share, screen.characters)
            screen.write(glyph, share > 0 ? style : .dim)
        }
    }
}

/// Characters that stand for amounts.
enum Glyph {
    static let unknown: UInt32 = 0x3F  // ?

    /// A block of one to eight eighths of height, one of three shades, or a digit of one to nine tenths; a dot for nothing.
    static func level(_ share: Double, _ characters: ScreenCharacters) -> UInt32 {
        if share <= 0 { return characters == .ascii ? 0x2E : 0xB7 }
        let share = min(share, 1)
        switch characters {
        case .ascii: return 0x30 + UInt32(max(1, (share * 9).rounded()))
        case .console: return share > 2.0 / 3 ? 0x2588 : share > 1.0 / 3 ? 0x2592 : 0x2591
        case .unicode: return 0x2580 + UInt32((share * 8).rounded(.up))
        }
    }

    /// Draws a bar of `share` of `width` columns, to an eighth of one where blocks can be drawn.
    static func bar(_ share: Double, width: Int, _ style: CellStyle, on screen: inout Screen) {
        let share = min(max(share, 0), 1)
        let eighths = Int((share * Double(width * 8)).rounded(.up))
        for cell in 0..<width {
            let part = min(max(eighths - cell * 8, 0), 8)
            if part == 0 {
                screen.skip()
            } else {
                screen.write(partOfBar(part, screen.characters), style)
            }
        }
    }

    /// So many eighths of a column, 1…8.
    private static func partOfBar(_ eighths: Int, _ characters: ScreenCharacters) -> UInt32 {
        switch characters {
        case .ascii: 0x23
        case .console: eighths == 8 ? 0x2588 : eighths > 3 ? 0x2592 : 0x2591
        case .unicode: 0x2590 - UInt32(eighths)  // ▏ (1/8) … █ (8/8)
        }
    }
}

/// The rates of a row over the last intervals, the newest on the right.
enum Sparkline {
    /// Draws it into `width` columns.
    static func draw(_ intervals: borrowing CounterIntervals, slot: Int32, width: Int, on screen: inout Screen) {
        let count = min(width, CounterIntervals.historyLength)
        screen.skip(width - count)
        var highest: Float = 0
        for age in 0..<count {
            let rate = intervals.pastRate(slot: slot, age: age)
            if rate > highest { highest = rate }
        }
        for age in stride(from: count - 1, through: 0, by: -1) {
            let rate = intervals.pastRate(slot: slot, age: age)
            if rate.isNaN {
                screen.skip()
            } else {
                let share = highest > 0 ? Double(rate / highest) : 0
                screen.write(Glyph.level(share, screen.characters), share > 0 ? .accent : .dim)
            }
        }
    }
}
