/// How much of a CPU's time went into interrupts. Self times, so that nothing counts twice.
public struct CPULoad: Sendable, Equatable {
    /// The CPU's number.
    public let cpu: Int
    /// Nanoseconds in hardirq handlers.
    public internal(set) var hardirq: UInt64 = 0
    /// Nanoseconds in softirqs.
    public internal(set) var softirq: UInt64 = 0
    /// Nanoseconds in x86 vectors.
    public internal(set) var vector: UInt64 = 0
    /// The length of the window in nanoseconds.
    public let windowNanoseconds: UInt64

    /// All three together.
    public var total: UInt64 { hardirq &+ softirq &+ vector }

    /// `nanoseconds` as a share of the window, 0…1; nil if it cannot be told.
    public func share(_ nanoseconds: UInt64) -> Double? { Self.share(nanoseconds, of: windowNanoseconds) }

    /// A time as a share of a window, 0…1. Nil for an empty window, and where spans reach out of it so far that
    /// they take longer than all of it.
    public static func share(_ nanoseconds: UInt64, of window: UInt64?) -> Double? {
        guard let window, window > 0, nanoseconds <= window else { return nil }
        return Double(nanoseconds) / Double(window)
    }

    /// The CPUs that the rows of a report ran on, lowest first. If the same interrupts were recorded in
    /// several buffers, each CPU's busiest buffer counts.
    public static func all(in report: Report) -> [CPULoad] {
        let window = report.windowNanoseconds ?? 0
        var best: [Int: CPULoad] = [:]
        for buffer in report.source.buffers {
            var loads: [Int: CPULoad] = [:]
            for row in report.irqs + report.softirqs + report.vectors where row.buffer == buffer {
                for share in row.cpus {
                    var load = loads[share.cpu] ?? CPULoad(cpu: share.cpu, windowNanoseconds: window)
                    switch row.kind {
                    case .irq: load.hardirq &+= share.selfNanoseconds
                    case .softirq: load.softirq &+= share.selfNanoseconds
                    case .vector: load.vector &+= share.selfNanoseconds
                    case .work: break
                    }
                    loads[share.cpu] = load
                }
            }
            best.merge(loads) { $0.total >= $1.total ? $0 : $1 }
        }
        return best.values.sorted { $0.cpu < $1.cpu }
    }
}
