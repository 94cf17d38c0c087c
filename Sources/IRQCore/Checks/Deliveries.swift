/// The interrupts of a row in an interval, by where they were served.
struct Deliveries {
    private(set) var total: UInt64 = 0
    /// Outside of the mask.
    private(set) var outside: UInt64 = 0
    /// On the CPU that served most.
    private(set) var highest: UInt64 = 0
    /// On CPUs whose node is known, and of those on other nodes than the device's.
    private(set) var (located, remote): (UInt64, UInt64) = (0, 0)

    /// Sums up a row.
    ///
    /// - Parameters:
    ///   - earlier: the mask that was valid for a part of the interval; nil for none.
    ///   - home: the node of the device; nil if unknown.
    init(
        _ intervals: borrowing CounterIntervals, row: Int, mask: CPUSet, earlier: CPUSet? = nil, home: Int? = nil,
        nodes: [Int16] = []
    ) {
        total = intervals.interval(row).delta
        for column in 0..<intervals.sample.table.cpuCount {
            guard let delta = intervals.delta(row, column), delta > 0 else { continue }
            highest = max(highest, delta)
            // The number of a column is no CPU's.
            guard intervals.sample.table.namesCPUs else { continue }
            let cpu = intervals.sample.table.cpu(column)
            if !mask.contains(cpu), earlier?.contains(cpu) != true { outside &+= delta }
            if let home, nodes.indices.contains(cpu), nodes[cpu] >= 0 {
                located &+= delta
                if Int(nodes[cpu]) != home { remote &+= delta }
            }
        }
    }
}

extension CounterIntervals {
    /// The column of the CPU that served most of a row in the last interval; -1 if none did. Allocates nothing.
    func busiestColumn(_ row: Int) -> Int {
        guard interval(row).isKnown, sample.table.row(row).kind == .perCPU else { return -1 }
        var (busiest, most): (Int, UInt64) = (-1, 0)
        for column in 0..<sample.table.cpuCount {
            if let delta = delta(row, column), delta > most { (busiest, most) = (column, delta) }
        }
        return busiest
    }
}
