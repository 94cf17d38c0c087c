internal import Glibc
internal import IRQCore

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
