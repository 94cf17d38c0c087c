/// The choice of lanes: one a CPU, or of many CPUs one a NUMA node, and those of the hottest.
struct LaneFolding {
    /// More CPUs than this are folded: their lanes would fill many screens.
    static let laneLimit = 64
    /// The lanes of CPUs beside those of nodes.
    static let hottestCount = 16
    /// The most lanes of groups of CPUs where nodes are not known.
    private static let groupLimit = 16

    let nodes: [HardwareMap.Node]

    let grid: TimeGrid

    /// A lane for each CPU, lowest first, and the place of the buffer that it is of: that CPU's busiest one.
    func perCPU(_ buffers: [BufferTimeline]) -> [(lane: CPULane, buffer: Int)] {
        var best: [Int: (lane: CPULane, buffer: Int)] = [:]
        for (place, buffer) in buffers.enumerated() {
            for lane in buffer.lanes.flatMap({ lanes(of: $0) }) {
                let cpu = lane.cpus[0]
                if let known = best[cpu], Self.total(known.lane) >= Self.total(lane) { continue }
                best[cpu] = (lane, place)
            }
        }
        // There are threads of one buffer at most.
        if let threads = buffers.lazy.compactMap(\.threads).first {
            for cpu in best.keys { best[cpu]?.lane.nanoseconds[CPULane.Part.thread.rawValue] = emptyPart }
            for lane in lanes(of: threads, first: .thread) {
                if best[lane.cpus[0]] == nil {
                    best[lane.cpus[0]] = (CPULane(cpus: lane.cpus, nanoseconds: emptyParts), 0)
                }
                best[lane.cpus[0]]?.lane.nanoseconds[CPULane.Part.thread.rawValue] =
                    lane.nanoseconds[CPULane.Part.thread.rawValue]
            }
        }
        return best.values.sorted { $0.lane.cpus[0] < $1.lane.cpus[0] }
    }

    private var emptyPart: [UInt64] { [UInt64](repeating: 0, count: Int(grid.count)) }
    private var emptyParts: [[UInt64]] { CPULane.Part.allCases.map { $0 == .thread ? [] : emptyPart } }

    /// The lanes that one thread has summed up, in the columns of the grid.
    private func lanes(of given: BufferTimeline.Lanes, first: CPULane.Part = .hardirq) -> [CPULane] {
        given.cpus.map { cpu in
            var lane = CPULane(cpus: [cpu.cpu], nanoseconds: emptyParts)
            for (part, values) in cpu.nanoseconds.enumerated() {
                var sums = emptyPart
                for (place, value) in values.enumerated() where value > 0 {
                    let column = (given.grid.first + UInt64(place)) >> (grid.shift - given.grid.shift)
                    sums[Int(column - grid.first)] &+= value
                }
                lane.nanoseconds[first.rawValue + part] = sums
            }
            return lane
        }
    }

    /// The lanes of CPUs, those of very many folded.
    func folded(_ lanes: [CPULane]) -> [CPULane] {
        if lanes.count <= Self.laneLimit { return lanes }
        var nodeByCPU: [Int: Int] = [:]
        for node in nodes { for cpu in node.cpus.cpus { nodeByCPU[cpu] = node.number } }
        var blockLength = Self.laneLimit
        while (lanes.last?.cpus[0] ?? 0) / blockLength >= Self.groupLimit { blockLength *= 2 }
        // Nodes by their number, then CPUs that belong to none.
        let groups = Dictionary(grouping: lanes) { lane -> Int in
            let cpu = lane.cpus[0]
            return nodeByCPU[cpu] ?? (1 << 32) + cpu / blockLength
        }
        let hottest = lanes.sorted { (Self.total($1), $0.cpus[0]) < (Self.total($0), $1.cpus[0]) }
            .prefix(Self.hottestCount).map { lane in
                var lane = lane
                lane.isHottest = true
                return lane
            }
        return groups.sorted { $0.key < $1.key }.map { key, lanes in
            CPULane(
                cpus: lanes.map { $0.cpus[0] }, node: key < 1 << 32 ? key : nil,
                nanoseconds: lanes[0].nanoseconds.indices.map { part in
                    lanes[0].nanoseconds[part].indices.map { column in
                        lanes.reduce(0) { $0 &+ $1.nanoseconds[part][column] }
                    }
                })
        } + hottest
    }

    private static func total(_ lane: CPULane) -> UInt64 {
        lane.nanoseconds.reduce(0) { $1.reduce($0, &+) }
    }
}
