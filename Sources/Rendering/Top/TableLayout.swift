/// Which columns a table of rates has at a width.
struct TableLayout {
    let columnCount: Int
    /// The number of columns without the durations: it decides which facts fit.
    private let factColumnCount: Int
    let stripWidth: Int
    /// True if there are the columns of a live trace: 99th percentile, longest, share of a CPU.
    let hasDurations: Bool
    /// True if the longest since the start is among them, the median, and the time of the longest.
    let hasPeak, hasMedian, hasTime: Bool
    /// True if there are the columns of interrupts' threads, where these are followed.
    let hasThreads: Bool

    static let rateWidth = 8
    static let durationWidth = 7
    static let shareWidth = 6
    static let timeWidth = 8

    init(columnCount: Int, cpuCount: Int, hasDurations: Bool, hasThreads: Bool = false) {
        self.columnCount = columnCount
        self.hasDurations = hasDurations && columnCount >= 50
        hasPeak = self.hasDurations && columnCount >= 66
        hasMedian = self.hasDurations && columnCount >= 90
        hasTime = self.hasDurations && columnCount >= 100
        self.hasThreads = hasThreads && self.hasDurations && columnCount >= 120
        // The columns of durations reduce the width that is left for the others.
        let ofThreads = self.hasThreads ? 23 : 0
        let columnCount =
            columnCount - (self.hasDurations ? 23 : 0) - ofThreads - (hasPeak ? 8 : 0) - (hasMedian ? 8 : 0)
            - (hasTime ? 9 : 0)
        let most = columnCount >= 200 ? 64 : columnCount >= 120 ? 32 : columnCount >= 50 ? 16 : 8
        stripWidth = max(min(cpuCount, most), 4)
        factColumnCount = columnCount
    }

    /// The width of a column; nil where it does not fit.
    func width(of column: TopColumn) -> Int? {
        switch column {
        case .label: 6
        case .rate: Self.rateWidth
        case .strip: stripWidth
        case .marks: 5
        case .median: hasMedian ? Self.durationWidth : nil
        case .p99, .longest: hasDurations ? Self.durationWidth : nil
        case .share: hasDurations ? Self.shareWidth : nil
        case .peak: hasPeak ? Self.durationWidth : nil
        case .time: hasTime ? Self.timeWidth : nil
        case .threadWake99, .threadWake: hasThreads ? Self.durationWidth : nil
        case .threadShare: hasThreads ? Self.shareWidth : nil
        case .kind: factColumnCount >= 66 ? 7 : nil
        case .affinity: factColumnCount >= 56 ? affinityWidth : nil
        case .effective: factColumnCount >= 110 ? affinityWidth : nil
        case .node: factColumnCount >= 100 ? 4 : nil
        case .history: factColumnCount >= 150 ? 20 : nil
        case .device: factColumnCount >= 76 ? 10 : nil
        }
    }

    private var affinityWidth: Int { factColumnCount >= 140 ? 14 : 9 }
}

/// A column of the tables of rates on screen, and its title. The name of a row takes the rest of the line.
enum TopColumn: String {
    case label = "IRQ", rate = "rate/s", strip = "CPUs", marks
    case median = "p50", p99, longest = "max", share = "cpu", peak, time = "at"
    case threadWake99 = "wake99", threadWake = "wakemax", threadShare = "thread"
    case kind, affinity, effective, node, history, device

    /// The numbers of a row.
    static let rates: [TopColumn] = [.rate, .strip]
    /// The times of handlers, which a live trace adds: of the last interval, and the longest since the start.
    static let durations: [TopColumn] = [.median, .p99, .longest, .share, .peak, .time]
    /// The facts on an interrupt between its numbers and its name, where there is room.
    static let facts: [TopColumn] = [.kind, .affinity, .effective, .node, .history, .device]
    /// The threads of interrupts: how late they ran after they were woken, and the share of a CPU that they took.
    static let threads: [TopColumn] = [.threadWake99, .threadWake, .threadShare]
    static let interrupts = [.label] + rates + [.marks] + durations + threads + facts
    static let softirqs = rates + durations

    /// True if it begins where its title does.
    var isLeft: Bool {
        switch self {
        case .marks, .kind, .affinity, .effective, .history, .device: true
        default: false
        }
    }

    /// The head of the column where `list` has it.
    func heading<Row>(_ dispensability: Int = 0) -> Column<Row>.Heading {
        .init(rawValue, isLeft: isLeft, dispensability: dispensability)
    }
}
