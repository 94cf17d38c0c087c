/// The files of a network interface that steer packets: which queue a CPU sends by, which CPUs take packets of a queue.
extension AffinityPlanner {
    /// A queue of an interface and the CPU that serves it in the plan.
    private struct Served {
        var number: Int
        var cpu: Int
        var lines: [Int]
    }

    /// The interfaces with queues among lines, and their queues by number.
    private func interfaces(_ indices: [Int], _ direction: QueueName.Direction) -> [(AffinityBox.Interface, [Served])] {
        var order: [String] = []
        var queues: [String: [Served]] = [:]
        for index in indices {
            let line = box.lines[index]
            guard let key = line.deviceKey, let queue = line.queue, queue.kind == .network, let number = queue.number,
                queue.direction == direction || queue.direction == .both,
                let cpu = masks[index]?.lowest
            else { continue }
            if queues[key] == nil { order.append(key) }
            if let place = queues[key]?.firstIndex(where: { $0.number == number }) {
                queues[key]?[place].lines.append(index)
            } else {
                queues[key, default: []].append(Served(number: number, cpu: cpu, lines: [index]))
            }
        }
        return order.flatMap { key -> [(AffinityBox.Interface, [Served])] in
            let found = (queues[key] ?? []).sorted { $0.number < $1.number }
            return (box.interfaces[key] ?? []).map { ($0, found) }
        }
    }

    // MARK: Sending

    /// Gives each CPU one queue to send by: the one whose line it serves, else the nearest.
    mutating func steerSending(_ indices: [Int]) {
        for (interface, queues) in interfaces(indices, .send) {
            // With one queue there is nothing to choose, and no file.
            if interface.sends.count < 2 { continue }
            guard queues.map(\.number) == interface.sends.keys.sorted() else {
                plan.notes.append(
                    "\(interface.name): \(interface.sends.count) sending queues and \(queues.count) with a line: who sends by which (XPS) is left alone"
                )
                continue
            }
            var senders = [CPUSet](repeating: CPUSet(), count: queues.count)
            for (cpu, place) in sendingQueues(queues.map(\.cpu)) { senders[place].insert(cpu) }
            for (queue, cpus) in zip(queues, senders) {
                guard let text = interface.sends[queue.number], CPUSet.parse(mask: text) != cpus else { continue }
                plan.files.append(
                    PlannedFile(
                        path: "sys/class/net/\(interface.name)/queues/tx-\(queue.number)/xps_cpus", old: text,
                        value: cpus.mask(like: text), reason: "CPUs \(cpus.list) send by it"))
            }
        }
    }

    /// The queue of each CPU online, by its place in `serving`, which has the CPU of each queue.
    private func sendingQueues(_ serving: [Int]) -> [(cpu: Int, place: Int)] {
        var counts = [Int](repeating: 0, count: serving.count)
        var result: [(Int, Int)] = []
        var waiting: [(nearness: Int, cpu: Int)] = []
        for cpu in box.cpus.online.cpus {
            if let place = serving.indices.filter({ serving[$0] == cpu }).min(by: {
                (counts[$0], $0) < (counts[$1], $1)
            }) {
                counts[place] += 1
                result.append((cpu, place))
            } else {
                waiting.append((serving.map { farness(cpu, $0) }.min() ?? 0, cpu))
            }
        }
        waiting.sort { ($0.nearness, $0.cpu) < ($1.nearness, $1.cpu) }
        for (_, cpu) in waiting {
            let place = serving.indices.min {
                (farness(cpu, serving[$0]), counts[$0], $0) < (farness(cpu, serving[$1]), counts[$1], $1)
            }
            guard let place else { continue }
            counts[place] += 1
            result.append((cpu, place))
        }
        return result
    }

    /// 0 for threads of a core, 1 for a node, then by distance.
    private func farness(_ cpu: Int, _ other: Int) -> Int {
        if cpu == other || box.cpus.siblings[cpu]?.contains(other) == true { return 0 }
        guard let node = box.cpus.node(of: cpu), let there = box.cpus.node(of: other), node != there else { return 1 }
        return box.cpus.distance(node, there) ?? 255
    }

    // MARK: Receiving

    /// Spreads packets of a queue in software where there are fewer queues than cores and its CPU is full; else not at all.
    mutating func steerReceiving(_ indices: [Int]) {
        for (interface, queues) in interfaces(indices, .receive) {
            let node = queues.first.flatMap { box.lines[$0.lines[0]].node }
            let allowed = allowed(node: node, title: interface.name)
            let hasEnough = queues.count >= box.cpus.cores(of: allowed).count
            for queue in queues {
                guard let text = interface.receives[queue.number], let now = CPUSet.parse(mask: text) else { continue }
                let share = expectedShare(queue.lines, on: queue.cpu)
                let cpus = hasEnough || share < Self.fullShare ? CPUSet() : helpers(of: queue.cpu)
                if cpus == now { continue }
                let reason =
                    cpus.isEmpty
                    ? (hasEnough ? "as many queues as cores" : "its CPU is not full")
                    : "CPU \(queue.cpu) is \(Int(share * 100)) % full of interrupts"
                plan.files.append(
                    PlannedFile(
                        path: "sys/class/net/\(interface.name)/queues/rx-\(queue.number)/rps_cpus", old: text,
                        value: cpus.mask(like: text), reason: reason))
            }
        }
    }

    /// From this share of interrupts and softirqs on, a CPU gets help.
    static let fullShare = QueuesFewCheck.busyShare

    /// The share of a CPU that a queue's interrupts and packets will take there: what they take now.
    private func expectedShare(_ lines: [Int], on cpu: Int) -> Double {
        var share = 0.0
        for (now, load) in lines.flatMap({ Array(box.lines[$0].perCPU) }) where load > 0 {
            let all = box.lines.reduce(0) { $0 + ($1.perCPU[now] ?? 0) }
            share += (box.interruptShares[now] ?? 0) * load / max(all, load)
        }
        return min(share, 1)
    }

    /// The cores near a CPU that may help it: not its own, and none that was set aside.
    private func helpers(of cpu: Int) -> CPUSet {
        var near = plan.allowed.intersection(box.cpus.housekeeping)
        if let node = box.cpus.node(of: cpu), let cpus = box.cpus.nodeCPUs[node] { near = near.intersection(cpus) }
        let own = box.cpus.siblings[cpu] ?? CPUSet([cpu])
        return CPUSet(box.cpus.cores(of: near.subtracting(own).subtracting(CPUSet([cpu]))))
    }
}
