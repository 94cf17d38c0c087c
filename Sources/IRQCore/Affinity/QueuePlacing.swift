/// A queue to be placed: its lines go to the same CPU.
struct QueueUnit {
    /// The lines, by their place in the box.
    var lines: [Int]
    /// The number of the queue, then of the function: the order of placing.
    var order: (Int, Int, Int)
    /// The rate of its lines, per second.
    var load: Double
    /// The CPU that serves it; nil if unknown or not allowed.
    var current: Int?
    /// True if its lines may go to no other CPU.
    var isPinned: Bool
    /// The device's memory node.
    var node: Int?
}

/// A CPU that was chosen for a queue, and the group of those that are alike: the lower, the better.
private struct Slot {
    var cpu: Int
    var key: UInt64
}

extension CPUFill {
    /// Puts the queues of a card on CPUs, one each as far as there are any; queues that are where one belongs stay.
    ///
    /// The CPUs are chosen first, the cheapest one after another, so that it does not matter which queue is where now; then
    /// queues that are on one of them keep it, and the others get the rest in their order.
    mutating func place(_ units: [QueueUnit], on allowed: [Int]) -> [Int] {
        guard let first = units.first, !allowed.isEmpty else { return [] }
        let mean = units.reduce(0) { $0 + $1.load } / Double(units.count)
        var here: [Int: Int] = [:]
        for unit in units { if let cpu = unit.current { here[cpu, default: 0] += 1 } }
        var slots: [Slot] = []
        for _ in units {
            let best = cheapest(allowed, node: first.node, load: mean) { (here[$0] ?? 0) > 0 ? 0 : 1 }
            guard let best else { break }
            // Which thread of a core is the first one follows from what is there: of CPUs of different speed only that counts.
            slots.append(Slot(cpu: best.cpu, key: haveOneSpeed ? best.cost.coarse : slowness(best.cpu)))
            if let count = here[best.cpu], count > 0 { here[best.cpu] = count - 1 }
            add(best.cpu, load: mean, isQueue: true)
        }
        slots.sort { ($0.key, $0.cpu) < ($1.key, $1.cpu) }
        let result = match(units, slots)
        for (unit, cpu) in zip(units, result) { add(cpu, load: unit.load - mean, isQueue: false) }
        return result
    }

    /// Gives each queue one of the chosen CPUs, which come in groups that are alike, the best group first.
    ///
    /// A queue whose mask is such a CPU alone was put there by somebody and keeps it. One with a wide mask is where it is by
    /// chance: it stays if the CPU is of the group that its place in the order gives it. Where CPUs differ in speed, the
    /// order is that of load and everything else comes second.
    private func match(_ units: [QueueUnit], _ slots: [Slot]) -> [Int] {
        var result = [Int](repeating: slots[0].cpu, count: units.count)
        var free = slots
        var waiting = Array(units.indices)
        if haveOneSpeed {
            waiting.removeAll { index in
                guard units[index].isPinned, let cpu = units[index].current,
                    let slot = free.firstIndex(where: { $0.cpu == cpu })
                else { return false }
                result[index] = cpu
                free.remove(at: slot)
                return true
            }
        } else {
            waiting.sort { (units[$1].load, $0) < (units[$0].load, $1) }
        }
        while let key = free.first?.key, !waiting.isEmpty {
            var group = free.filter { $0.key == key }.map(\.cpu)
            free.removeAll { $0.key == key }
            let members = waiting.prefix(group.count).sorted()
            waiting.removeFirst(members.count)
            var others: [Int] = []
            for index in members {
                if let current = units[index].current, let slot = group.firstIndex(of: current) {
                    result[index] = current
                    group.remove(at: slot)
                } else {
                    others.append(index)
                }
            }
            for (index, cpu) in zip(others, group) { result[index] = cpu }
        }
        return result
    }

    /// Puts single lines on CPUs, the busiest first; a line stays where that is as good.
    mutating func placeSingles(_ units: [QueueUnit], on allowed: (QueueUnit) -> [Int]) -> [Int?] {
        var wanted: [Int: Int] = [:]
        for unit in units { if let cpu = unit.current { wanted[cpu, default: 0] += 1 } }
        return units.map { unit in
            if let cpu = unit.current { wanted[cpu, default: 1] -= 1 }
            let best = cheapest(allowed(unit), node: unit.node, load: unit.load) { cpu in
                // Where others are that have not been placed yet is left to them.
                cpu == unit.current ? 0 : (wanted[cpu] ?? 0) > 0 ? 2 : 1
            }
            if let best { add(best.cpu, load: unit.load, isQueue: true) }
            return best?.cpu
        }
    }
}
