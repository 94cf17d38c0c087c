/// The CPUs while lines are put on them: how many queues and how much load each has got.
struct CPUFill {
    private let cpus: CPUMap
    private let avoidsFirst: Bool
    private let areRatesKnown: Bool
    private var counts: [Int]
    private var loads: [Double]
    /// The part of it that no plan takes away: of lines that nobody can move, or that were not asked for.
    private var fixedLoads: [Double]
    /// The queues on all threads of a CPU's core, by the core's first CPU.
    private var coreCounts: [Int]
    /// Slow lines that were put there.
    private(set) var slowCounts: [Int]
    private let cores: [Int]
    private let slownesses: [Int]

    init(_ cpus: CPUMap, areRatesKnown: Bool) {
        (self.cpus, self.areRatesKnown) = (cpus, areRatesKnown)
        let size = (cpus.online.highest ?? 0) + 1
        // CPU 0 has the timer, the firmware's events and devices' own lines; four CPUs are too few to spare one.
        avoidsFirst = cpus.online.count > 4
        (counts, coreCounts) = ([Int](repeating: 0, count: size), [Int](repeating: 0, count: size))
        loads = [Double](repeating: 0, count: size)
        fixedLoads = loads
        slowCounts = counts
        cores = (0..<size).map { min(cpus.siblings[$0]?.lowest ?? $0, $0) }
        let fastest = cpus.capacities.values.max() ?? 0
        slownesses = (0..<size).map { cpus.capacities.isEmpty ? 0 : max(fastest &- (cpus.capacities[$0] ?? 0), 0) }
    }

    /// The cost of one more queue on a CPU: compared part by part.
    struct Cost: Comparable {
        /// Queues there, queues on its core, how much slower it is, how far from the device.
        var coarse: UInt64
        /// Being crowded, being of CPU 0's core, moves of lines, load, its number.
        var fine: UInt64

        static func < (left: Self, right: Self) -> Bool {
            left.coarse != right.coarse ? left.coarse < right.coarse : left.fine < right.fine
        }
    }

    /// A number in as many bits as a part of a cost has.
    private func part(_ value: Int, _ bits: Int) -> UInt64 { UInt64(min(max(value, 0), (1 << bits) - 1)) }

    /// The parts of a cost that come before all else.
    private func coarseCost(_ cpu: Int, node: Int?) -> UInt64 {
        var far = 0
        if let node, let own = cpus.node(of: cpu), own != node { far = cpus.distance(node, own) ?? 255 }
        return part(counts[cpu], 16) << 48 | part(coreCounts[cores[cpu]], 16) << 32 | part(slownesses[cpu], 16) << 16
            | part(far, 16)
    }

    /// The cost of a CPU for a line of a device on `node`.
    ///
    /// - Parameters:
    ///   - moves: how little it fits what is there now, 0…3.
    ///   - isCrowded: true if others that nobody moves are much busier there than elsewhere.
    private func cost(_ cpu: Int, node: Int?, moves: Int, isCrowded: Bool) -> Cost {
        // Loads within 100/s are alike.
        let load = Int(min(loads[cpu] / 100, 1e9))
        let isFirst = avoidsFirst && cores[cpu] == 0 ? 1 : 0
        let fine =
            part(isCrowded ? 1 : 0, 1) << 63 | part(isFirst, 1) << 62 | part(moves, 2) << 60 | part(load, 36) << 24
            | part(cpu, 24)
        return Cost(coarse: coarseCost(cpu, node: node), fine: fine)
    }

    /// The cheapest of some CPUs for a line of `load` a second of a device on `node`; nil if there are none.
    ///
    /// - Parameter moves: how little a CPU fits what is there now, 0…3.
    func cheapest(_ allowed: [Int], node: Int?, load: Double, moves: (Int) -> Int) -> (cpu: Int, cost: Cost)? {
        // Only CPUs that are alike otherwise can take the place of a crowded one.
        var least: (coarse: UInt64, load: Double)?
        for cpu in allowed {
            let coarse = coarseCost(cpu, node: node)
            if let seen = least, seen.coarse < coarse { continue }
            let others = least.map { $0.coarse == coarse ? $0.load : .infinity } ?? .infinity
            least = (coarse, min(others, fixedLoads[cpu]))
        }
        var best: (cpu: Int, cost: Cost)?
        for cpu in allowed {
            let isCrowded = isCrowded(cpu, by: load, least: least?.load ?? 0)
            let cost = cost(cpu, node: node, moves: moves(cpu), isCrowded: isCrowded)
            if best.map({ cost < $0.cost }) ?? true { best = (cpu, cost) }
        }
        return best
    }

    /// True if a line of `load` a second is better moved than left on a CPU, for what nobody moves from there: with that
    /// the CPU would have much more to do than where this is `least`.
    ///
    /// What can be moved does not count: a plan that was applied would be followed by another one. A line without work
    /// gains nothing, and where rates are unknown nobody can tell what is much.
    private func isCrowded(_ cpu: Int, by load: Double, least: Double) -> Bool {
        guard areRatesKnown, load >= AffinityPlanner.busyPerSecond else { return false }
        let (here, there) = (fixedLoads[cpu] + load, least + load)
        return here - there >= Self.crowdPerSecond && here > there * Self.crowdRatio
    }

    /// From this rate on, more interrupts take some percent of a CPU's time, and are worth a move of a queue.
    private static let crowdPerSecond = 5000.0
    /// So much more must it be for it not to be the chance of an interval.
    private static let crowdRatio = 1.25

    /// Counts the load of what stays on a CPU whatever is planned.
    mutating func addFixed(_ cpu: Int, load: Double, isQueue: Bool) {
        add(cpu, load: load, isQueue: isQueue)
        if fixedLoads.indices.contains(cpu) { fixedLoads[cpu] += load }
    }

    mutating func add(_ cpu: Int, load: Double, isQueue: Bool) {
        guard counts.indices.contains(cpu) else { return }
        loads[cpu] += load
        if isQueue { (counts[cpu], coreCounts[cores[cpu]]) = (counts[cpu] + 1, coreCounts[cores[cpu]] + 1) }
    }

    func slowness(_ cpu: Int) -> UInt64 { UInt64(slownesses[cpu]) }
    var haveOneSpeed: Bool { cpus.capacities.isEmpty }

    /// The cost of one more slow line on a CPU: they take turns.
    func slowCost(_ cpu: Int, _ node: Int?) -> (Int, Cost) {
        (slowCounts[cpu], cost(cpu, node: node, moves: 0, isCrowded: false))
    }

    mutating func addSlow(_ cpu: Int, load: Double) {
        add(cpu, load: load, isQueue: false)
        if slowCounts.indices.contains(cpu) { slowCounts[cpu] += 1 }
    }
}
