public import IRQCore

/// Looks up what /proc/irq and /sys tell of the rows that may matter to a check, a bounded number in a run.
public struct CloseLook: ~Copyable {
    /// Rows whose masks are read in one run: those that move most.
    private static let maskedRowCount = 4_096
    /// Rows that move less have no mask worth looking at, in interrupts per second.
    private static let maskedPerSecond = 5.0

    /// Lines whose devices and names are looked up in one run: the fastest. Others as fast are not judged.
    public static let namedRowCount = 8_192

    /// Lines whose state is looked up in debugfs in one run.
    private static let stateCount = 64

    /// With no more rows than this all are looked at; with more, those that stand still are passed over.
    private static let smallRowCount = 128

    let roots: KernelRoots
    private var details: DetailReader
    private var devices: DeviceMap?
    private var places: ClassPlaces?
    /// The interrupts that the kernel's log says were disabled; read when the first line asks for it.
    private var logged: Set<Int>?
    /// Looked through when the first line asks for it, which few runs do.
    private var handlerThreads: ThreadScan?

    /// The disks and network interfaces behind rows whose devices were looked for in this run.
    public private(set) var parts: [Int: LineParts] = [:]
    /// The rows whose devices were looked for in this run.
    public private(set) var named: Set<Int> = []
    /// The number of rows whose devices should have been looked for, but for `namedRowCount`.
    public private(set) var passedOverCount = 0

    /// Creates a look; nothing is read yet.
    public init(_ roots: KernelRoots) {
        self.roots = roots
        details = DetailReader(roots)
    }

    /// Looks up what the verdicts need of the rows that moved, and of those that are remembered for trouble.
    ///
    /// - Parameters:
    ///   - seen: what was seen; what may be excused by names that were not looked up is not known.
    ///   - interesting: rows whose device and names are wanted: those fast enough for a finding.
    public mutating func lookUp(
        _ seen: inout BoxInterval, _ box: Box, _ memory: AlertMemory,
        interesting: (LineObservation) -> Bool
    ) -> [Int: InterruptDetails] {
        var result: [Int: InterruptDetails] = [:]
        var (masked, states) = (0, 0)
        (named, parts) = ([], [:])
        let isFirst = memory.rows.isEmpty
        passedOverCount = 0
        let least = Self.leastRate(seen, where: interesting)
        let isSmall = seen.lines.count <= Self.smallRowCount
        for index in seen.lines.indices {
            let line = seen.lines[index]
            guard let irq = line.irq else {
                if line.delta > 0 { result[line.row] = box.text(line.row) }
                continue
            }
            let isWanted = interesting(line)
            if isWanted, line.busiestPerSecond < least || named.count >= Self.namedRowCount {
                passedOverCount += 1
                seen.lines[index].isKnown = false
                continue
            }
            let remembered = memory.rows[line.key]
            // The time of the last unhandled interrupt stays, also when the kernel has disabled the line.
            let hadTrouble =
                remembered?.mayBeDisabled == true || (remembered?.spurious?.lastUnhandledMilliseconds ?? 0) > 0
            // Of a row that nothing will be remembered of, what stands still tells nothing.
            let isNew = remembered == nil && index < AlertMemory.rowLimit
            guard isSmall || line.delta > 0 || isWanted || hadTrouble || isNew else { continue }
            if !isWanted, result.count >= AlertMemory.rowLimit { continue }
            // Below all levels the names in its text are not needed, and there is nothing else to look up.
            if !isSmall, !isWanted, !hadTrouble, !details.isThere { continue }
            var found = box.text(line.row)
            if isWanted {
                name(irq, line.row, &found)
            } else if line.perSecond >= Self.maskedPerSecond || isFirst, masked < Self.maskedRowCount {
                masked += 1
                details.refresh(irq, in: &found)
            } else {
                details.refreshSpurious(irq, in: &found)
            }
            if !isWanted, let before = remembered?.spurious, let now = found.spurious,
                now.unhandled > before.unhandled, now.unhandled &- before.unhandled > 100
            {
                name(irq, line.row, &found)
            }
            box.refineDelivery(of: line.row, in: &found)
            if let before = remembered?.spurious, found.spurious?.hasMoved(since: before) == true {
                found.wakesThreads = wakesThreads(irq)
            }
            // A line that stands still may be disabled, and so may one whose count has begun anew.
            let isBegunAnew = found.spurious?.isBegunAnew == true
            let mayBeJudged =
                line.delta == 0 || isBegunAnew
                || (found.spurious?.unhandled ?? 0) < (remembered?.spurious?.unhandled ?? 0)
            if mayBeJudged, (found.spurious?.lastUnhandledMilliseconds ?? 0) > 0, states < Self.stateCount {
                states += 1
                details.readState(irq, into: &found)
                if isBegunAnew, found.isSpuriousDisabled == nil, isLogged(irq) {
                    seen.lines[index].isLoggedAsDisabled = true
                }
            }
            result[line.row] = found
        }
        return result
    }

    /// The rate from which on so many interesting rows are as can be named; 0 if that is all of them.
    private static func leastRate(_ seen: BoxInterval, where interesting: (LineObservation) -> Bool) -> Double {
        var rates: [Double] = []
        for line in seen.lines where line.irq != nil && interesting(line) { rates.append(line.busiestPerSecond) }
        guard rates.count > namedRowCount else { return 0 }
        rates.sort(by: >)
        return rates[namedRowCount - 1]
    }

    /// Looks up the devices of further rows, about which there may be something to tell.
    public mutating func name(
        _ rows: Set<Int>, of seen: BoxInterval, in result: inout [Int: InterruptDetails]
    ) {
        for line in seen.lines where rows.contains(line.row) && named.count < Self.namedRowCount {
            guard let irq = line.irq, var found = result[line.row] else { continue }
            name(irq, line.row, &found)
            result[line.row] = found
        }
    }

    private mutating func name(_ irq: Int, _ row: Int, _ found: inout InterruptDetails) {
        found = withDevice(irq, found)
        named.insert(row)
        if found.devices.isEmpty { return }
        if places == nil { places = roots.sys.map { ClassPlaces(sysRoot: $0) } }
        parts[row] = places?.parts(of: found.devices)
    }

    /// The details of a line with all that /proc/irq tells, and its device.
    mutating func withDevice(_ irq: Int, _ known: InterruptDetails) -> InterruptDetails {
        var found = known
        details.readAll(irq, into: &found)
        found.setDevices(of: irq, from: map())
        return found
    }

    private mutating func isLogged(_ irq: Int) -> Bool {
        if logged == nil { logged = KernelLog.disabledInterrupts(roots) ?? [] }
        return logged?.contains(irq) == true
    }

    /// Looks up what else may tell of the work of fast lines: the CPU time of their threads, and the firmware's events.
    ///
    /// - Parameters:
    ///   - indices: the lines, by their place in `seen`.
    ///   - box: has the counts of the run before, and gets those of now.
    public mutating func followWork(of indices: [Int], _ seen: inout BoxInterval, _ box: Box) {
        var used: [NamedCount] = []
        let isForced = KernelFacts(roots).areHandlersThreaded
        for index in indices {
            guard let irq = seen.lines[index].irq else { continue }
            switch wakesThreads(irq) {
            case false: seen.lines[index].threads = .none
            case nil: seen.lines[index].threads = isForced ? .forced : .unknown
            case true:
                guard !isForced, let time = handlerThreads?.handlerNanoseconds(irq: irq) else {
                    seen.lines[index].threads = isForced ? .forced : .unknown
                    continue
                }
                used.append(NamedCount(name: "\(irq)", count: time))
            }
        }
        let isFirmware = indices.contains { seen.lines[$0].role == .firmware }
        box.addWork(threads: used, events: isFirmware ? FirmwareEvents.read(sysRoot: roots.sys) : nil)
        seen.addWork(box, indices)
    }

    private mutating func wakesThreads(_ irq: Int) -> Bool? {
        if handlerThreads == nil {
            handlerThreads = ThreadScan(procRoot: roots.proc)
            handlerThreads?.rescan()
        }
        return handlerThreads?.wakesThreads(irq: irq)
    }

    private mutating func map() -> DeviceMap {
        if let devices { return devices }
        let map = DeviceMap(sysRoot: roots.sys ?? "/nonexistent")
        devices = map
        return map
    }
}
