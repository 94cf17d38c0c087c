internal import Glibc
public import IRQCore

/// Reads what `irqscope alert` judges: counters in one go, and about the rows that matter what /proc/irq and /sys tell.
public struct AlertSource: ~Copyable {
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

    private let roots: KernelRoots
    private let clock: KernelClock
    private var details: DetailReader
    private var text = TextBuffer(capacity: 64 << 10)
    private var threadTimes: SoftirqThreadTimes
    private var devices: DeviceMap?
    /// Looked through when the first line asks for it, which few runs do.
    private var handlerThreads: ThreadScan?

    /// What could not be read, a sentence each.
    public private(set) var problems: [String] = []
    /// The rows whose devices were looked for in this run.
    public private(set) var named: Set<Int> = []
    /// The number of rows whose devices should have been looked for, but for `namedRowCount`.
    public private(set) var passedOverCount = 0
    /// What each ksoftirqd has used.
    public private(set) var threads: [SoftirqThreadMemory] = []

    /// Creates a source; nothing is read yet.
    public init(_ roots: KernelRoots) {
        self.roots = roots
        clock = KernelClock(roots)
        details = DetailReader(roots)
        threadTimes = SoftirqThreadTimes(procRoot: roots.proc)
    }

    /// The kernel's name for this boot; "" if it does not tell.
    public mutating func bootID() -> String {
        do throws(SourceError) {
            try ProcFile.read("\(roots.proc)/sys/kernel/random/boot_id", into: &text)
        } catch { return "" }
        let line = text.bytes.text.prefix { !$0.isNewline }
        return line.utf8.count <= 64 ? String(line) : ""
    }

    /// CPUs that were to be left alone: isolcpus= and nohz_full=.
    public func isolatedCPUs() -> Set<Int> {
        guard let sys = roots.sys else { return [] }
        let topology = NUMATopology(sysRoot: sys)
        return Set((topology.isolated?.cpus ?? []) + (topology.nohzFull?.cpus ?? []))
    }

    /// Takes a sample.
    ///
    /// - Parameter known: ksoftirqd as it was before.
    /// - Throws: `SourceError` if /proc/interrupts cannot be read; what else cannot is unknown this time.
    public mutating func sample(into samples: inout AlertSamples, known: [SoftirqThreadMemory]) throws(SourceError)
        -> AlertTime
    {
        problems.removeAll()
        let clock = clock
        let interruptsPath = "\(roots.proc)/interrupts"
        let softirqsPath = "\(roots.proc)/softirqs"
        try samples.takeInterrupts { (sample: inout CounterSample) throws(SourceError) in
            try CounterFile.read(interruptsPath, into: &sample, room: &text) { clock.now().awake }
        }
        let time = clock.now()
        if let problem = samples.interrupts.sample.table.firstProblem {
            let count = samples.interrupts.sample.table.rejectedRowCount
            problems.append("\(interruptsPath), \(problem): \(count) row\(count == 1 ? "" : "s") left out")
        }
        do throws(SourceError) {
            try samples.takeSoftirqs { (sample: inout CounterSample) throws(SourceError) in
                try CounterFile.read(softirqsPath, into: &sample, room: &text) { clock.now().awake }
            }
        } catch { note(error) }
        do throws(SourceError) {
            try ProcFile.read("\(roots.proc)/stat", into: &text)
            do throws(ProcTextError) {
                try Self.take(text, into: &samples)
            } catch { throw SourceError(path: "\(roots.proc)/stat", reason: .text(error)) }
        } catch { note(error) }
        samples.takeSoftnet(softnet(samples.cpus))
        threads = threadTimes.read(known: known, cpus: samples.cpus)
        return time
    }

    /// Keeps what is wrong; a saved copy need not have all files.
    private mutating func note(_ error: SourceError) {
        if !roots.isLive, error.reason == .system(ENOENT) { return }
        problems.append(error.description)
    }

    private static func take(_ text: borrowing TextBuffer, into samples: inout AlertSamples) throws(ProcTextError) {
        try samples.takeTimes(text.bytes)
    }

    /// The file follows the network namespace of whoever reads it, but its counts are the machine's.
    private mutating func softnet(_ cpus: [Int]) -> [SoftnetCounts] {
        do throws(SourceError) {
            try ProcFile.read("\(roots.proc)/net/softnet_stat", into: &text)
        } catch { return [] }
        return SoftnetStat.read(text.bytes, cpus: cpus) ?? []
    }

    // MARK: Looking closer

    /// Looks up what the verdicts need of the rows that moved, and of those that are remembered for trouble.
    ///
    /// - Parameters:
    ///   - seen: what was seen; what may be excused by names that were not looked up is not known.
    ///   - interesting: rows whose device and names are wanted: those fast enough for a finding.
    public mutating func lookUp(
        _ seen: inout AlertObservation, _ samples: borrowing AlertSamples, _ memory: AlertMemory,
        interesting: (LineObservation) -> Bool
    ) -> [Int: InterruptDetails] {
        var result: [Int: InterruptDetails] = [:]
        var (masked, states) = (0, 0)
        named = []
        let isFirst = memory.rows.isEmpty
        passedOverCount = 0
        let least = Self.leastRate(seen, where: interesting)
        let isSmall = seen.lines.count <= Self.smallRowCount
        for index in seen.lines.indices {
            let line = seen.lines[index]
            guard let irq = line.irq else {
                if line.delta > 0 { result[line.row] = Self.blank(line, samples) }
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
            var found = Self.blank(line, samples)
            if isWanted {
                name(irq, line.row, &found)
            } else if line.perSecond >= Self.maskedPerSecond || isFirst, masked < Self.maskedRowCount {
                masked += 1
                details.refresh(irq, in: &found)
            } else {
                details.refreshSpurious(irq, in: &found)
            }
            if !isWanted, let before = remembered?.spurious, let now = found.spurious,
                now.unhandled > before.unhandled + 100
            {
                name(irq, line.row, &found)
            }
            if let before = remembered?.spurious, found.spurious?.hasMoved(since: before) == true {
                found.wakesThreads = wakesThreads(irq)
            }
            // A line that stands still may be disabled, and so may one whose count has begun anew.
            let mayBeJudged =
                line.delta == 0 || (found.spurious?.unhandled ?? 0) < (remembered?.spurious?.unhandled ?? 0)
            if mayBeJudged, (found.spurious?.lastUnhandledMilliseconds ?? 0) > 0, states < Self.stateCount {
                states += 1
                details.readState(irq, into: &found)
            }
            result[line.row] = found
        }
        return result
    }

    /// The rate from which on so many interesting rows are as can be named; 0 if that is all of them.
    private static func leastRate(_ seen: AlertObservation, where interesting: (LineObservation) -> Bool) -> Double {
        var rates: [Double] = []
        for line in seen.lines where line.irq != nil && interesting(line) { rates.append(line.busiestPerSecond) }
        guard rates.count > namedRowCount else { return 0 }
        rates.sort(by: >)
        return rates[namedRowCount - 1]
    }

    /// Looks up the devices of further rows, about which there may be something to tell.
    public mutating func name(
        _ rows: Set<Int>, of seen: AlertObservation, in result: inout [Int: InterruptDetails]
    ) {
        for line in seen.lines where rows.contains(line.row) && named.count < Self.namedRowCount {
            guard let irq = line.irq, var found = result[line.row] else { continue }
            name(irq, line.row, &found)
            result[line.row] = found
        }
    }

    private mutating func name(_ irq: Int, _ row: Int, _ found: inout InterruptDetails) {
        details.readAll(irq, into: &found)
        found.setDevices(of: irq, from: map())
        named.insert(row)
    }

    private static func blank(_ line: LineObservation, _ samples: borrowing AlertSamples) -> InterruptDetails {
        let counts = samples.interrupts.sample.table.row(line.row)
        return InterruptDetails(
            label: samples.interrupts.sample.label(counts), text: samples.interrupts.sample.tail(counts), irq: line.irq)
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
