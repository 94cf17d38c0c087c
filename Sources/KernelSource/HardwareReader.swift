public import IRQCore

/// Reads what stands behind the interrupt lines of a kernel, for a recording that is to carry it.
public struct HardwareReader: ~Copyable {
    /// What has been read; of a line that is gone since then, what it was.
    public private(set) var map = HardwareMap()
    private let roots: KernelRoots
    private var details: DetailReader
    private var text = TextBuffer(capacity: 64 << 10)
    private var sample = CounterSample(.interrupts)
    /// The lines with the texts that they had, so that one is read again that has other handlers now.
    private var known: Set<String> = []
    /// The devices; read when a line asks for them.
    private var devices: DeviceMap?

    /// Reads memory nodes and isolated CPUs; lines are read by `readLines`.
    public init(_ roots: KernelRoots) {
        self.roots = roots
        details = DetailReader(roots)
        guard let sys = roots.sys else { return }
        let topology = NUMATopology(sysRoot: sys)
        map.isolatedCPUs = topology.isolated
        let cpus = topology.nodeOfEachCPU.enumerated().filter { $0.element >= 0 }
        map.nodes = Dictionary(grouping: cpus, by: \.element).sorted { $0.key < $1.key }
            .map { HardwareMap.Node(number: Int($0.key), cpus: CPUSet($0.value.lazy.map(\.offset))) }
    }

    /// Reads the lines of /proc/interrupts that are not known yet; none where it cannot be read.
    public mutating func readLines() { readLines(of: nil) }

    /// Reads what devices are behind some lines, by the table and /sys alone: the files of a line, of which there may be
    /// thousands, are not opened.
    public mutating func readDevices(of irqs: Set<Int>) { readLines(of: irqs) }

    private mutating func readLines(of irqs: Set<Int>?) {
        do throws(SourceError) {
            try CounterFile.read("\(roots.proc)/interrupts", into: &sample, room: &text) { 0 }
        } catch {
            return
        }
        devices = nil  // a new line may be a new device's
        for index in 0..<sample.table.rowCount where map.lines.count < HardwareMap.lineLimit {
            let row = sample.table.row(index)
            guard row.irq >= 0 else { continue }
            let irq = Int(row.irq)
            if let irqs, !irqs.contains(irq) { continue }
            let tail = sample.tail(row)
            if known.insert("\(irq) \(tail)").inserted {
                readLine(irq, sample.label(row), tail, isWhole: irqs == nil)
            }
        }
    }

    private mutating func readLine(_ irq: Int, _ label: String, _ tail: String, isWhole: Bool) {
        var found = InterruptDetails(label: label, text: tail, irq: irq)
        if isWhole { details.readAll(irq, into: &found) }
        let chip = found.chip.map { Array($0.utf8) }
        let actions: [String?] = (found.actions ?? []).isEmpty ? [nil] : found.actions ?? []
        for action in actions {
            var line = HardwareMap.Line(irq: irq, action: action)
            line.device = deviceMap()?.device(irq: irq, chip: chip, actions: action.map { [Array($0.utf8)] } ?? [])
            (line.chip, line.hwirq, line.trigger, line.node) = (found.chip, found.hwirq, found.trigger, found.node)
            (line.affinity, line.effectiveAffinity) = (found.affinity, found.effectiveAffinity)
            map.lines.append(line)
        }
    }

    private mutating func deviceMap() -> DeviceMap? {
        if devices == nil { devices = roots.sys.map { DeviceMap(sysRoot: $0) } }
        return devices
    }
}
