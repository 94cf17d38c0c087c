/// Which columns a table of rates has at a width.
struct TableLayout {
    let columnCount: Int
    /// How many columns there are without the durations: it decides which facts fit.
    private let factColumnCount: Int
    let stripWidth: Int
    /// What a live trace adds: median, 99th percentile, longest, share of a CPU.
    let hasDurations: Bool
    let hasMedian: Bool

    static let labelWidth = 6
    static let rateWidth = 8
    static let marksWidth = 5
    static let durationWidth = 7
    static let shareWidth = 6

    init(columnCount: Int, cpuCount: Int, hasDurations: Bool) {
        self.columnCount = columnCount
        self.hasDurations = hasDurations && columnCount >= 50
        hasMedian = self.hasDurations && columnCount >= 90
        // What the durations take is not there for the rest.
        let columnCount = columnCount - (self.hasDurations ? 23 : 0) - (hasMedian ? 8 : 0)
        let most = columnCount >= 200 ? 64 : columnCount >= 120 ? 32 : columnCount >= 60 ? 16 : 8
        stripWidth = max(min(cpuCount, most), 4)
        factColumnCount = columnCount
    }

    /// How wide a fact's column is; nil where it does not fit.
    func width(of fact: FactColumn) -> Int? {
        switch fact {
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

/// A fact that is told of an interrupt between its numbers and its name, where there is room; it is its title too.
enum FactColumn: String, CaseIterable {
    // In the order of the screen.
    case kind, affinity, effective, node, history, device

    /// The head of the column where `list` has it.
    func heading<Row>(_ dispensability: Int = 0) -> Column<Row>.Heading {
        .init(rawValue, isLeft: self != .node, dispensability: dispensability)
    }
}
