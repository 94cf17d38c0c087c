import IRQCore
import TestSupport
import Testing

/// Properties of plans and runs over random boxes; a seed that fails is in the message.
struct AffinityPropertyTests {
    /// A random box: nodes, siblings, isolated CPUs, network cards, disks, single lines.
    static func box(_ random: inout SeededGenerator, cores: Int = 12) -> AffinityBox {
        let coreCount = Int.random(in: 1...cores, using: &random)
        let hasSiblings = Bool.random(using: &random)
        let count = hasSiblings ? coreCount * 2 : coreCount
        var box = AffinityBox(cpuCount: count)
        if hasSiblings {
            for core in 0..<coreCount {
                let pair = CPUSet([core, core + coreCount])
                (box.cpus.siblings[core], box.cpus.siblings[core + coreCount]) = (pair, pair)
            }
        }
        let nodeCount = Int.random(in: 1...3, using: &random)
        if nodeCount > 1, coreCount >= nodeCount {
            box.cpus.nodes = (0..<count).map { Int16(($0 % coreCount) * nodeCount / coreCount) }
            for node in 0..<nodeCount {
                box.cpus.nodeCPUs[node] = CPUSet((0..<count).filter { box.cpus.nodes[$0] == node })
                box.cpus.distances[node] = (0..<nodeCount).map { $0 == node ? 10 : 20 + abs($0 - node) }
            }
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            for cpu in 0..<count { box.cpus.capacities[cpu] = cpu % coreCount < coreCount / 2 ? 485 : 1024 }
        }
        if Bool.random(using: &random), count > 1 {
            box.cpus.bootIsolated = CPUSet((1..<count).filter { _ in Int.random(in: 0..<3, using: &random) == 0 })
        }
        if Int.random(in: 0..<4, using: &random) == 0, count > 2 {
            let gone = CPUSet([Int.random(in: 1..<count, using: &random)])
            box.cpus.online = box.cpus.online.subtracting(gone)
        }
        if box.cpus.housekeeping.isEmpty { box.cpus.bootIsolated = nil }
        box.defaultMask = SimulatedKernel(cpuCount: count).text(mask: CPUSet(0..<count))
        var irq = 10
        func mask(_ random: inout SeededGenerator) -> (CPUSet, Int) {
            let all = CPUSet(0..<count)
            let cpu = box.cpus.online.cpus.randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<3, using: &random) {
            case 0: return (CPUSet([cpu]), cpu)
            case 1: return (all, cpu)
            default: return (box.cpus.online, cpu)
            }
        }
        func rate(_ random: inout SeededGenerator) -> Double {
            [0, 0.2, 5, 80, 900, 20_000][Int.random(in: 0..<6, using: &random)]
        }
        let chips = ["PCI-MSIX", "IR-PCI-MSIX", "GICv3"]
        for card in 0..<Int.random(in: 0...3, using: &random) {
            let queues = Int.random(in: 1...(count * 2), using: &random)
            let (chip, node) = (chips.randomElement(using: &random) ?? "", nodeCount > 1 ? card % nodeCount : nil)
            let address = Bool.random(using: &random) ? "0000:3b:00.\(card)" : "0000:\(40 + card):00.0"
            let isPaired = Int.random(in: 0..<4, using: &random) == 0
            var interface = AffinityBox.Interface("eth\(card)")
            for queue in 0..<queues {
                let names = isPaired ? ["virtio\(card)-input.\(queue)", "virtio\(card)-output.\(queue)"] : ["eth\(card)-TxRx-\(queue)"]
                for name in names {
                    let (mask, cpu) = mask(&random)
                    box.add(
                        irq, name, device: "eth\(card)", address: address, mask: mask, on: cpu, perSecond: rate(&random),
                        chip: chip, node: node)
                    irq += 1
                }
                interface.sends[queue] = SimulatedKernel(cpuCount: count).text(mask: CPUSet())
            }
            let (mask, cpu) = mask(&random)
            box.add(irq, "eth\(card)", device: "eth\(card)", address: address, mask: mask, on: cpu, chip: chip, node: node)
            irq += 1
            box.interfaces[address, default: []].append(interface)
        }
        for single in 0..<Int.random(in: 0...6, using: &random) {
            let (mask, cpu) = mask(&random)
            let index = box.add(
                irq, "dev\(single)", device: "dev\(single)", mask: mask, on: cpu, perSecond: rate(&random),
                chip: chips.randomElement(using: &random) ?? "")
            if Int.random(in: 0..<5, using: &random) == 0 { box.lines[index].hold = "managed" }
            irq += 1
        }
        return box
    }

    static func wishes(_ box: AffinityBox, _ random: inout SeededGenerator) -> AffinityWishes {
        var wishes = AffinityWishes(AffinityGoal.allCases.randomElement(using: &random) ?? .spread)
        wishes.steersSending = Bool.random(using: &random)
        if Int.random(in: 0..<3, using: &random) == 0, box.cpus.housekeeping.count > 2 {
            wishes.away = CPUSet([box.cpus.housekeeping.highest ?? 0])
        }
        if Int.random(in: 0..<4, using: &random) == 0 { wishes.devices = ["eth0"] }
        return wishes
    }

    /// The CPUs that a line may get.
    private func allowed(_ box: AffinityBox, _ wishes: AffinityWishes, _ line: AffinityBox.Line?, _ plan: AffinityPlan) -> CPUSet {
        guard wishes.goal == .numa, let node = line?.node, let cpus = box.cpus.nodeCPUs[node] else { return plan.allowed }
        let local = plan.allowed.intersection(cpus)
        return local.isEmpty ? plan.allowed : local
    }

    @Test func plansKeepTheirRules() {
        for seed in UInt64(1)...80 {
            var random = SeededGenerator(seed: seed)
            let box = Self.box(&random)
            let wishes = Self.wishes(box, &random)
            let plan = AffinityPlanner.plan(box, wishes)
            let note: Comment = "seed \(seed) \(wishes.goal)"
            #expect(plan.lines == AffinityPlanner.plan(box, wishes).lines, note)
            let after = box.applied(plan)
            let again = AffinityPlanner.plan(after, wishes)
            #expect(
                again.isEmpty,
                "seed \(seed) \(wishes.goal): \(again.lines.map { "\($0.identity.actions) \($0.mask.list) → \($0.new.list)" }) \(again.files)"
            )

            var queuesPerCPU: [Int: Int] = [:]
            var anyAllowed = CPUSet()
            for line in after.lines where line.queue != nil && line.hold == nil {
                let isWanted = wishes.devices.isEmpty || wishes.devices.contains(line.device ?? "")
                guard isWanted else { continue }
                let allowed = allowed(box, wishes, line, plan)
                // Every queue has exactly one CPU, and an allowed one.
                #expect(line.mask?.count == 1, note)
                #expect(line.mask?.isSubset(of: allowed) == true, note)
                anyAllowed = anyAllowed.union(allowed)
                let isSecond = line.action.contains("-output.")
                if let cpu = line.mask?.lowest, !isSecond { queuesPerCPU[cpu, default: 0] += 1 }
            }
            // Of the CPUs that all cards may use alike, none has two queues more than another.
            if wishes.goal != .numa, wishes.devices.isEmpty, box.cpus.capacities.isEmpty {
                let counts = anyAllowed.cpus.map { queuesPerCPU[$0] ?? 0 }
                #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1, note)
            }
            for planned in plan.lines {
                let line = box.lines.first { $0.irq == planned.irq }
                #expect(line?.hold == nil, note)
                #expect(!planned.new.isEmpty && planned.new.isSubset(of: box.cpus.online), note)
                if wishes.goal == .isolate { #expect(planned.new.isSubset(of: plan.allowed), note) }
                if let first = planned.first { #expect(planned.new.contains(first), note) }
            }
            // Each CPU online sends by one queue.
            if wishes.steersSending {
                for interface in after.interfaces.values.flatMap({ $0 }) {
                    let masks = interface.sends.values.compactMap { CPUSet.parse(mask: $0) }
                    guard masks.contains(where: { !$0.isEmpty }) else { continue }
                    for cpu in box.cpus.online.cpus { #expect(masks.count { $0.contains(cpu) } == 1, note) }
                }
            }
            #expect(plan.lines.count + plan.leftAlone.count == box.lines.count, note)
        }
    }

    // MARK: Runs

    /// A kernel with the lines of a box.
    static func kernel(_ box: AffinityBox) -> SimulatedKernel {
        let all = box.defaultMask.flatMap { CPUSet.parse(mask: $0) } ?? box.cpus.online
        let kernel = SimulatedKernel(cpuCount: (all.highest ?? 0) + 1)
        kernel.online = box.cpus.online
        for line in box.lines {
            let chip = SimulatedKernel.Chip(rawValue: line.identity.chip) ?? .plain
            var simulated = SimulatedKernel.Line(
                irq: line.irq, action: line.action, chip: chip, mask: line.mask ?? box.cpus.online,
                effective: line.effective?.lowest ?? 0, perSecond: line.perSecond, address: line.identity.address)
            if chip == .gic {
                // Its place follows from its mask.
                simulated.effective = simulated.mask.intersection(box.cpus.online).lowest ?? 0
            }
            if line.hold != nil { simulated.error = 1 }
            kernel.lines[line.irq] = simulated
        }
        if let text = box.defaultMask { kernel.texts["proc/irq/default_smp_affinity"] = text + "\n" }
        for interface in box.interfaces.values.flatMap({ $0 }) {
            for (queue, text) in interface.sends {
                kernel.texts["sys/class/net/\(interface.name)/queues/tx-\(queue)/xps_cpus"] = text + "\n"
            }
        }
        return kernel
    }

    /// The box with identities, masks and places as the kernel has them.
    static func seen(_ box: AffinityBox, _ kernel: SimulatedKernel) -> AffinityBox {
        var box = box
        for index in box.lines.indices {
            let line = box.lines[index]
            guard let identity = LineIdentity.read(line.irq, address: line.identity.address, kernel),
                let now = kernel.lines[line.irq]
            else { continue }
            box.lines[index].identity = identity
            (box.lines[index].mask, box.lines[index].effective) = (now.mask, CPUSet([now.effective]))
            box.lines[index].perCPU = line.perSecond > 0 ? [now.effective: line.perSecond] : [:]
        }
        return box
    }

    private static let second: UInt64 = 1_000_000_000

    private static func apply(_ plan: AffinityPlan, _ kernel: SimulatedKernel, _ store: StateBox) -> AffinityOutcome {
        var run = AffinityApply(kernel, store.keeper)
        let fresh = AffinityState(bootID: kernel.bootID, savedSeconds: 1, goal: plan.goal)
        return run.run(plan, previous: store.state, fresh: fresh, undoWaitNanoseconds: 10 * second)
    }

    private static func undo(_ kernel: SimulatedKernel, _ store: StateBox) -> AffinityOutcome? {
        guard let state = store.state else { return nil }
        var run = AffinityUndo(kernel, store.keeper)
        return run.run(state, devices: [], waitNanoseconds: 10 * second)
    }

    @Test func undoRestoresEachFileAndEachPlace() {
        for seed in UInt64(1)...25 {
            var random = SeededGenerator(seed: seed)
            let original = Self.box(&random)
            let kernel = Self.kernel(original)
            let box = Self.seen(original, kernel)
            let (store, wishes) = (StateBox(), Self.wishes(box, &random))
            let before = (kernel.masks, kernel.places, kernel.texts)
            let plan = AffinityPlanner.plan(box, wishes)
            #expect(Self.apply(plan, kernel, store).isDone, "seed \(seed)")
            // Some moves have been made, some wait.
            kernel.wait(UInt64.random(in: 0...3, using: &random) * 500_000_000)
            let outcome = Self.undo(kernel, store)
            #expect(store.state == nil, "seed \(seed)")
            #expect(kernel.masks == before.0, "seed \(seed)")
            #expect(kernel.texts == before.2, "seed \(seed)")
            for (irq, place) in before.1 where kernel.places[irq] != place {
                // A line that fell silent is said to be elsewhere.
                #expect(outcome?.results.first { $0.irq == irq }?.verdict == .elsewhere, "seed \(seed) irq \(irq)")
                #expect((kernel.lines[irq]?.perSecond ?? 0) < 1, "seed \(seed) irq \(irq)")
            }
        }
    }

    @Test func aCrashAfterAnyWriteCanBeUndone() {
        for seed in UInt64(1)...12 {
            var random = SeededGenerator(seed: seed)
            let original = Self.box(&random, cores: 3)
            let wishes = Self.wishes(original, &random)
            let writeCount = AffinityPlanner.plan(Self.seen(original, Self.kernel(original)), wishes).writes.count
            for crash in 0...min(writeCount, 10) {
                for isAmidUndo in [false, true] {
                    let kernel = Self.kernel(original)
                    let box = Self.seen(original, kernel)
                    let store = StateBox()
                    let before = (kernel.masks, kernel.places, kernel.texts)
                    store.isDead = { kernel.hasCrashed }
                    let plan = AffinityPlanner.plan(box, wishes)
                    if !isAmidUndo { kernel.crashesAtWrite = crash }
                    _ = Self.apply(plan, kernel, store)
                    kernel.wait(Self.second / 2)
                    if isAmidUndo {
                        kernel.crashesAtWrite = kernel.log.count + crash
                        _ = Self.undo(kernel, store)
                    }
                    kernel.crashesAtWrite = nil
                    let outcome = Self.undo(kernel, store)
                    let note: Comment = "seed \(seed) crash \(crash) amid undo \(isAmidUndo)"
                    #expect(store.state == nil, note)
                    #expect(kernel.masks == before.0, note)
                    #expect(kernel.texts == before.2, note)
                    for (irq, place) in before.1 where kernel.places[irq] != place {
                        #expect(outcome?.results.first { $0.irq == irq }?.verdict == .elsewhere, note)
                        #expect((kernel.lines[irq]?.perSecond ?? 0) < 1, note)
                    }
                }
            }
        }
    }

    @Test func whatWasAppliedIsVerifiedAndPlannedNoMore() {
        for seed in UInt64(1)...30 {
            var random = SeededGenerator(seed: seed)
            let original = Self.box(&random)
            let kernel = Self.kernel(original)
            let (store, wishes) = (StateBox(), Self.wishes(original, &random))
            let plan = AffinityPlanner.plan(Self.seen(original, kernel), wishes)
            #expect(Self.apply(plan, kernel, store).isDone, "seed \(seed)")
            // At once, with moves that wait, and when all is done.
            for wait in [UInt64(0), 10 * Self.second] {
                kernel.wait(wait)
                var seen = Self.seen(original, kernel)
                seen.defaultMask = kernel.read("proc/irq/default_smp_affinity").text
                for (key, interfaces) in seen.interfaces {
                    for index in interfaces.indices {
                        for queue in interfaces[index].sends.keys {
                            let path = "sys/class/net/\(interfaces[index].name)/queues/tx-\(queue)/xps_cpus"
                            seen.interfaces[key]?[index].sends[queue] = kernel.read(path).text
                        }
                    }
                }
                #expect(AffinityPlanner.plan(seen, wishes).isEmpty, "seed \(seed) after \(wait)")
            }
            guard let state = store.state else { continue }
            var verify = AffinityVerify(kernel, state)
            for line in verify.run(waitNanoseconds: 5 * Self.second) {
                #expect(line.verdict == .delivered || line.verdict == .waiting, "seed \(seed) \(line)")
            }
        }
    }
}
