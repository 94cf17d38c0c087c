/// An accelerator whose interrupt is served in a bad place.
enum GPULinesCheck: DoctorCheck {
    /// Slower lines do not matter, per second; a CPU with so much of its time in interrupts is full.
    static let (leastPerSecond, fullShare) = (1_000.0, IRQCPUFullCheck.fullShare)

    static let about = CheckText(
        "gpu-lines", title: "an accelerator's interrupt is in a bad place",
        meaning: """
            A program that waits for an accelerator is woken by its interrupt. On a far node, on a CPU that was set aside, or behind \
            the packets of a full CPU it comes late, at each step of the program.
            """,
        reads: ["proc/interrupts", "sys/bus/pci/devices/*/class", "sys/bus/pci/devices/*/numa_node", "proc/stat"],
        rule: """
            a line of a display controller, a 3D controller or a processing accelerator (PCI classes 0300, 0302, 1200; nvidia, amdgpu, i915, \
            xe) of 1,000 a second or more on another node than the device's, on an isolated CPU, or on a CPU with 80 % of its time in \
            interrupts
            """,
        exceptions: "one line on one CPU is normal",
        trust: "which thread waits for it is not told in /proc: next to that one is best",
        origin: "drivers/gpu; measured 10-50 µs")
    static let causes = ["irqbalance-bans", "irqbalance-moves", "one-cpu-device", "storm-line"]

    private static let drivers: Set<String> = ["nvidia", "amdgpu", "i915", "xe"]

    /// True for a line of a display, 3D or processing device.
    static func isAccelerator(_ line: ExaminedLine) -> Bool {
        let classes: Set<UInt32> = [0x0300, 0x0302, 0x1200]
        if line.details.devices.contains(where: { $0.classCode.map { classes.contains($0 >> 8) } ?? false }) {
            return true
        }
        return (line.details.actions ?? []).contains { action in
            drivers.contains(String(action.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) }))
        }
    }

    static let needsCPUs = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let lines = box.lines.filter {
            isAccelerator($0) && $0.isKnown && $0.perSecond >= leastPerSecond && $0.mobility.isFree
        }
        guard !lines.isEmpty else { return }
        let isolated = box.cpus.isolated
        var found: [DoctorFinding] = []
        var unplaced: [String] = []
        for line in lines {
            guard let cpu = line.busiest?.cpu else { continue }
            let node = line.device?.numaNode ?? line.details.node
            let there = box.cpus.node(of: cpu)
            var faults: [String] = []
            let isRemote = node.flatMap { node in there.map { box.isFar(node, $0) ?? ($0 != node) } } ?? false
            if isRemote, let there { faults.append("of node \(there)") }
            if isolated.contains(cpu) { faults.append("which is isolated") }
            if let share = box.interruptShare(cpu), share >= fullShare {
                faults.append("which is full: \(box.interruptWords(cpu))")
            }
            if node == nil, box.cpus.nodeCPUs.count > 1 { unplaced.append(line.title) }
            if !faults.isEmpty { found.append(finding(line, cpu, node, faults, box)) }
        }
        findings += found.most("lines")
        try box.requireTimes()
        if !unplaced.isEmpty { throw Unjudged("\(NameList.few(unplaced)): no memory node is known (numa_node -1)") }
    }

    private static func finding(
        _ line: ExaminedLine, _ cpu: Int, _ node: Int?, _ faults: [String], _ box: Examination
    ) -> DoctorFinding {
        let name = line.device?.driver ?? line.name
        let address = line.device.map { " \($0.address)" } ?? ""
        let place = node.flatMap { box.cpus.nodeCPUs.count > 1 ? " (node \($0))" : nil } ?? ""
        var finding = DoctorFinding(
            .warn, line.title,
            "\(name)\(address)\(place): \(Units.rate(line.perSecond))/s on CPU \(cpu) \(faults.joined(separator: ", "))",
            why: "a program waits for this interrupt; near the thread that waits it is served soonest")
        if let better = better(than: cpu, node, box), let mask = line.mask {
            finding.next = [
                box.maskCommand(line, CPUSet([better])), "# best on or beside the CPU of the thread that waits for it",
            ]
            finding.undo = box.maskCommand(line, mask)
        }
        (finding.isRate, finding.weight) = (true, line.perSecond)
        (finding.lines, finding.cpus, finding.device) = ([line.irq], CPUSet([cpu]), line.device?.title)
        return finding
    }

    /// The CPU with the most time left on the device's node, or anywhere.
    private static func better(than cpu: Int, _ node: Int?, _ box: Examination) -> Int? {
        let all = box.cpus.housekeeping.subtracting(CPUSet([cpu]))
        let near = node.flatMap { box.cpus.nodeCPUs[$0] }.map { $0.intersection(all) } ?? all
        let usable = near.isEmpty ? all : near
        return usable.cpus.min { (box.busyShare($0) ?? 0, $0) < (box.busyShare($1) ?? 0, $1) }
    }
}
