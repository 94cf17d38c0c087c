internal import Glibc
internal import IRQCore

/// Keeps the threads of a `Box` up to date at little cost for each sample.
struct ThreadFollower: ~Copyable {
    /// Processes looked at with each sample while a pass is on.
    private static let sliceLength = 250
    /// A new pass begins so long after the one before, in nanoseconds.
    private static let passInterval: UInt64 = 30_000_000_000

    private var scan: ThreadScan
    private var isInPass = true
    private var nextPassNanoseconds: UInt64 = 0
    private var writtenGeneration = -1
    private var lastNanoseconds: UInt64 = 0

    init(procRoot: String) { scan = ThreadScan(procRoot: procRoot) }

    /// Looks at the next processes, reads the times of the known threads, and writes both into `state`.
    mutating func follow(into state: Box, hasNewRows: Bool) {
        let now = state.interrupts.sample.endNanoseconds
        if now >= nextPassNanoseconds { isInPass = true }
        if isInPass, scan.rescan(limit: Self.sliceLength) {
            isInPass = false
            nextPassNanoseconds = now &+ Self.passInterval
        }
        scan.refreshTimes()
        if hasNewRows || scan.generation != writtenGeneration { write(into: state) }
        writeTimes(into: state, now)
    }

    /// Writes which threads there are, and marks rows anew: how far counts of unhandled interrupts can be believed may
    /// have changed.
    private mutating func write(into state: Box) {
        writtenGeneration = scan.generation
        for row in 0..<state.interrupts.sample.table.rowCount {
            let irq = Int(state.interrupts.sample.table.row(row).irq)
            guard irq >= 0 else { continue }
            let (found, wakes) = (scan.handlerThreads(irq: irq), scan.wakesThreads(irq: irq))
            state.changeDetails(row, keeping: !(found ?? []).isEmpty || wakes == true) {
                $0.setThreads(found)
                // A trace may have seen one woken, which stays true.
                if $0.wakesThreads != true { $0.wakesThreads = wakes }
            }
        }
        for row in state.marks.indices { state.mark(row) }
        let known = state.softirqThreads
        state.softirqThreads = scan.softirqThreadTimes.map { found in known.first { $0.cpu == found.cpu } ?? found }
        let knownLoads = Dictionary(state.handlerLoads.map { ($0.pid, $0) }) { $1 }
        state.handlerLoads = scan.handlerLoads.map { found in
            knownLoads[found.pid].flatMap { $0.irq == found.irq ? $0 : nil } ?? found
        }
    }

    /// Writes how much of a CPU each of the threads took since the sample before.
    private mutating func writeTimes(into state: Box, _ now: UInt64) {
        let passed = lastNanoseconds == 0 ? nil : now &- min(lastNanoseconds, now)
        lastNanoseconds = now
        for index in state.softirqThreads.indices {
            let used = scan.softirqNanoseconds(cpu: state.softirqThreads[index].cpu)
            state.softirqThreads[index].take(used, passed: passed)
        }
        // Both are in the order of the scan, which changes with its generation only.
        for index in state.handlerLoads.indices {
            guard let (used, cpu) = scan.handlerTime(index) else { continue }
            state.handlerLoads[index].take(used, cpu: cpu, passed: passed)
        }
    }
}

extension ThreadScan {
    /// The time that each ksoftirqd has used; empty where the kernel's threads cannot be seen.
    var softirqThreadTimes: [SoftirqThread] {
        (softirqThreads ?? []).compactMap { thread in
            guard case .softirq(let cpu) = thread.role, let used = thread.cpuNanoseconds else { return nil }
            return SoftirqThread(cpu: cpu, pid: thread.pid, cpuNanoseconds: used)
        }
    }

    /// The threads of handlers, with the time that each has used; empty where the kernel's threads cannot be seen.
    var handlerLoads: [HandlerLoad] {
        (threads ?? []).compactMap { thread in
            guard case .handler(let irq, _) = thread.role else { return nil }
            return HandlerLoad(irq: irq, pid: thread.pid, cpu: thread.lastCPU, cpuNanoseconds: thread.cpuNanoseconds)
        }
    }
}

extension KernelThread.Policy {
    /// The name without `SCHED_` (sched(7)).
    var name: String {
        switch self {
        case .other: "OTHER"
        case .fifo: "FIFO"
        case .roundRobin: "RR"
        case .batch: "BATCH"
        case .idle: "IDLE"
        case .deadline: "DEADLINE"
        case .unknown(let number): "\(number)"
        }
    }
}

extension InterruptDetails {
    /// Sets the threads that do the handlers' work; nil where they cannot be seen.
    mutating func setThreads(_ found: [KernelThread]?) {
        threads = found.map { found in
            found.map {
                HandlerThread(
                    pid: Int($0.pid), name: "irq/\(irq ?? 0)-\($0.action)", policy: $0.policy.name,
                    priority: $0.realtimePriority)
            }
        }
    }

    /// Finds the devices of an interrupt: of a shared line one for each action.
    mutating func setDevices(of irq: Int, from map: DeviceMap) {
        let chip = self.chip.map { Array($0.utf8) }
        var found: [Device] = []
        for action in actions ?? [] {
            let device = map.device(irq: irq, chip: chip, actions: [Array(action.utf8)])
            if let device, !found.contains(device) { found.append(device) }
        }
        if found.isEmpty, let device = map.device(irq: irq, chip: chip) { found = [device] }
        devices = found
        if delivery == .msi, found.first?.interruptKind == .msix { delivery = .msiX }
    }
}

/// Reads how much CPU time each ksoftirqd has used, at little cost for a program that runs once a minute.
///
/// The process numbers are known from the run before: only where one is not what it was, or none is known, all processes
/// are looked through.
struct SoftirqThreadTimes: ~Copyable {
    private let root: String
    private var reader = StatReader()

    init(procRoot: String) { root = procRoot }

    /// The threads now; empty where the kernel's threads cannot be seen.
    ///
    /// - Parameters:
    ///   - cpus: the CPUs online: one without a known thread asks for another look.
    ///   - passed: the time since the known threads were read, in nanoseconds; nil if that is unknown.
    mutating func read(known: [SoftirqThread], cpus: [Int], passed: UInt64?) -> [SoftirqThread] {
        var found: [SoftirqThread]?
        let seen = Set(known.map(\.cpu))
        if !known.isEmpty, cpus.allSatisfy({ seen.contains($0) }) { found = refresh(known, Set(cpus)) }
        var threads = found ?? scan()
        var before: [Int: SoftirqThread] = [:]
        for thread in known { before[thread.cpu] = thread }
        for index in threads.indices {
            guard var thread = before[threads[index].cpu], thread.pid == threads[index].pid else { continue }
            thread.take(threads[index].cpuNanoseconds, passed: passed)
            threads[index] = thread
        }
        return threads
    }

    private func scan() -> [SoftirqThread] {
        var scan = ThreadScan(procRoot: root)
        scan.rescan()
        return scan.softirqThreadTimes
    }

    private mutating func refresh(_ known: [SoftirqThread], _ cpus: Set<Int>) -> [SoftirqThread]? {
        let folder = unsafe open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK)
        guard folder >= 0 else { return nil }
        defer { close(folder) }
        let ticksPerSecond = UInt64(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        var result: [SoftirqThread] = []
        for thread in known where cpus.contains(thread.cpu) {
            guard case .line(let line) = reader.read(pid: thread.pid, in: folder), line.isKernelThread,
                role(line) == .softirq(cpu: thread.cpu)
            else { return nil }
            let (seconds, rest) = line.cpuTicks.quotientAndRemainder(dividingBy: ticksPerSecond)
            let used = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            let sum = used.partialValue &+ rest &* 1_000_000_000 / ticksPerSecond
            result.append(SoftirqThread(cpu: thread.cpu, pid: thread.pid, cpuNanoseconds: used.overflow ? .max : sum))
        }
        return result
    }

    private func role(_ line: PIDStat) -> KernelThread.Role? {
        let text = reader.text
        let name = text.extracting(line.nameStart..<line.nameEnd)
        return KernelThread.Role.read(name)?.role
    }
}
