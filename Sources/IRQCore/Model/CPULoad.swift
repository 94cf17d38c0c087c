/// How much of a CPU's time went into interrupts. Self times, so that nothing counts twice.
public struct CPULoad: Sendable, Equatable {
    /// The CPU's number.
    public let cpu: Int
    /// Nanoseconds in rows of each kind that counts (`RowTraits.loadTitle`).
    public internal(set) var nanoseconds: [RowKind: UInt64] = [:]
    /// The length of the window in nanoseconds.
    public let windowNanoseconds: UInt64

    /// All of them together.
    public var total: UInt64 { nanoseconds.values.reduce(0, &+) }

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
            for row in report.rows where row.buffer == buffer && row.kind.traits.loadTitle != nil {
                for share in row.cpus {
                    loads[share.cpu, default: CPULoad(cpu: share.cpu, windowNanoseconds: window)]
                        .nanoseconds[row.kind, default: 0] &+= share.selfNanoseconds
                }
            }
            best.merge(loads) { $0.total >= $1.total ? $0 : $1 }
        }
        return best.values.sorted { $0.cpu < $1.cpu }
    }
}
