public import IRQCore

/// The things that the kernel tells of the box.
extension SimulatedBox {
    /// The lines that are there.
    public var presentLines: [Int] { kind.lines.indices.filter { kind.lines[$0].life.contains(minute) } }

    /// /proc/interrupts.
    public func writeInterrupts(_ text: inout TableText) {
        text.begin(online)
        for index in presentLines {
            text.put("\(kind.lines[index].irq):")
            for cpu in online { text.put(counts[index][cpu] & 0xFFFF_FFFF) }
            text.put("  \(kind.lines[index].text)")
            text.newLine()
        }
        for (row, entry) in Self.architecture.enumerated() {
            text.put("\(entry.label):")
            for cpu in online { text.put(architecture[row][cpu] & 0xFFFF_FFFF) }
            text.put("   \(entry.words)")
            text.newLine()
        }
        for label in Self.errorRows {
            text.put("\(label):")
            if label == "SPU" || label == "MCE" {
                for cpu in online { text.put(cpu == online[0] ? errors[label] ?? 0 : 0) }
                text.put(label == "SPU" ? "   Spurious interrupts" : "   Machine check exceptions")
            } else {
                text.put(errors[label] ?? 0)
            }
            text.newLine()
        }
    }

    /// /proc/softirqs.
    public func writeSoftirqs(_ text: inout TableText) {
        text.begin(online)
        for (row, name) in SoftirqNames.all.enumerated() {
            text.put("\(name):")
            for cpu in online { text.put(softirqs[row][cpu] & 0xFFFF_FFFF) }
            text.newLine()
        }
    }

    /// /proc/stat.
    public func writeStat(_ text: inout TableText) {
        text.begin()
        text.put("cpu ")
        for place in 0..<8 { text.put(UInt64(ticks.reduce(0) { $0 + $1[place] })) }
        text.put(" 0 0")
        text.newLine()
        for cpu in online {
            text.put("cpu\(cpu)")
            for place in 0..<8 { text.put(UInt64(ticks[cpu][place])) }
            text.put(" 0 0")
            text.newLine()
        }
        text.put("intr 1")
        text.newLine()
    }

    public var softnet: [SoftnetCounts] {
        online.map { SoftnetCounts(cpu: Int32($0), processed: 0, dropped: dropped[$0], squeezed: squeezed[$0]) }
    }

    /// The counts of disks and interfaces; 32 bits wide, as some are.
    public var workCounts: WorkCounts {
        var work = WorkCounts()
        work.disks = disks.sorted { $0.key < $1.key }.map { NamedCount(name: $0.key, count: UInt64($0.value) & 0xFFFF_FFFF) }
        work.links = links.sorted { $0.key < $1.key }.map { NamedCount(name: $0.key, count: UInt64($0.value)) }
        return work
    }

    /// The CPU time of a ksoftirqd, in whole ticks as its stat file has it.
    public func ksoftirqdNanoseconds(_ cpu: Int) -> UInt64 { UInt64(ksoftirqd[cpu]) / 10_000_000 * 10_000_000 }

    /// The mask of a line, and what /proc/irq tells of it besides.
    public func fill(_ details: inout InterruptDetails, _ index: Int, isNamed: Bool) {
        let line = kind.lines[index]
        details.affinity = CPUSet(line.mask ?? (kind.movesPerTurn > 0 || isOutside(line) ? [places[index]] : Array(0..<kind.cpuCount)))
        details.effectiveAffinity = CPUSet([places[index]])
        details.isUserSettable = true
        details.spurious = spurious[index]
        if isNamed, let device = line.device { details.devices = [device] }
    }

    private func isOutside(_ line: ModelLine) -> Bool {
        if case .outside(line.irq)? = kind.sickness?.kind { return true }
        return false
    }

    public func threadTime(_ index: Int) -> UInt64? {
        kind.lines[index].following.threadNanoseconds == nil ? nil : threadNanoseconds[index]
    }
}
