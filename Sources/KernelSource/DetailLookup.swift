internal import IRQCore

/// Looks up what is known of an interrupt when somebody asks, and keeps nothing: for a single look at all of them.
final class DetailLookup {
    private var reader: DetailReader
    private let devices: DeviceMap?
    private var threads: ThreadScan

    /// Looks through all devices and processes, once.
    init(_ roots: KernelRoots) {
        reader = DetailReader(roots)
        devices = roots.sys.map { DeviceMap(sysRoot: $0) }
        threads = ThreadScan(procRoot: roots.proc)
        threads.rescan()
    }

    /// Adds what /proc, /sys and the threads tell to what the row's text told.
    func add(_ irq: Int, to details: inout InterruptDetails) {
        reader.readAll(irq, into: &details)
        if let devices { details.setDevices(of: irq, from: devices) }
        details.setThreads(threads.handlerThreads(irq: irq))
        if details.wakesThreads != true { details.wakesThreads = threads.wakesThreads(irq: irq) }
    }
}
