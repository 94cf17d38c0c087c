import IRQCore
import KernelSource

/// A `ThreadScan` that #expect can look into: its macros copy what they are asked about.
final class Scan {
    private var scan: ThreadScan

    init(procRoot: String = "/proc", ticksPerSecond: Int? = nil) {
        scan = ThreadScan(procRoot: procRoot, ticksPerSecond: ticksPerSecond)
    }

    func rescan() { scan.rescan() }
    func rescan(limit: Int) -> Bool { scan.rescan(limit: limit) }
    func refreshTimes() { scan.refreshTimes() }
    func handlerThreads(irq: Int) -> [KernelThread]? { scan.handlerThreads(irq: irq) }
    func softirqThread(cpu: Int) -> KernelThread? { scan.softirqThreads?.first { $0.role == .softirq(cpu: cpu) } }
    var softirqThreads: [KernelThread]? { scan.softirqThreads }
    var threads: [KernelThread]? { scan.threads }
    func wakesThreads(irq: Int) -> Bool? { scan.wakesThreads(irq: irq) }
    var generation: Int { scan.generation }
    var isKnown: Bool { scan.isKnown }
    var isWhole: Bool { scan.isWhole }
    var unreadableCount: Int { scan.unreadableCount }
}

extension String {
    /// The text as the kernel's names come: bytes.
    public var bytes: [UInt8] { Array(utf8) }
}
