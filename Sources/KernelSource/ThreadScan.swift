internal import Glibc
internal import IRQCore

/// Finds the kernel's threads that work for interrupts, and reads what processor time they used.
///
/// A live view calls `rescan(limit:)` now and then, which looks at some of the processes at a time, and
/// `refreshTimes()` at every turn, which reads the known threads only and allocates nothing.
///
/// "Unknown" is nil, never an empty list: where /proc is missing, hides the kernel's threads (hidepid=, a container)
/// or was not yet looked through.
public struct ThreadScan: ~Copyable {
    /// Threads beyond are counted in `droppedThreadCount` only.
    public static let threadLimit = 65_536
    /// Entries of /proc looked at in one pass.
    private let entryLimit: Int

    private struct Entry {
        var thread: KernelThread
        /// The pass that saw it last.
        var pass: UInt64
    }

    private let root: String
    private let ticksPerSecond: UInt64
    private var folder: DirectoryStream?
    private var reader = StatReader()
    /// In the order of `KernelThread.Role.order`, then by pid, but for what a pass has just found.
    private var entries: [Entry] = []
    private var places: [Int32: Int] = [:]

    private var pass: UInt64 = 0
    private var isInPass = false
    private var entriesInPass = 0
    private var kernelThreadsInPass = 0
    private var droppedInPass = 0
    private var unreadableInPass = 0
    private var processesInPass = 0
    /// What the last whole pass tells of threads that it did not see, if handlers are not forced into some.
    private var sight = ThreadSight.hidden
    private var isForced = false

    /// The number of changes of what is known: which threads there are, or whether they can be seen.
    public private(set) var generation = 0
    /// True if the last whole pass saw threads of the kernel at all.
    public private(set) var isKnown = false
    /// Threads that the last whole pass found beyond `threadLimit`.
    public private(set) var droppedThreadCount = 0
    /// Processes whose file the last whole pass could not read, other than by their having ended.
    public private(set) var unreadableCount = 0
    /// True if the last pass came to the end of /proc, and not to a limit or an error.
    public private(set) var isWhole = true

    /// Looks at nothing yet.
    ///
    /// - Parameters:
    ///   - procRoot: where /proc is.
    ///   - ticksPerSecond: the unit of processor times in it (USER_HZ); this machine's for nil.
    public init(procRoot: String = "/proc", ticksPerSecond: Int? = nil) {
        // PID_MAX_LIMIT of include/linux/threads.h.
        self.init(procRoot: procRoot, ticksPerSecond: ticksPerSecond, entryLimit: 4_194_304)
    }

    init(procRoot: String, ticksPerSecond: Int?, entryLimit: Int) {
        root = procRoot
        self.entryLimit = entryLimit
        self.ticksPerSecond = UInt64(min(max(ticksPerSecond ?? sysconf(Int32(_SC_CLK_TCK)), 1), 1_000_000_000))
        folder = nil
    }

    // MARK: Finding

    /// Looks through all processes.
    public mutating func rescan() { while !rescan(limit: .max) {} }

    /// Looks at up to `limit` (at least 1) further entries of /proc and returns whether a pass is through; the next call then
    /// begins another.
    ///
    /// New threads are known at once, ended ones are forgotten when the pass is through.
    public mutating func rescan(limit: Int) -> Bool {
        if !isInPass { begin() }
        var isThrough = false
        var hasNew = false
        var count = 0
        while count < max(limit, 1) {
            guard entriesInPass < entryLimit, let name = folder?.next({ Self.pid($0) }) else {
                isThrough = true
                break
            }
            count += 1
            entriesInPass += 1
            if let pid = name, look(pid) { hasNew = true }
        }
        if isThrough { end() }
        if hasNew { sort() }
        return isThrough
    }

    private mutating func begin() {
        pass += 1
        isInPass = true
        (entriesInPass, kernelThreadsInPass, droppedInPass, unreadableInPass) = (0, 0, 0, 0)
        processesInPass = 0
        if folder == nil {
            folder = unsafe DirectoryStream(owning: open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK))
        } else {
            folder?.rewind()
        }
    }

    private mutating func end() {
        isInPass = false
        let (wasKnown, oldSight, wasForced) = (isKnown, sight, isForced)
        isKnown = kernelThreadsInPass > 0
        isWhole = entriesInPass < entryLimit && folder?.hasFailed == false
        droppedThreadCount = droppedInPass
        unreadableCount = unreadableInPass
        sight =
            isKnown
            ? .seen(isWhole: isWhole && droppedThreadCount == 0 && unreadableCount == 0)
            : isWhole && processesInPass == 0 ? .noProcess : .hidden
        // Only there it matters, and costs two more files.
        isForced = sight == .noProcess && KernelFacts(KernelRoots(procRoot: root, sysRoot: nil)).areHandlersThreaded
        let last = pass
        let count = entries.count
        entries.removeAll { $0.pass != last }
        if entries.count != count || isKnown != wasKnown || sight != oldSight || isForced != wasForced { sort() }
    }

    /// Looks at one process; true if it is a thread that was not known.
    private mutating func look(_ pid: Int32) -> Bool {
        guard let descriptor = folder?.descriptor else { return false }
        processesInPass += 1
        let line: PIDStat
        switch reader.read(pid: pid, in: descriptor) {
        case .gone: return false
        case .unreadable:
            unreadableInPass += 1
            // Still there as far as one can tell; only its time is unknown.
            if let place = places[pid] {
                entries[place].pass = pass
                entries[place].thread.cpuNanoseconds = nil
            }
            return false
        case .line(let found): line = found
        }
        guard line.isKernelThread else { return false }
        kernelThreadsInPass += 1
        if let place = places[pid], entries[place].thread.startTicks == line.startTicks {
            entries[place].pass = pass
            update(place, line)
            return false
        }
        guard let thread = thread(pid, line) else { return false }
        if let place = places[pid] {
            entries[place] = Entry(thread: thread, pass: pass)  // the number was used again
            return true
        }
        guard entries.count < Self.threadLimit else {
            droppedInPass += 1
            return false
        }
        places[pid] = entries.count
        entries.append(Entry(thread: thread, pass: pass))
        return true
    }

    private func thread(_ pid: Int32, _ line: PIDStat) -> KernelThread? {
        let text = reader.text
        let name = text.extracting(line.nameStart..<line.nameEnd)
        guard let (role, actionOffset) = KernelThread.Role.read(name) else { return nil }
        return KernelThread(
            pid: pid, role: role, action: name.extracting(actionOffset..<name.byteCount).text,
            startTicks: line.startTicks, cpuNanoseconds: nanoseconds(line.cpuTicks),
            policy: .init(number: Int(clamping: line.policy)), realtimePriority: Int(clamping: line.realtimePriority),
            lastCPU: Int(clamping: line.lastCPU))
    }

    /// The number that a directory's name is; nil for all others.
    private static func pid(_ name: RawSpan) -> Int32? {
        guard let (value, end) = name.decimal(at: 0), end == name.byteCount, name.byte(at: 0) != 0x30 else {
            return nil
        }
        return Int32(exactly: value)
    }

    // MARK: Refreshing

    /// Reads the times of the known threads again, and forgets those that ended.
    ///
    /// Allocates nothing. A pid that another process has now is an ended thread.
    public mutating func refreshTimes() {
        guard let descriptor = folder?.descriptor else { return }
        var kept = 0
        for place in entries.indices {
            switch reader.read(pid: entries[place].thread.pid, in: descriptor) {
            case .line(let line) where line.startTicks == entries[place].thread.startTicks: update(place, line)
            case .unreadable: entries[place].thread.cpuNanoseconds = nil
            case .line, .gone: continue
            }
            if kept != place { entries.swapAt(kept, place) }
            kept += 1
        }
        guard kept < entries.count else { return }
        entries.removeLast(entries.count - kept)
        sort()
    }

    private mutating func update(_ place: Int, _ line: PIDStat) {
        entries[place].thread.cpuNanoseconds = nanoseconds(line.cpuTicks)
        entries[place].thread.policy = .init(number: Int(clamping: line.policy))
        entries[place].thread.realtimePriority = Int(clamping: line.realtimePriority)
        entries[place].thread.lastCPU = Int(clamping: line.lastCPU)
    }

    /// The time of so many ticks; the largest number if it is larger.
    private func nanoseconds(_ ticks: UInt64) -> UInt64 {
        let (seconds, rest) = ticks.quotientAndRemainder(dividingBy: ticksPerSecond)
        let (whole, isTooLarge) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isOverflow) = whole.addingReportingOverflow(rest * 1_000_000_000 / ticksPerSecond)
        return isTooLarge || isOverflow ? .max : sum
    }

    /// Puts the entries in order and notes their places.
    private mutating func sort() {
        generation &+= 1
        entries.sort {
            let (order, other) = ($0.thread.role.order, $1.thread.role.order)
            return order == other ? $0.thread.pid < $1.thread.pid : order < other
        }
        places.removeAll(keepingCapacity: true)
        for (place, entry) in entries.enumerated() { places[entry.thread.pid] = place }
    }

    // MARK: Asking

    /// The threads that run handlers of `irq`, by pid; empty if it has none, nil if that is unknown.
    public func handlerThreads(irq: Int) -> [KernelThread]? {
        isKnown ? threads(order: (0, irq)) : nil
    }

    /// True if handlers of `irq` go on in threads; nil if that is unknown.
    public func wakesThreads(irq: Int) -> Bool? {
        let hasThread = isKnown && !threads(order: (0, irq)).isEmpty
        return sight.wakesThreads(hasThread: hasThread, isForced: isForced)
    }

    /// The processor time of all threads that run handlers of `irq` together, in nanoseconds; nil if it has none or it is
    /// unknown.
    public func handlerNanoseconds(irq: Int) -> UInt64? {
        guard isKnown else { return nil }
        let times = threads(order: (0, irq)).map(\.cpuNanoseconds)
        if times.isEmpty || times.contains(nil) { return nil }
        return times.reduce(0) { $0 &+ ($1 ?? 0) }
    }

    /// The processor time of the thread that runs put-off softirqs of `cpu`, in nanoseconds; nil if unknown.
    /// Allocates nothing.
    public func softirqNanoseconds(cpu: Int) -> UInt64? {
        let place = first(notBefore: (1, cpu))
        guard isKnown, place < entries.count, entries[place].thread.role.order == (1, cpu) else { return nil }
        return entries[place].thread.cpuNanoseconds
    }

    /// The processor time of a thread of a handler, in nanoseconds, and the CPU it ran on last, by its place among them in
    /// `threads`; nil if there is none. Allocates nothing.
    func handlerTime(_ place: Int) -> (used: UInt64?, cpu: Int)? {
        guard isKnown, place < entries.count, case .handler = entries[place].thread.role else { return nil }
        return (entries[place].thread.cpuNanoseconds, entries[place].thread.lastCPU)
    }

    /// The threads that run put-off softirqs, by CPU; nil if that is unknown.
    public var softirqThreads: [KernelThread]? {
        isKnown ? entries[first(notBefore: (1, .min))...].map { $0.thread } : nil
    }

    /// All known threads: those of handlers by interrupt, then those of softirqs by CPU; nil if that is unknown.
    public var threads: [KernelThread]? { isKnown ? entries.map { $0.thread } : nil }

    private func threads(order: (Int, Int)) -> [KernelThread] {
        var found: [KernelThread] = []
        var place = first(notBefore: order)
        while place < entries.count, entries[place].thread.role.order == order {
            found.append(entries[place].thread)
            place += 1
        }
        return found
    }

    /// The place of the first entry that does not come before `order`.
    private func first(notBefore order: (Int, Int)) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].thread.role.order < order { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
