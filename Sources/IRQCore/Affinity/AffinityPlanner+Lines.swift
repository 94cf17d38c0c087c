extension AffinityPlanner {
    // MARK: Queues

    /// A device with queues, or several functions of one card.
    private struct Card {
        var units: [QueueUnit]
        var groups: [PlannedGroup]
        var node: Int?
        var isNetwork: Bool
    }

    /// Puts queues on CPUs, the busiest card first; the ports of a card take turns.
    mutating func placeQueues(_ indices: [Int]) {
        var cards = cards(indices)
        func load(_ card: Card) -> Double { card.units.reduce(0) { $0 + $1.load } }
        let order = cards.indices.sorted { (load(cards[$1]), $0) < (load(cards[$0]), $1) }
        for index in order {
            let allowed = allowed(node: cards[index].node, title: cards[index].groups[0].title)
            for unit in cards[index].units.indices {
                if let cpu = cards[index].units[unit].current, !allowed.contains(cpu) {
                    cards[index].units[unit].current = nil
                }
            }
            let chosen = fill.place(cards[index].units, on: allowed.cpus)
            for (unit, cpu) in zip(cards[index].units, chosen) { put(unit, on: cpu) }
            propose(cards[index].groups, units: cards[index].units.count, allowed, isNetwork: cards[index].isNetwork)
            tellFarQueues(cards[index].groups, chosen, node: cards[index].node)
        }
        plan.groups = cards.flatMap(\.groups)
    }

    private mutating func put(_ unit: QueueUnit, on cpu: Int) {
        for index in unit.lines {
            masks[index] = CPUSet([cpu])
            let line = box.lines[index]
            let number = line.queue?.number.map { "queue \($0)" } ?? "queue"
            reasons[index] =
                line.mask == CPUSet([cpu]) ? "\(number): alone on CPU \(cpu) already" : "\(number) to CPU \(cpu)"
        }
    }

    private func cards(_ indices: [Int]) -> [Card] {
        var order: [String] = []
        var members: [String: [Int]] = [:]
        for index in indices {
            let key = box.lines[index].deviceKey ?? box.lines[index].queue?.owner ?? ""
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(index)
        }
        var cardOrder: [String] = []
        var cards: [String: Card] = [:]
        for (place, key) in order.enumerated() {
            guard let lines = members[key], let first = lines.first.map({ box.lines[$0] }) else { continue }
            let units = units(lines, place)
            let title = first.device ?? first.queue?.owner ?? key
            let address = first.identity.address.isEmpty ? nil : first.identity.address
            let group = PlannedGroup(title: title, address: address, node: first.node, queueCount: units.count)
            let isNetwork = first.queue?.kind == .network
            // `0000:3b:00.0` and `.1` are ports of one card; those of a card in two sockets have two nodes.
            let slot = address.flatMap { text in text.lastIndex(of: ".").map { String(text[..<$0]) } } ?? key
            let card = "\(slot) \(first.node ?? -1)"
            if cards[card] == nil {
                cardOrder.append(card)
                cards[card] = Card(units: units, groups: [group], node: first.node, isNetwork: isNetwork)
            } else {
                cards[card]?.units += units
                cards[card]?.groups.append(group)
            }
        }
        return cardOrder.compactMap { cards[$0] }.map { card in
            var card = card
            card.units.sort { $0.order < $1.order }
            return card
        }
    }

    /// The queues of a device: both lines of one that has two.
    private func units(_ lines: [Int], _ place: Int) -> [QueueUnit] {
        var numbered: [Int: [Int]] = [:]
        var units: [QueueUnit] = []
        for index in lines {
            if let number = box.lines[index].queue?.number {
                numbered[number, default: []].append(index)
            } else {
                units.append(unit([index], (units.count, place, index)))
            }
        }
        for (number, members) in numbered {
            // More lines of one number than a receiving and a sending one are queues for themselves.
            let directions = members.map { box.lines[$0].queue?.direction }
            if Set(directions).count == members.count {
                units.append(unit(members, (number, place, members[0])))
            } else {
                units += members.map { unit([$0], (number, place, $0)) }
            }
        }
        return units
    }

    private func unit(_ lines: [Int], _ order: (Int, Int, Int)) -> QueueUnit {
        // Receiving comes first where both directions have a line.
        let sorted = lines.sorted { left, _ in box.lines[left].queue?.direction == .receive }
        let current = sorted.lazy.compactMap { box.lines[$0].current }.first
        let load = lines.reduce(0) { $0 + box.lines[$1].perSecond }
        let isPinned = current.map { cpu in lines.allSatisfy { box.lines[$0].mask == CPUSet([cpu]) } } ?? false
        return QueueUnit(
            lines: lines, order: order, load: load, current: current, isPinned: isPinned,
            node: box.lines[lines[0]].node)
    }

    // MARK: CPUs

    /// The CPUs that a device's lines may go to.
    mutating func allowed(node: Int?, title: String) -> CPUSet {
        guard wishes.goal == .numa, let node else { return plan.allowed }
        let local = plan.allowed.intersection(box.cpus.nodeCPUs[node] ?? CPUSet())
        if !local.isEmpty { return local }
        let nodes = box.cpus.nodeCPUs.keys.filter { !plan.allowed.isDisjoint(with: box.cpus.nodeCPUs[$0] ?? CPUSet()) }
        let nearest = nodes.min {
            (box.cpus.distance(node, $0) ?? 255, $0) < (box.cpus.distance(node, $1) ?? 255, $1)
        }
        guard let nearest, let cpus = box.cpus.nodeCPUs[nearest] else { return plan.allowed }
        let words = "no CPU of node \(node), where \(title) is, may be used: node \(nearest) is the nearest"
        if !plan.notes.contains(words) { plan.notes.append(words) }
        return plan.allowed.intersection(cpus)
    }

    // MARK: Other lines

    /// Puts the lines of devices that have one on CPUs.
    mutating func placeSingles(_ indices: [Int]) {
        let order = indices.sorted { (box.lines[$1].perSecond, $0) < (box.lines[$0].perSecond, $1) }
        var allowedCPUs: [Int: CPUSet] = [:]
        for index in order {
            let line = box.lines[index]
            allowedCPUs[index] = allowed(node: line.node, title: line.device ?? line.action)
        }
        let units = order.map { index -> QueueUnit in
            var unit = unit([index], (0, 0, index))
            if let cpu = unit.current, allowedCPUs[index]?.contains(cpu) != true { unit.current = nil }
            return unit
        }
        let chosen = fill.placeSingles(units) { allowedCPUs[$0.lines[0]]?.cpus ?? [] }
        for (unit, cpu) in zip(units, chosen) {
            guard let cpu, let index = unit.lines.first, let mask = box.lines[index].mask else { continue }
            let isInside = mask.intersection(box.cpus.online).isSubset(of: box.cpus.housekeeping)
            if unit.current == cpu, isInside {
                reasons[index] = "CPU \(cpu) is as good as any other"
            } else {
                masks[index] = CPUSet([cpu])
                reasons[index] = "one line of \(box.lines[index].device ?? "a device") to CPU \(cpu)"
            }
        }
    }

    /// Keeps a slow line, or one of a device's own, on the CPUs for such: all of them.
    mutating func placeSlow(_ index: Int) {
        let line = box.lines[index]
        // Only `isolate` narrows what the user names to CPUs for all lines.
        let allowed = wishes.goal == .isolate ? plan.allowed : box.cpus.housekeeping
        let kind = line.isAdmin ? "no queue" : "slow"
        guard let mask = line.mask, !allowed.isEmpty else { return }
        let isInside = mask.intersection(box.cpus.online).isSubset(of: allowed)
        let isServedInside = line.effective.map { $0.isSubset(of: allowed) } ?? true
        if isInside, isServedInside || (!line.movesAtOnce && mask.isSubset(of: allowed)) {
            let rate = line.perSecond < Self.busyPerSecond ? "\(kind), and where it may be" : "where it may be"
            reasons[index] = isServedInside ? rate : "moves with its next interrupt"
            return
        }
        var unit = unit([index], (0, 0, index))
        if let cpu = unit.current, !allowed.contains(cpu) { unit.current = nil }
        let cpu = fill.placeSlow(unit, on: allowed.cpus)
        if line.takesFirst, let cpu {
            masks[index] = CPUSet([cpu])
            reasons[index] = "away from other CPUs; its controller takes the first CPU of a mask"
        } else {
            masks[index] = allowed
            if !isServedInside || line.effective == nil { firsts[index] = cpu }
            reasons[index] = isServedInside ? "its mask has other CPUs" : "away from CPU \(line.effective?.list ?? "?")"
        }
    }
}

extension CPUFill {
    /// The CPU for a line that needs none of its own: in turn, where the load is least.
    mutating func placeSlow(_ unit: QueueUnit, on allowed: [Int]) -> Int? {
        if let cpu = unit.current { return cpu }
        let best = allowed.min { slowCost($0, unit.node) < slowCost($1, unit.node) }
        if let best { addSlow(best, load: unit.load) }
        return best
    }
}
