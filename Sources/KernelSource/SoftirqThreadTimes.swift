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
    /// - Parameter cpus: the CPUs online: one without a known thread asks for another look.
    mutating func read(known: [SoftirqThreadMemory], cpus: [Int]) -> [SoftirqThreadMemory] {
        let seen = Set(known.map { Int($0.cpu) })
        if !known.isEmpty, cpus.allSatisfy({ seen.contains($0) }), let times = refresh(known, Set(cpus)) {
            return times
        }
        var scan = ThreadScan(procRoot: root)
        scan.rescan()
        return (scan.softirqThreads ?? []).compactMap { thread in
            guard case .softirq(let cpu) = thread.role, let used = thread.cpuNanoseconds else { return nil }
            return SoftirqThreadMemory(cpu: Int32(cpu), pid: thread.pid, cpuNanoseconds: used)
        }
    }

    private mutating func refresh(_ known: [SoftirqThreadMemory], _ cpus: Set<Int>) -> [SoftirqThreadMemory]? {
        let folder = unsafe open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK)
        guard folder >= 0 else { return nil }
        defer { close(folder) }
        let ticksPerSecond = UInt64(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        var result: [SoftirqThreadMemory] = []
        for thread in known where cpus.contains(Int(thread.cpu)) {
            guard case .line(let line) = reader.read(pid: thread.pid, in: folder), line.isKernelThread,
                role(line) == .softirq(cpu: Int(thread.cpu))
            else { return nil }
            let (seconds, rest) = line.cpuTicks.quotientAndRemainder(dividingBy: ticksPerSecond)
            let used = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            let sum = used.partialValue &+ rest &* 1_000_000_000 / ticksPerSecond
            result.append(
                SoftirqThreadMemory(
                    cpu: thread.cpu, pid: thread.pid, cpuNanoseconds: used.overflow ? .max : sum))
        }
        return result
    }

    private func role(_ line: PIDStat) -> KernelThread.Role? {
        let text = reader.text
        let name = text.extracting(line.nameStart..<line.nameEnd)
        return KernelThread.Role.read(name)?.role
    }
}
