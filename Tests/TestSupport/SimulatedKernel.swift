import IRQCore

/// A kernel that answers writes of masks as real ones do, each behaviour as it was measured on Linux 6.1 and 6.12.
///
/// Fake trees cannot do that: writing their smp_affinity_list changes nothing else. Time passes only in `wait`.
public final class SimulatedKernel: KernelPort {
    /// The way in which a line's controller moves it.
    public enum Chip: String, CaseIterable, Sendable {
        /// With interrupt remapping: at once.
        case remapped = "IR-PCI-MSIX"
        /// Without: with the line's next interrupt; of several writes before it, the last one counts.
        case plain = "PCI-MSIX"
        /// An Arm GIC: at once, and always to the first CPU of the mask.
        case gic = "GICv3"
    }

    /// An interrupt.
    public struct Line: Sendable {
        public var irq: Int
        public var action: String
        public var chip: Chip
        public var hwirq: Int
        public var address = ""
        public var mask: CPUSet
        public var effective: Int
        /// The mask of a move that waits for an interrupt.
        public var pending: CPUSet?
        public var perSecond = 0.0
        public var counts: [Int: UInt64] = [:]
        /// The error of each write: 0, EPERM or EIO of managed lines, ENOSPC without vectors.
        public var error: Int32 = 0
        /// The mask of its thread; nil if it has none.
        public var thread: CPUSet?
        /// True if its thread does not follow it.
        public var isThreadLeftBehind = false
        private var owed = 0.0

        public init(
            irq: Int, action: String, chip: Chip = .plain, mask: CPUSet, effective: Int, perSecond: Double = 0,
            address: String = ""
        ) {
            (self.irq, self.action, self.chip, self.hwirq) = (irq, action, chip, 5000 + irq)
            (self.mask, self.effective, self.perSecond, self.address) = (mask, effective, perSecond, address)
        }

        mutating func come(_ nanoseconds: UInt64, online: CPUSet) {
            owed += perSecond * Double(nanoseconds) / 1e9
            var count = UInt64(owed)
            owed -= Double(count)
            if count == 0 { return }
            if let wanted = pending {
                // The interrupt that moves it still comes to the old CPU.
                counts[effective, default: 0] += 1
                count -= 1
                pending = nil
                place(wanted, online)
            }
            counts[effective, default: 0] += count
        }

        mutating func place(_ wanted: CPUSet, _ online: CPUSet) {
            let cpus = wanted.intersection(online)
            if chip != .gic, cpus.contains(effective) { return }
            effective = cpus.lowest ?? effective
            if thread != nil, !isThreadLeftBehind { thread = CPUSet([effective]) }
        }
    }

    public var lines: [Int: Line] = [:]
    public var online: CPUSet
    public var possibleCount: Int
    public var isolated = CPUSet()
    /// Texts of other files.
    public var texts: [String: String] = [:]
    /// The rate of NET_RX of each CPU, beside what is counted already.
    public var packetsPerSecond: [Int: Double] = [:]
    public private(set) var packets: [Int: UInt64] = [:]
    public private(set) var nowNanoseconds: UInt64 = 1_000_000_000
    /// All writes that were tried, in their order.
    public private(set) var log: [PlannedWrite] = []
    /// Writes from this number on come to nothing: the writer was killed.
    public var crashesAtWrite: Int?
    /// Something that somebody else does before the write of that number.
    public var meddling: [Int: (SimulatedKernel) -> Void] = [:]

    public init(cpuCount: Int) {
        online = CPUSet(0..<cpuCount)
        possibleCount = cpuCount
        texts["proc/sys/kernel/random/boot_id"] = "boot-1\n"
        texts["proc/irq/default_smp_affinity"] = text(mask: CPUSet(0..<cpuCount)) + "\n"
    }

    /// True after the writer was killed.
    public var hasCrashed: Bool { crashesAtWrite.map { log.count > $0 } ?? false }

    // MARK: Reading

    public func read(_ path: String) -> FileAnswer { text(path).map { .bytes(Array($0.utf8)) } ?? .missing }

    private func text(_ path: String) -> String? {
        if path == "proc/interrupts" { return interrupts }
        if path == "proc/softirqs" { return softirqs }
        if path == "sys/devices/system/cpu/online" { return online.list + "\n" }
        if path == "sys/devices/system/cpu/isolated" { return isolated.list + "\n" }
        let parts = path.split(separator: "/").map(String.init)
        if let text = texts[path] { return text }
        if parts.count == 4, parts[0] == "proc", parts[1] == "irq", let line = Int(parts[2]).flatMap({ lines[$0] }) {
            switch parts[3] {
            case "smp_affinity": return text(mask: line.mask) + "\n"
            case "smp_affinity_list": return line.mask.list + "\n"
            case "effective_affinity": return text(mask: CPUSet([line.effective])) + "\n"
            case "effective_affinity_list": return "\(line.effective)\n"
            case "node": return "-1\n"
            default: return nil
            }
        }
        if parts.count == 5, parts[0] == "sys", parts[2] == "irq", let line = Int(parts[3]).flatMap({ lines[$0] }) {
            switch parts[4] {
            case "actions": return line.action + "\n"
            case "chip_name": return line.chip.rawValue + "\n"
            case "hwirq": return "\(line.hwirq)\n"
            default: return nil
            }
        }
        if parts.count == 7, parts[5] == "msi_irqs", let line = Int(parts[6]).flatMap({ lines[$0] }) {
            return line.address == parts[4] ? "msix\n" : nil
        }
        if parts.count == 3, parts[0] == "proc", let pid = Int(parts[1]), let line = lines[pid - 100_000], let mask = line.thread {
            switch parts[2] {
            case "comm": return String("irq/\(line.irq)-\(line.action)".prefix(63)) + "\n"
            case "status": return "Name:\tx\nCpus_allowed_list:\t\(mask.list)\n"
            default: return nil
            }
        }
        return nil
    }

    public func names(_ path: String) -> [String]? {
        if path == "proc" {
            let threads = lines.values.filter { $0.thread != nil }.map { $0.irq + 100_000 }
            let others = texts.keys.compactMap { key -> Int? in
                let parts = key.split(separator: "/")
                return parts.count == 3 && parts[0] == "proc" && parts[2] == "comm" ? Int(parts[1]) : nil
            }
            return (threads + others).sorted().map { "\($0)" }
        }
        return nil
    }

    public func link(_ path: String) -> String? { nil }
    public func mode(_ path: String) -> Int? { nil }

    private var interrupts: String {
        var text = "     " + online.cpus.map { "      CPU\($0)" }.joined() + "\n"
        for line in lines.values.sorted(by: { $0.irq < $1.irq }) {
            text += "\(line.irq):" + online.cpus.map { " \(line.counts[$0] ?? 0)" }.joined()
            text += "  \(line.chip.rawValue)   \(line.hwirq)-edge   \(line.action)\n"
        }
        return text
    }

    private var softirqs: String {
        "     " + online.cpus.map { "      CPU\($0)" }.joined() + "\n      NET_RX:"
            + online.cpus.map { " \(packets[$0] ?? 0)" }.joined() + "\n"
    }

    /// A mask with as many digits as the kernel prints.
    public func text(mask: CPUSet) -> String {
        var groups: [String] = []
        var rest = possibleCount
        var base = 0
        while rest > 0 {
            var value: UInt32 = 0
            for bit in 0..<32 where mask.contains(base + bit) { value |= 1 << UInt32(bit) }
            let digits = String(value, radix: 16)
            let width = (min(rest, 32) + 3) / 4
            groups.append(String(repeating: "0", count: max(width - digits.count, 0)) + digits)
            (rest, base) = (rest - 32, base + 32)
        }
        return groups.reversed().joined(separator: ",")
    }

    // MARK: Writing

    public func write(_ path: String, _ text: String) -> Int32 {
        meddling[log.count]?(self)
        log.append(PlannedWrite(path: path, value: text))
        if hasCrashed { return 0 }
        let parts = path.split(separator: "/").map(String.init)
        if parts.count == 4, parts[1] == "irq", parts[3] == "smp_affinity_list" {
            guard let irq = Int(parts[2]), lines[irq] != nil else { return 2 }
            guard let cpus = CPUSet.parse(list: text, last: possibleCount - 1) else { return 22 }
            return setMask(irq, cpus)
        }
        guard let old = texts[path] else { return 2 }
        guard var cpus = CPUSet.parse(mask: text) else { return 22 }
        if (cpus.highest ?? 0) >= possibleCount { return 75 }
        if path == "proc/irq/default_smp_affinity", cpus.isDisjoint(with: online) { return 22 }
        if path.hasSuffix("/rps_cpus"), !cpus.isEmpty {
            // Isolated and offline CPUs are left out without a word.
            cpus = cpus.intersection(online).subtracting(isolated)
            if cpus.isEmpty { return 22 }
        }
        texts[path] = self.text(mask: cpus) + (old.hasSuffix("\n") ? "\n" : "")
        return 0
    }

    private func setMask(_ irq: Int, _ cpus: CPUSet) -> Int32 {
        guard var line = lines[irq] else { return 2 }
        if (cpus.highest ?? 0) >= possibleCount { return 34 }
        if cpus.isDisjoint(with: online) { return 22 }
        if line.error != 0 { return line.error }
        line.mask = cpus
        if line.chip == .plain { line.pending = cpus } else { line.place(cpus, online) }
        lines[irq] = line
        return 0
    }

    // MARK: Things that happen

    public func wait(_ nanoseconds: UInt64) {
        nowNanoseconds += nanoseconds
        for irq in lines.keys { lines[irq]?.come(nanoseconds, online: online) }
        for (cpu, rate) in packetsPerSecond { packets[cpu, default: 0] += UInt64(rate * Double(nanoseconds) / 1e9) }
    }

    /// A CPU goes offline: lines without a CPU left may go to all that are online, and moves that wait are forgotten.
    public func takeOffline(_ cpu: Int) {
        online = online.subtracting(CPUSet([cpu]))
        for irq in lines.keys.sorted() {
            guard var line = lines[irq] else { continue }
            line.pending = nil
            if line.mask.isDisjoint(with: online) { line.mask = online }
            if line.effective == cpu { line.place(line.mask, online) }
            lines[irq] = line
        }
    }

    /// The driver lets the line go, and its number is given to another one.
    public func reuse(_ irq: Int, for action: String) {
        guard let line = lines[irq] else { return }
        lines[irq] = Line(irq: irq, action: action, chip: line.chip, mask: online, effective: online.lowest ?? 0)
        lines[irq]?.hwirq = line.hwirq + 1000
    }

    /// All masks and places, for comparisons.
    public var masks: [Int: String] { lines.mapValues { text(mask: $0.mask) } }
    public var places: [Int: Int] { lines.mapValues(\.effective) }
}
