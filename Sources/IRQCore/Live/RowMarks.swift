/// What looks wrong with an interrupt. Marks point; they do not judge: irqscope-top(1) says what each means.
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
}

/// When a mark is set. Rates are per second.
public enum MarkLimits {
    /// Below this rate nothing is sudden.
    public static let suddenPerSecond = 1_000.0
    /// So many times the mean of the last intervals is sudden.
    public static let suddenFactor = 8.0
    /// So many known intervals make a past.
    public static let pastIntervalCount = 5
    /// The past that counts.
    public static let pastWindow = 60
    /// Less than this share outside of the mask is what a move of the mask leaves.
    public static let outsideShare = 0.01
    /// So many interrupts outside of the mask at least.
    public static let outsideCount: UInt64 = 10
    /// From this rate on one CPU of many is worth a mark.
    public static let oneOfManyPerSecond = 5_000.0
    /// The share that makes one CPU "the" CPU.
    public static let oneOfManyShare = 0.95
    /// From this rate on distance matters.
    public static let remotePerSecond = 100.0
}

extension RowMarks {
    /// The marks of a row in the last interval.
    ///
    /// - Parameters:
    ///   - details: what is known of it; nil for no more than its text.
    ///   - nodes: the NUMA node of each CPU, -1 if unknown; empty if there is only one.
    public init(
        _ intervals: borrowing CounterIntervals, row: Int, details: InterruptDetails?, nodes: [Int16]
    ) {
        self = []
        if let details, details.hasUnhandled { insert(.unhandled) }
        let interval = intervals.interval(row)
        guard interval.isKnown, interval.delta > 0, let rate = intervals.perSecond(interval.delta) else { return }
        if Self.isSudden(intervals, slot: interval.slot, rate: rate) { insert(.suddenRate) }
        // Only lines that have a mask of their own can be in a wrong place.
        guard let details, details.irq != nil, let mask = details.affinity, !mask.isEmpty,
            details.delivery?.isPerCPU != true
        else { return }
        var (outside, highest, remote, located): (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for column in 0..<intervals.sample.table.cpuCount {
            guard let delta = intervals.delta(row, column), delta > 0 else { continue }
            let cpu = intervals.sample.table.cpu(column)
            if !mask.contains(cpu), details.earlierAffinity?.contains(cpu) != true { outside += delta }
            highest = max(highest, delta)
            if let home = details.node, nodes.indices.contains(cpu), nodes[cpu] >= 0 {
                located += delta
                if Int(nodes[cpu]) != home { remote += delta }
            }
        }
        let delta = Double(interval.delta)
        if outside >= MarkLimits.outsideCount, Double(outside) > delta * MarkLimits.outsideShare {
            insert(.outsideMask)
        }
        if mask.count > 1, !intervals.sample.table.isSelection, rate >= MarkLimits.oneOfManyPerSecond,
            intervals.sample.table.cpuCount > 1,
            Double(highest) >= delta * MarkLimits.oneOfManyShare
        {
            insert(.oneOfMany)
        }
        if rate >= MarkLimits.remotePerSecond, remote * 2 > located { insert(.remoteNode) }
    }

    private static func isSudden(_ intervals: borrowing CounterIntervals, slot: Int32, rate: Double) -> Bool {
        guard rate >= MarkLimits.suddenPerSecond else { return false }
        var (sum, count) = (0.0, 0)
        for age in 1..<MarkLimits.pastWindow {
            let past = Double(intervals.pastRate(slot: slot, age: age))
            if !past.isNaN {
                sum += past
                count += 1
            }
        }
        return count >= MarkLimits.pastIntervalCount && rate > sum / Double(count) * MarkLimits.suddenFactor
    }
}

extension Delivery {
    /// Whether each CPU has its own: such an interrupt cannot be in a wrong place.
    public var isPerCPU: Bool {
        switch self {
        case .ipi, .perCPU, .sgi, .ppi: true
        case .msiX, .msi, .wired, .spi, .lpi: false
        }
    }
}
