/// Makes a plan of a box and wishes. It is a pure function: the same input gives the same plan, and a box on which a plan was
/// applied gives an empty one.
public struct AffinityPlanner {
    let box: AffinityBox
    let wishes: AffinityWishes
    var plan: AffinityPlan
    var fill: CPUFill
    /// The mask that each line gets, by its place in the box.
    var masks: [Int: CPUSet] = [:]
    /// Why a line stays, by its place in the box.
    var reasons: [Int: String] = [:]

    /// A line with fewer interrupts a second is slow: no CPU is chosen for it alone.
    static let busyPerSecond = 1.0

    /// The reason of lines of devices that were not asked for.
    public static let unasked = "not asked for"

    /// Makes a plan.
    public static func plan(_ box: AffinityBox, _ wishes: AffinityWishes) -> AffinityPlan {
        var planner = AffinityPlanner(box, wishes)
        planner.run()
        return planner.plan
    }

    private init(_ box: AffinityBox, _ wishes: AffinityWishes) {
        (self.box, self.wishes) = (box, wishes)
        let cpus = box.cpus
        var allowed = wishes.cpus.map { $0.intersection(cpus.online) } ?? cpus.housekeeping
        allowed = allowed.subtracting(wishes.away)
        plan = AffinityPlan(goal: wishes.goal, allowed: allowed)
        plan.devices = wishes.devices
        fill = CPUFill(cpus, areRatesKnown: box.areRatesKnown)
    }

    private mutating func run() {
        guard !plan.allowed.isEmpty else {
            plan.notes.append("no CPU is left for interrupts")
            plan.leftAlone = box.lines.indices.map { left($0, "no CPU is left for interrupts") }
            return
        }
        var free: [Int] = []
        for index in box.lines.indices {
            let line = box.lines[index]
            if !isWanted(line) {
                reasons[index] = Self.unasked
            } else if let hold = line.hold {
                reasons[index] = hold
            } else if line.mask == nil {
                reasons[index] = "its mask cannot be read"
            } else if !keep(index) {
                free.append(index)
                continue
            }
            settle(index, isFixed: true)
        }
        let queues = free.filter { box.lines[$0].queue != nil }
        let others = free.filter { box.lines[$0].queue == nil }
        let busy = others.filter { isBusySingle(box.lines[$0]) }
        let slow = others.filter { !isBusySingle(box.lines[$0]) }
        for index in slow { settle(index, isFixed: false) }
        placeQueues(queues)
        placeSingles(busy)
        for index in slow { placeSlow(index) }
        addLines()
        addDefaultMask()
        if wishes.steersSending { steerSending(queues) }
        if wishes.steersReceiving { steerReceiving(queues) }
        addShares()
        addNotes(queues)
        addRefusals()
    }

    // MARK: Lines

    /// True if the line is of a device that was asked for.
    private func isWanted(_ line: AffinityBox.Line) -> Bool {
        wishes.devices.isEmpty || wishes.devices.contains { box.means($0, line) }
    }

    /// Gives a line the CPU that the user keeps it on; false if no wish is about it.
    private mutating func keep(_ index: Int) -> Bool {
        let line = box.lines[index]
        let actions = line.action.split(separator: ",").map(String.init)
        let names = actions + ["\(line.irq)"] + [line.device, line.deviceKey, line.queue?.owner].compactMap { $0 }
        guard let wish = wishes.keep.first(where: { names.contains($0.name) }) else { return false }
        masks[index] = CPUSet([wish.cpu])
        reasons[index] = "kept on CPU \(wish.cpu) (--keep \(wish.name))"
        return true
    }

    /// Counts a line that stays where it is: for good, or until slow lines are looked at.
    private mutating func settle(_ index: Int, isFixed: Bool) {
        let line = box.lines[index]
        func add(_ cpu: Int, _ load: Double, isQueue: Bool) {
            if isFixed {
                fill.addFixed(cpu, load: load, isQueue: isQueue)
            } else {
                fill.add(cpu, load: load, isQueue: isQueue)
            }
        }
        if let cpu = masks[index]?.lowest {
            add(cpu, line.perSecond, isQueue: line.queue != nil)
            return
        }
        for (cpu, rate) in line.perCPU { add(cpu, rate, isQueue: false) }
        // A busy queue of a device that was not asked for has its CPU, too. A managed one has not: a disk has one for each
        // CPU, and whether it matters is a question of its load.
        if line.queue != nil, line.hold == nil, line.perSecond >= Self.busyPerSecond, let cpu = line.current {
            add(cpu, 0, isQueue: true)
        }
    }

    /// True for the line of a device that has one, and work.
    private func isBusySingle(_ line: AffinityBox.Line) -> Bool {
        wishes.goal != .isolate && !line.isAdmin && line.perSecond >= Self.busyPerSecond
    }

    // MARK: The result

    func left(_ index: Int, _ reason: String) -> LeftLine {
        let line = box.lines[index]
        return LeftLine(
            irq: line.irq, action: line.action, device: line.device, mask: line.mask, effective: line.effective,
            reason: reason, perSecond: box.areRatesKnown ? line.perSecond : nil)
    }

    /// Puts each line into the plan: the busiest queues first, then other lines.
    private mutating func addLines() {
        var planned: [(index: Int, line: PlannedLine)] = []
        for index in box.lines.indices {
            let line = box.lines[index]
            let reason = reasons[index] ?? "it is where it should be"
            guard let new = masks[index], let mask = line.mask, new != mask else {
                plan.leftAlone.append(left(index, reason))
                continue
            }
            var first: Int?
            if new.count > 1, let cpu = firsts[index] {
                first = cpu
            }
            planned.append(
                (
                    index,
                    PlannedLine(
                        identity: line.identity, device: line.device, mask: mask, effective: line.effective,
                        first: first, new: new, reason: reason, movesAtOnce: line.movesAtOnce,
                        perSecond: box.areRatesKnown ? line.perSecond : nil)
                ))
        }
        planned.sort { left, right in
            let (a, b) = (box.lines[left.index], box.lines[right.index])
            let (isQueueA, isQueueB) = (a.queue != nil, b.queue != nil)
            return isQueueA != isQueueB ? isQueueA : left.index < right.index
        }
        plan.lines = planned.map(\.line)
    }

    /// The CPUs that slow lines are moved to before they get a mask of several.
    var firsts: [Int: Int] = [:]

    private mutating func addDefaultMask() {
        guard wishes.goal == .isolate, wishes.devices.isEmpty, let text = box.defaultMask,
            let now = CPUSet.parse(mask: text), now != plan.allowed
        else { return }
        plan.files.append(
            PlannedFile(
                path: "proc/irq/default_smp_affinity", old: text, value: plan.allowed.mask(like: text),
                reason: "lines to come start there"))
    }

    private mutating func addShares() {
        guard box.areRatesKnown else { return }
        var before: [Int: Double] = [:]
        var after: [Int: Double] = [:]
        let moved = Dictionary(plan.lines.map { ($0.irq, $0) }) { first, _ in first }
        for line in box.lines {
            for (cpu, rate) in line.perCPU { before[cpu, default: 0] += rate }
            if let planned = moved[line.irq], !planned.stays {
                after[planned.first ?? planned.new.lowest ?? 0, default: 0] += line.perSecond
            } else {
                for (cpu, rate) in line.perCPU { after[cpu, default: 0] += rate }
            }
        }
        plan.shares = Set(before.keys).union(after.keys).sorted().map {
            PlannedShare(cpu: $0, before: before[$0] ?? 0, after: after[$0] ?? 0)
        }
    }
}

extension CPUSet {
    /// The set as a mask with as many digits as another mask of the same kernel has.
    func mask(like other: String) -> String {
        let words = other.split(separator: ",", omittingEmptySubsequences: false)
        var parts: [String] = []
        for (index, word) in words.enumerated() {
            let base = (words.count - 1 - index) * 32
            var value: UInt32 = 0
            for bit in 0..<32 where contains(base + bit) { value |= 1 << UInt32(bit) }
            let digits = String(value, radix: 16)
            parts.append(String(repeating: "0", count: max(word.utf8.count - digits.utf8.count, 0)) + digits)
        }
        return parts.joined(separator: ",")
    }
}
