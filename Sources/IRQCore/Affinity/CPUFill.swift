/// The CPUs while lines are put on them: how many queues and how much load each has got.
struct CPUFill {
    private let cpus: CPUMap
    private let avoidsFirst: Bool
    private var counts: [Int]
    private var loads: [Double]
    /// The queues on all threads of a CPU's core, by the core's first CPU.
    private var coreCounts: [Int]
    /// Slow lines that were put there.
    private(set) var slowCounts: [Int]
    private let cores: [Int]
    private let slownesses: [Int]

    init(_ cpus: CPUMap) {
        self.cpus = cpus
        let size = (cpus.online.highest ?? 0) + 1
        // CPU 0 has the timer, the firmware's events and devices' own lines; four CPUs are too few to spare one.
        avoidsFirst = cpus.online.count > 4
        (counts, coreCounts) = ([Int](repeating: 0, count: size), [Int](repeating: 0, count: size))
        loads = [Double](repeating: 0, count: size)
        slowCounts = counts
        cores = (0..<size).map { min(cpus.siblings[$0]?.lowest ?? $0, $0) }
        let fastest = cpus.capacities.values.max() ?? 0
        slownesses = (0..<size).map { cpus.capacities.isEmpty ? 0 : max(fastest &- (cpus.capacities[$0] ?? 0), 0) }
    }

    /// The cost of one more queue on a CPU: compared part by part.
    struct Cost: Comparable {
        /// Queues there, queues on its core, how much slower it is, how far from the device.
        var coarse: UInt64
        /// Being of CPU 0's core, moves of lines, load, its number.
        var fine: UInt64

        static func < (left: Self, right: Self) -> Bool {
            left.coarse != right.coarse ? left.coarse < right.coarse : left.fine < right.fine
        }
    }

    /// The cost of a CPU for a line of a device on `node`.
    ///
    /// - Parameter moves: how little it fits what is there now, 0…3.
    func cost(_ cpu: Int, node: Int?, moves: Int) -> Cost {
        func part(_ value: Int, _ bits: Int) -> UInt64 { UInt64(min(max(value, 0), (1 << bits) - 1)) }
        var far = 0
        if let node, let own = cpus.node(of: cpu), own != node { far = cpus.distance(node, own) ?? 255 }
        let coarse =
            part(counts[cpu], 16) << 48 | part(coreCounts[cores[cpu]], 16) << 32 | part(slownesses[cpu], 16) << 16
            | part(far, 16)
        // Loads within 100/s are alike.
        let load = Int(min(loads[cpu] / 100, 1e9))
        let isFirst = avoidsFirst && cores[cpu] == 0 ? 1 : 0
        let fine = part(isFirst, 1) << 62 | part(moves, 2) << 60 | part(load, 36) << 24 | part(cpu, 24)
        return Cost(coarse: coarse, fine: fine)
    }

    mutating func add(_ cpu: Int, load: Double, isQueue: Bool) {
        guard counts.indices.contains(cpu) else { return }
        loads[cpu] += load
        if isQueue { (counts[cpu], coreCounts[cores[cpu]]) = (counts[cpu] + 1, coreCounts[cores[cpu]] + 1) }
    }

    func slowness(_ cpu: Int) -> UInt64 { UInt64(slownesses[cpu]) }
    var haveOneSpeed: Bool { cpus.capacities.isEmpty }

    /// The cost of one more slow line on a CPU: they take turns.
    func slowCost(_ cpu: Int, _ node: Int?) -> (Int, Cost) { (slowCounts[cpu], cost(cpu, node: node, moves: 0)) }

    mutating func addSlow(_ cpu: Int, load: Double) {
        add(cpu, load: load, isQueue: false)
        if slowCounts.indices.contains(cpu) { slowCounts[cpu] += 1 }
    }
}
