import IRQCore

/// Some events of one CPU, in the order of time: an FtraceEventBundle.
struct PerfettoBundle: BitwiseCopyable {
    /// The place of its message in the file.
    let start: Int
    let byteCount: Int32
    /// The reading of the kernel's buffers that it is of: indexes in place of addresses hold for that long.
    let scope: Int32
    /// The table of its functions' names.
    let table: Int32
    /// True if events before it were lost.
    let isAfterLoss: Bool

    var range: Range<Int> { start..<start + Int(byteCount) }
}

/// The events of one data source of a trace: what one sequence of packets holds.
///
/// Perfetto writes no addresses but indexes, which count up from 1 and start over each time that it has read the kernel's
/// buffers, CPU by CPU. The names of functions follow by these indexes. So a CPU that comes again begins a new scope.
struct PerfettoStream {
    /// The machine, 0 for the one that recorded, and the sequence.
    let machine: UInt64
    let sequence: UInt64
    /// The name of the buffer; "" for the first.
    let name: String

    /// The bundles of each CPU, in the order in which they were read from the kernel.
    private(set) var bundles: [Int: [PerfettoBundle]] = [:]
    /// The trace clock, as ftrace calls it; nil if Perfetto did not know it.
    private(set) var clock: String? = "boot"

    private var hasClock = false
    private var scope: Int32 = 0
    private var lastCPU = -1
    /// The times that packets of the sequence were lost, and how many of them each CPU knows of.
    private var lossCount = 0
    private var knownLosses: [Int: Int] = [:]
    private var lostAtStart: [UInt64: UInt64] = [:]
    private var lostAtEnd: [UInt64: UInt64] = [:]

    /// Names of functions by index, each table's behind those of the one before.
    private var symbols: [Symbol] = []
    private var tableStarts = [0]

    private struct Symbol {
        let index: UInt32
        let id: Int32
    }

    init(machine: UInt64, sequence: UInt64, name: String) {
        (self.machine, self.sequence, self.name) = (machine, sequence, name)
    }

    /// The events that the kernel counted as lost: at the end of the trace, less those before it began. Nil if one of both
    /// is not told.
    var lostEvents: UInt64? {
        if lostAtStart.isEmpty || lostAtEnd.isEmpty { return nil }
        return lostAtEnd.reduce(0) { sum, cpu in sum &+ (cpu.value &- min(lostAtStart[cpu.key] ?? 0, cpu.value)) }
    }

    /// Tells that packets of the sequence are missing.
    mutating func losePackets() { lossCount += 1 }

    /// Adds a bundle of a CPU that lies behind those before.
    ///
    /// - Parameter isCleared: true if the packet says that its indexes start over.
    mutating func add(cpu: Int, _ range: Range<Int>, isAfterLoss: Bool, isCleared: Bool) {
        if isCleared || cpu <= lastCPU { scope &+= 1 }
        if isCleared || cpu < lastCPU { tableStarts.append(symbols.count) }
        lastCPU = cpu
        // What was lost before a CPU's first bundle is no gap.
        let isKnown = (knownLosses[cpu] ?? lossCount) == lossCount
        knownLosses[cpu] = lossCount
        guard let byteCount = Int32(exactly: range.count) else { return }
        bundles[cpu, default: []].append(
            PerfettoBundle(
                start: range.lowerBound, byteCount: byteCount, scope: scope,
                table: Int32(truncatingIfNeeded: tableStarts.count - 1), isAfterLoss: isAfterLoss || !isKnown))
    }

    /// The clock of a bundle (FtraceClock): without one it is the boot clock.
    mutating func setClock(_ value: UInt64) {
        if hasClock { return }
        hasClock = true
        switch value {
        case 0: clock = "boot"
        case 2: clock = "global"
        case 3: clock = "local"
        case 4: clock = "mono_raw"
        default: clock = nil
        }
    }

    /// Takes the kernel's counts of what each CPU lost, at the start (phase 1) or at the end (2).
    mutating func setLosses(_ counts: [UInt64: UInt64], phase: UInt64) {
        if phase == 1 { lostAtStart.merge(counts) { first, _ in first } }
        if phase == 2 { lostAtEnd.merge(counts) { max($0, $1) } }
    }

    /// Adds the name of a function to the table of the last bundle; `id` is the name's place among all names.
    mutating func addSymbol(index: UInt32, id: Int32) { symbols.append(Symbol(index: index, id: id)) }

    /// Puts the tables in order, for `symbol`.
    mutating func finish() {
        for table in tableStarts.indices {
            let range = range(ofTable: table)
            let isSorted = range.dropFirst().allSatisfy { symbols[$0 - 1].index < symbols[$0].index }
            if !isSorted { symbols[range].sort { $0.index < $1.index } }
        }
    }

    private func range(ofTable table: Int) -> Range<Int> {
        tableStarts[table]..<(table + 1 < tableStarts.count ? tableStarts[table + 1] : symbols.count)
    }

    /// The place of a function's name among all names; nil if the trace has no name for it.
    func symbol(_ index: UInt64, table: Int32) -> Int32? {
        var range = range(ofTable: Int(table))
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if UInt64(symbols[middle].index) == index { return symbols[middle].id }
            range = UInt64(symbols[middle].index) < index ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }
}
