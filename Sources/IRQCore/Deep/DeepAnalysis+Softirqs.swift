// Softirqs: who serves them, and the packets of NET_RX.

/// The polls of a network device.
struct DeepDevice: BitwiseCopyable {
    let name: Int32
    var polls: UInt64 = 0
    var packets: UInt64 = 0
    var budgetExhausted: UInt64 = 0
    var empty: UInt64 = 0
    var outsideNetRX: UInt64 = 0
}

/// The runs of NET_RX that an interrupt raised, by the devices that they polled.
struct DeepChain: BitwiseCopyable {
    /// The interrupt; nil for runs that none raised.
    let irq: Int64?
    /// The place of the devices' names, in order, with commas.
    let devices: Int32
    let latency: Int32
    var runs: UInt64 = 0
    var interrupts: UInt64 = 0
    var polls: UInt64 = 0
    var packets: UInt64 = 0
    var budgetExhausted: UInt64 = 0
}

extension DeepAnalysis {
    private static let netRX: UInt64 = 3

    mutating func raise(_ slot: Int, _ now: UInt64, _ vector: UInt64) {
        guard vector < UInt64(DeepCPU.softirqLimit) else { return }
        if isCounted(slot, now) { raises[Int(vector)] &+= 1 }
        let isFirst = cpus[slot].raised[Int(vector)] == DeepCPU.never
        if isFirst { cpus[slot].raised[Int(vector)] = now }
        noteRaise(slot, now, vector, isFirst: isFirst)
        guard vector == Self.netRX else { return }
        var place = cpus[slot].hardCount &- 1
        while place >= 0, !cpus[slot].hard[place].isIRQ { place &-= 1 }
        if place >= 0 {
            addSource(slot, irq: cpus[slot].hard[place].number, cpus[slot].hard[place].start)
        } else if cpus[slot].hardCount == 0 {
            let irq = traits(ofTask: cpus[slot].task).irq
            if irq >= 0 { addSource(slot, irq: UInt64(irq), now) }
        }
    }

    private mutating func addSource(_ slot: Int, irq: UInt64, _ start: UInt64) {
        let count = cpus[slot].raisers.count
        for place in 0..<count where cpus[slot].raisers.list[place].irq == irq {
            if cpus[slot].raisers.list[place].last == start { return }
            cpus[slot].raisers.list[place].count &+= 1
            cpus[slot].raisers.list[place].first = min(cpus[slot].raisers.list[place].first, start)
            cpus[slot].raisers.list[place].last = start
            return
        }
        guard count < PacketSources.limit else {
            totals.rowsBeyondLimit &+= 1
            return
        }
        cpus[slot].raisers.list[count] = PacketSource(irq: irq, count: 1, first: start, last: start)
        cpus[slot].raisers.count = count + 1
    }

    mutating func enterSoftirq(_ slot: Int, _ now: UInt64, _ vector: UInt64) {
        guard vector < UInt64(DeepCPU.softirqLimit) else { return }
        if isCounted(slot, now) { entries[Int(vector)] &+= 1 }
        let task = Int(cpus[slot].task)
        if Int(tasks[task].softirqCount) == DeepTask.softirqDepth {
            totals.unmatchedEntries &+= 1
            for place in 1..<DeepTask.softirqDepth { tasks[task].softirqs[place - 1] = tasks[task].softirqs[place] }
            tasks[task].softirqCount &-= 1
        }
        tasks[task].softirqs[Int(tasks[task].softirqCount)] = UInt8(vector)
        tasks[task].softirqCount &+= 1
        let raised = cpus[slot].raised[Int(vector)]
        noteEntry(slot, now, vector, wasRaised: raised != DeepCPU.never)
        if raised != DeepCPU.never {
            cpus[slot].raised[Int(vector)] = DeepCPU.never
            let server = Int(traits(ofTask: Int32(task)).service) + 1
            recordRaise(Int(vector), Int(vector) * 5 + server, slot, from: raised, now)
        }
        if vector == Self.netRX {
            cpus[slot].startRun(now)
        }
    }

    private mutating func recordRaise(_ vector: Int, _ place: Int, _ slot: Int, from raised: UInt64, _ now: UInt64) {
        if isDropped(slot, from: raised, to: now) || !isCounted(slot, now) { return }
        noteWait(slot, now, vector, from: raised)
        if raiseTallies[place] < 0 { raiseTallies[place] = tallies.make() }
        tallies.record(now >= raised ? now &- raised : 0, in: raiseTallies[place])
    }

    mutating func leaveSoftirq(_ slot: Int, _ now: UInt64, _ vector: UInt64) {
        guard vector < UInt64(DeepCPU.softirqLimit) else { return }
        let task = Int(cpus[slot].task)
        var place = Int(tasks[task].softirqCount) - 1
        while place >= 0, tasks[task].softirqs[place] != UInt8(vector) { place -= 1 }
        guard place >= 0 else {
            totals.unmatchedExits &+= 1
            return
        }
        totals.unmatchedEntries &+= UInt64(Int(tasks[task].softirqCount) - 1 - place)
        tasks[task].softirqCount = Int8(place)
        tasks[task].softirqPath = .unknown
        if vector == Self.netRX, cpus[slot].isRunOpen { endRun(slot) }
    }

    // MARK: Packets

    mutating func poll(_ slot: Int, _ now: UInt64, device name: Int32, packets: UInt64, budget: UInt64) {
        let task = Int(cpus[slot].task)
        var isInside = false
        for place in 0..<Int(tasks[task].softirqCount) where UInt64(tasks[task].softirqs[place]) == Self.netRX {
            isInside = true
        }
        // Both are ints of the kernel's.
        let (signedPackets, signedBudget) = (Int64(bitPattern: packets), Int64(bitPattern: budget))
        let isExhausted = signedBudget > 0 && signedPackets >= signedBudget
        let device = isCounted(slot, now) ? self.device(name) : -1
        if device >= 0 {
            devices[device].polls &+= 1
            devices[device].packets &+= packets
            if isExhausted { devices[device].budgetExhausted &+= 1 }
            if packets == 0 { devices[device].empty &+= 1 }
            if !isInside { devices[device].outsideNetRX &+= 1 }
        }
        guard isInside, cpus[slot].isRunOpen else { return }
        cpus[slot].run.polls &+= 1
        cpus[slot].run.packets &+= packets
        if isExhausted { cpus[slot].run.budgetExhausted &+= 1 }
        if cpus[slot].run.firstPoll == DeepCPU.never { cpus[slot].run.firstPoll = now }
        let count = cpus[slot].run.deviceCount
        for place in 0..<count where cpus[slot].run.devices[place] == name { return }
        guard count < PacketRun.deviceLimit else {
            totals.rowsBeyondLimit &+= 1
            return
        }
        cpus[slot].run.devices[count] = name
        cpus[slot].run.deviceCount = count + 1
    }

    private mutating func device(_ name: Int32) -> Int {
        let key = UInt64(UInt32(bitPattern: name))
        if let known = deviceByName.value(for: key) { return Int(known) }
        guard devices.count < SpanTable.rowLimit else {
            totals.rowsBeyondLimit &+= 1
            return -1
        }
        devices.reserve(1)
        devices.append(DeepDevice(name: name))
        deviceByName.reserve(1)
        deviceByName.set(Int32(devices.count - 1), for: key)
        return devices.count - 1
    }

    private mutating func endRun(_ slot: Int) {
        cpus[slot].isRunOpen = false
        guard isCounted(slot, cpus[slot].run.start) else { return }
        let devices = self.devices(ofRunOn: slot)
        let count = cpus[slot].run.sources.count
        if count == 0 { _ = addRun(slot, irq: nil, devices) }
        let firstPoll = cpus[slot].run.firstPoll
        for source in 0..<count {
            let irq = Int64(bitPattern: cpus[slot].run.sources.list[source].irq)
            guard let place = addRun(slot, irq: irq, devices) else { continue }
            chains[place].interrupts &+= cpus[slot].run.sources.list[source].count
            let first = cpus[slot].run.sources.list[source].first
            if firstPoll != DeepCPU.never {
                tallies.record(firstPoll >= first ? firstPoll &- first : 0, in: chains[place].latency)
            }
        }
    }

    /// Adds the polls of a CPU's run to those that an interrupt raised, or none, and returns their place.
    private mutating func addRun(_ slot: Int, irq: Int64?, _ devices: Int32) -> Int? {
        // No interrupt has the number -1.
        let key = UInt64(bitPattern: irq ?? -1) << 32 | UInt64(UInt32(bitPattern: devices))
        let place: Int
        if let known = chainByKey.value(for: key) {
            place = Int(known)
        } else {
            guard chains.count < SpanTable.rowLimit else {
                totals.rowsBeyondLimit &+= 1
                return nil
            }
            place = chains.count
            chains.reserve(1)
            chains.append(DeepChain(irq: irq, devices: devices, latency: tallies.make()))
            chainByKey.reserve(1)
            chainByKey.set(Int32(place), for: key)
        }
        chains[place].runs &+= 1
        chains[place].polls &+= cpus[slot].run.polls
        chains[place].packets &+= cpus[slot].run.packets
        chains[place].budgetExhausted &+= cpus[slot].run.budgetExhausted
        return place
    }

    /// The names of the devices that a run polled, in order, as one name.
    private mutating func devices(ofRunOn slot: Int) -> Int32 {
        let count = cpus[slot].run.deviceCount
        if count < 2 { return count == 0 ? 0 : cpus[slot].run.devices[0] }
        var list: [[UInt8]] = []
        for place in 0..<count { list.append(names.bytes(of: cpus[slot].run.devices[place])) }
        list.sort { $0.lexicographicallyPrecedes($1) }
        return place(ofName: Array(list.joined(separator: [UInt8(ascii: ",")])))
    }
}
