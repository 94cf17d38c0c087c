/// The marks of a row that looks wrong. Each is a sign of trouble, not a proof; irqscope-top(1) explains them.
public struct RowMarks: OptionSet, BitwiseCopyable, Sendable {
    /// The marks as bits.
    public let rawValue: UInt8
    /// Creates marks from bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The rate is far above what the row had before.
    public static let suddenRate = RowMarks(rawValue: 1)
    /// Served on CPUs outside of its mask.
    public static let outsideMask = RowMarks(rawValue: 2)
    /// Served on one CPU of a mask that allows several, at a rate that would matter.
    public static let oneOfMany = RowMarks(rawValue: 4)
    /// Served mostly on another NUMA node than the device's.
    public static let remoteNode = RowMarks(rawValue: 8)
    /// Interrupts of this line were not handled by anybody.
    public static let unhandled = RowMarks(rawValue: 16)

    /// All marks, in the order in which they are shown.
    public static let all: [CheckMark] = CheckRun.all.compactMap { $0.mark }

    /// The marks as words for scripts.
    public var names: [String] { Self.all.filter { contains($0.mark) }.map(\.name) }
}

/// The mark of a check, and how it is told.
public struct CheckMark: Sendable {
    /// The mark.
    public let mark: RowMarks
    /// The letter for it, as a Unicode scalar.
    public let letter: UInt32
    /// The word for scripts.
    public let name: String
    /// The words for people.
    public let words: String

    init(_ mark: RowMarks, _ letter: Unicode.Scalar, _ name: String, _ words: String) {
        (self.mark, self.letter, self.name, self.words) = (mark, letter.value, name, "\(letter)  \(words)")
    }
}

extension RowMarks {
    /// The marks of a row in the last interval.
    ///
    /// - Parameters:
    ///   - details: the facts known of it; nil for no more than its text.
    ///   - nodes: the NUMA node of each CPU, -1 if unknown; empty if there is only one.
    ///   - hasNeighbour: tells whether another busy line of its device is served on the same CPU.
    public init(
        _ intervals: borrowing CounterIntervals, row: Int, details: InterruptDetails?, nodes: [Int16],
        hasNeighbour: () -> Bool = { true }
    ) {
        self = []
        if let details, details.hasUnhandled { insert(.unhandled) }
        let interval = intervals.interval(row)
        guard interval.isKnown, interval.delta > 0, let rate = intervals.perSecond(interval.delta) else { return }
        if StormCheck.isSudden(intervals, slot: interval.slot, rate: rate) { insert(.suddenRate) }
        // Only lines that have a mask of their own can be in a wrong place, and only where somebody can set it.
        guard let details, details.irq != nil, let mask = details.affinity, !mask.isEmpty,
            details.delivery?.isPerCPU != true, details.canBeMoved
        else { return }
        let served = Deliveries(
            intervals, row: row, mask: mask, earlier: details.earlierAffinity, home: details.node, nodes: nodes)
        if OutsideMaskCheck.isMarked(served) { insert(.outsideMask) }
        if mask.count > 1, !intervals.sample.table.isSelection, intervals.sample.table.cpuCount > 1,
            CrowdedCPUCheck.isMarked(served, rate: rate), !details.isMessage || hasNeighbour()
        {
            insert(.oneOfMany)
        }
        if RemoteNodeCheck.isMarked(served, rate: rate) { insert(.remoteNode) }
    }
}
