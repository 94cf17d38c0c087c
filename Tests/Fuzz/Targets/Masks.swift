import IRQCore
import TestSupport

/// Any bytes as what happens to a simulated kernel: `affinity` applies plans and undoes them, is killed amid writes, CPUs go, lines
/// are reused, others write masks. At the end an undo puts back what nobody else has touched.
///
/// Each step has two bytes.
func changeMasks(_ span: RawSpan) {
    var machine = MaskMachine()
    for offset in stride(from: 0, to: min(span.byteCount - 1, 64), by: 2) {
        machine.step(span.byte(at: offset) ?? 0, span.byte(at: offset + 1) ?? 0)
    }
    machine.finish()
}

private struct MaskMachine {
    private let kernel = SimulatedKernel(cpuCount: 4)
    private let store = StateBox()
    private let original: AffinityBox
    private let masks: [Int: String]
    private let texts: [String: String]
    /// The lines that somebody else has changed.
    private var touched: Set<Int> = []
    private var isDefaultTouched = false
    private static let second: UInt64 = 1_000_000_000

    init() {
        var box = AffinityBox(cpuCount: 4)
        for (place, name) in ["eth0-TxRx-0", "eth0-TxRx-1", "nvme0q1", "nvme0q2", "acpi", "i8042"].enumerated() {
            let chip = SimulatedKernel.Chip.allCases[place % 3]
            let mask = place % 2 == 0 ? CPUSet(0..<4) : CPUSet([1])
            // The place of a GIC's line follows from its mask.
            let cpu = place % 2 == 0 ? 0 : 1
            let device = String(name.prefix { $0 != "-" && $0 != "q" })
            box.add(10 + place, name, device: device, mask: mask, on: cpu, perSecond: Double(100 * place), chip: chip.rawValue)
            var line = SimulatedKernel.Line(
                irq: 10 + place, action: name, chip: chip, mask: mask, effective: cpu, perSecond: Double(100 * place))
            if place == 5 { line.error = 5 }
            kernel.lines[10 + place] = line
        }
        box.defaultMask = "f"
        original = box
        let kernel = kernel
        store.isDead = { kernel.hasCrashed }
        (masks, texts) = (kernel.masks, kernel.texts)
    }

    mutating func step(_ what: UInt8, _ which: UInt8) {
        let irq = 10 + Int(which) % 6
        switch what & 15 {
        case 0...3: apply(AffinityGoal.allCases[Int(what & 3) % AffinityGoal.allCases.count], which)
        case 4, 5: undo(devices: what & 1 == 0 ? [] : ["eth0"])
        case 6: kernel.crashesAtWrite = kernel.log.count + Int(which & 7)
        case 7: kernel.crashesAtWrite = nil
        case 8: kernel.wait(UInt64(which) * Self.second / 16)
        case 9:
            touched.insert(irq)
            _ = kernel.lines[irq].map { _ in kernel.lines[irq]?.mask = CPUSet([Int(which >> 4) & 3]) }
        case 10:
            touched.insert(irq)
            kernel.reuse(irq, for: "other")
        case 11:
            touched.insert(irq)
            kernel.lines[irq] = nil
        case 12 where kernel.online.count > 1:
            // The kernel gives lines that lose all their CPUs to all that are left.
            touched.formUnion(kernel.lines.keys)
            isDefaultTouched = true
            kernel.takeOffline(kernel.online.highest ?? 0)
        case 13: kernel.lines[irq]?.error = which & 0x80 == 0 ? 0 : 28
        case 14: store.problem = which & 1 == 0 ? nil : "no space"
        default: kernel.wait(Self.second)
        }
    }

    private mutating func apply(_ goal: AffinityGoal, _ which: UInt8) {
        var box = original
        for index in box.lines.indices.reversed() {
            guard let now = kernel.lines[box.lines[index].irq],
                let identity = LineIdentity.read(box.lines[index].irq, address: "", kernel)
            else {
                box.lines.remove(at: index)
                continue
            }
            box.lines[index].identity = identity
            (box.lines[index].mask, box.lines[index].effective) = (now.mask, CPUSet([now.effective]))
        }
        box.cpus.online = kernel.online
        box.defaultMask = kernel.read("proc/irq/default_smp_affinity").text
        var wishes = AffinityWishes(goal)
        if which & 3 == 3, kernel.online.count > 1 { wishes.away = CPUSet([0]) }
        let plan = AffinityPlanner.plan(box, wishes)
        var run = AffinityApply(kernel, store.keeper)
        let fresh = AffinityState(bootID: kernel.bootID, savedSeconds: 1, goal: goal)
        _ = run.run(plan, previous: store.state, fresh: fresh, undoWaitNanoseconds: 2 * Self.second)
    }

    private func undo(devices: [String]) {
        guard let state = store.state else { return }
        var run = AffinityUndo(kernel, store.keeper)
        _ = run.run(state, devices: devices, waitNanoseconds: 2 * Self.second)
    }

    mutating func finish() {
        (kernel.crashesAtWrite, store.problem) = (nil, nil)
        for irq in kernel.lines.keys where irq != 15 { kernel.lines[irq]?.error = 0 }
        undo(devices: [])
        for (irq, mask) in masks where !touched.contains(irq) {
            precondition(kernel.masks[irq] == mask, "the mask of \(irq) is not what it was")
        }
        if !isDefaultTouched { precondition(kernel.texts == texts) }
    }
}
