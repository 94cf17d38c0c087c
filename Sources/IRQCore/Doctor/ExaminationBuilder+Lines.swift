extension ExaminationBuilder {
    /// Makes the lines and rows that checks see of the last samples.
    mutating func buildLines(_ details: [Int: InterruptDetails], _ parts: [Int: LineParts]) {
        let seconds = Double(intervalNanoseconds) / 1e9
        let table = TableFacts(box)
        for row in 0..<table.rowCount {
            let counts = box.interrupts.sample.table.row(row)
            if counts.kind == .text { continue }
            let interval = box.interrupts.interval(row)
            var perCPU: [(cpu: Int, delta: UInt64)] = []
            if namesCPUs, counts.kind == .perCPU, interval.isKnown, interval.delta > 0 {
                for column in 0..<table.cpus.count {
                    if let delta = box.interrupts.delta(row, column), delta > 0 {
                        perCPU.append((table.cpus[column], delta))
                    }
                }
            }
            let total = box.interrupts.sample.table.total(counts)
            let isKnown = interval.isKnown
            guard counts.irq >= 0, let found = details[row] else {
                guard counts.irq < 0, !counts.isSum else { continue }
                rows.append(
                    ExaminedRow(
                        label: box.interrupts.sample.label(counts), text: box.interrupts.sample.tail(counts),
                        delta: isKnown ? interval.delta : 0, total: total, perCPU: perCPU, isKnown: isKnown))
                continue
            }
            var line = ExaminedLine(irq: Int(counts.irq), details: found)
            line.look = looks[line.irq]
            line.parts = parts[row] ?? LineParts()
            (line.delta, line.total, line.isKnown) = (isKnown ? interval.delta : 0, total, isKnown)
            line.perSecond = Double(line.delta) / seconds
            line.perCPU = perCPU.map { ($0.cpu, Double($0.delta) / seconds) }
            if let earlier = input.earlier {
                line.maskBefore = DetailFiles.mask(line.irq, "smp_affinity", earlier)
                line.effectiveBefore = DetailFiles.mask(line.irq, "effective_affinity", earlier)
                line.spuriousBefore = DetailFiles.spurious(line.irq, earlier)
            }
            line.movesAtOnce = Self.movesAtOnce(found.chip ?? "")
            line.mobility = Self.mobility(line)
            lines.append(line)
        }
        nameQueues()
    }

    /// The shape of the table, which is asked for each row.
    private struct TableFacts {
        let rowCount: Int
        let cpus: [Int]
        init(_ box: Box) {
            rowCount = box.interrupts.sample.table.rowCount
            cpus = box.cpus
        }
    }

    /// True for chips that move a line when its mask is written: with interrupt remapping, and Arm's controllers. The others of
    /// a PC move it when it comes next (arch/x86/kernel/apic/msi.c, io_apic.c).
    static func movesAtOnce(_ chip: String) -> Bool {
        chip.hasPrefix("IR-") || chip.hasPrefix("GIC") || chip.hasPrefix("ITS") || chip.hasPrefix("DMAR-IR")
    }

    /// Drivers that let the kernel spread their queues (PCI_IRQ_AFFINITY).
    private static let managingDrivers: Set<String> = [
        "nvme", "virtio_blk", "virtio_scsi", "virtio-pci-blk", "megaraid_sas", "mpt3sas", "mpi3mr", "lpfc", "hpsa",
        "smartpqi", "qla2xxx", "hisi_sas_v3_hw", "fnic", "pm80xx",
    ]

    private static func mobility(_ line: ExaminedLine) -> ExaminedLine.Mobility {
        let details = line.details
        if details.delivery?.isPerCPU == true { return .perCPU }
        if details.actions?.isEmpty == true { return .chained }
        // The timer and the cascade of a PC.
        if (line.irq == 0 || line.irq == 2), details.chip.map({ $0.contains("IO-APIC") || $0 == "XT-PIC" }) == true {
            return .fixed
        }
        if details.isSpread == true { return .managed }
        if details.isUserSettable == false { return details.isMessage || !isWired(details) ? .managed : .fixed }
        if details.isModeTold, details.isUserSettable == true { return .free }
        if details.isManaged { return .probablyManaged }
        let isOfManagingDriver = details.devices.contains { $0.driver.map { managingDrivers.contains($0) } ?? false }
        if isOfManagingDriver, details.isMessage, line.name.hasSuffix("q0") == false,
            line.name.utf8.last.map({ (0x30...0x39).contains($0) }) == true
        {
            return .probablyManaged
        }
        return .free
    }

    private static func isWired(_ details: InterruptDetails) -> Bool { details.delivery == .wired }

    private mutating func nameQueues() {
        var names: [String: [String]] = [:]
        for line in lines { names[line.device?.address ?? "", default: []] += line.details.actions ?? [] }
        for index in lines.indices {
            let siblings = names[lines[index].device?.address ?? ""] ?? []
            let actions = lines[index].details.actions ?? []
            guard actions.count == 1, lines[index].mobility != .perCPU,
                !QueueName.isAdmin(actions[0], siblings: siblings)
            else { continue }
            lines[index].queue = QueueName(actions[0], interfaces: lines[index].parts.links)
        }
    }
}

extension QueueGroup {
    /// The groups among lines.
    static func find(_ lines: [ExaminedLine]) -> [QueueGroup] {
        var order: [String] = []
        var members: [String: [ExaminedLine]] = [:]
        for line in lines where line.queue != nil {
            let key = line.deviceKey ?? ""
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(line)
        }
        return order.compactMap { key in
            let queues = members[key] ?? []
            guard let first = queues.first else { return nil }
            let admins = lines.filter { $0.queue == nil && $0.deviceKey == key }
            let network =
                queues.lazy.flatMap(\.parts.links).first ?? (first.device?.kind == "net" ? first.device?.name : nil)
            let title = network ?? first.device?.name ?? first.queue?.owner ?? key
            // Numbers first, then the line: request lines of the same name have no number.
            let sorted = queues.sorted {
                ($0.queue?.number ?? .max, $0.queue?.direction == .send ? 1 : 0, $0.irq)
                    < ($1.queue?.number ?? .max, $1.queue?.direction == .send ? 1 : 0, $1.irq)
            }
            var group = QueueGroup(title: title, key: key, queues: sorted, admins: admins)
            group.node = first.device?.numaNode ?? first.details.node
            group.interface = network
            return group
        }
    }
}
