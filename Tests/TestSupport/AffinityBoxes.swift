import IRQCore

/// Makers of boxes for plans.
extension AffinityBox {
    /// A box of CPUs without nodes, siblings or different speeds.
    public init(cpuCount: Int) {
        var cpus = CPUMap()
        cpus.online = CPUSet(0..<cpuCount)
        self.init(cpus: cpus)
    }

    /// Adds a line, all of whose interrupts come to `on`.
    @discardableResult
    public mutating func add(
        _ irq: Int, _ action: String, device: String? = nil, address: String = "", mask: CPUSet, on cpu: Int,
        perSecond: Double = 0, chip: String = "PCI-MSIX", node: Int? = nil
    ) -> Int {
        var line = Line(LineIdentity(irq: irq, chip: chip, hwirq: "\(irq)", actions: action, address: address))
        line.deviceKey = address.isEmpty ? device : address
        line.device = device
        line.queue = QueueName(action)
        line.isAdmin = QueueName.isAdmin(action, siblings: lines.map(\.action))
        (line.mask, line.effective, line.perSecond) = (mask, CPUSet([cpu]), perSecond)
        if perSecond > 0 { line.perCPU = [cpu: perSecond] }
        line.movesAtOnce = !chip.hasPrefix("PCI") && !chip.hasPrefix("IO-APIC")
        line.node = node
        lines.append(line)
        return lines.count - 1
    }

    /// The box after a plan was applied and all moves were made.
    public func applied(_ plan: AffinityPlan) -> AffinityBox {
        var box = self
        for planned in plan.lines {
            guard let index = box.lines.firstIndex(where: { $0.irq == planned.irq }) else { continue }
            box.lines[index].mask = planned.new
            if !planned.stays {
                let cpu = planned.first ?? planned.new.lowest ?? 0
                box.lines[index].effective = CPUSet([cpu])
                if box.lines[index].perSecond > 0 { box.lines[index].perCPU = [cpu: box.lines[index].perSecond] }
            }
        }
        for file in plan.files {
            if file.path == "proc/irq/default_smp_affinity" { box.defaultMask = file.value }
            let parts = file.path.split(separator: "/").map(String.init)
            guard parts.count == 7, let number = Int(parts[5].dropFirst(3)) else { continue }
            for (key, interfaces) in box.interfaces {
                for index in interfaces.indices where interfaces[index].name == parts[3] {
                    if parts[5].hasPrefix("tx-") {
                        box.interfaces[key]?[index].sends[number] = file.value
                    } else {
                        box.interfaces[key]?[index].receives[number] = file.value
                    }
                }
            }
        }
        return box
    }
}

extension AffinityPlan {
    /// The mask that a line of that name gets; nil if it stays.
    public func new(_ action: String) -> String? { lines.first { $0.identity.actions == action }?.new.list }
    /// The text that a file gets; nil if it stays.
    public func value(_ path: String) -> String? { files.first { $0.path == path }?.value }
}
