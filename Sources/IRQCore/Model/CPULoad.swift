/// How much of a CPU's time went into interrupts. Self times, so that nothing counts twice.
public struct CPULoad: Sendable, Equatable {
    /// The CPU's number.
    public let cpu: Int
    /// The recording it is of, in a report that keeps several apart; else nil.
    public internal(set) var recording: RowKey.Recording?
    /// Nanoseconds in rows of each kind that counts (`RowTraits.loadTitle`).
    public internal(set) var nanoseconds: [RowKind: UInt64] = [:]
    /// The length of the window in nanoseconds.
    public let windowNanoseconds: UInt64
    /// The part of the window for which events of the CPU are missing: it may have been in interrupts then, too.
    public internal(set) var missingNanoseconds: UInt64 = 0

    /// True if it was in an interrupt for long when the recording ended (`Report.longUnended`).
    public internal(set) var hasUnended = false

    /// True if the times are lower bounds.
    public var isLowerBound: Bool { missingNanoseconds > 0 || hasUnended }

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

    /// The CPUs that the rows of a report ran on, lowest first, those of recordings that are kept apart one after the other.
    /// If the same interrupts were recorded in several buffers, each CPU's busiest buffer counts. Of recordings that were added
    /// up only what all of them have counts: a share of the time of all is one of these alone.
    public static func all(in report: Report) -> [CPULoad] {
        let rows = Dictionary(grouping: report.rows.filter { $0.kind.traits.loadTitle != nil }, by: \.key.recording)
        return rows.sorted { ($0.key?.place ?? 0) < ($1.key?.place ?? 0) }.flatMap { recording, rows in
            // Asked once a kind, not once a row: the answer takes a look at all rows.
            let kinds = RowKind.allCases.filter { report.has($0, in: recording) }
            let loads = all(rows.filter { kinds.contains($0.kind) }, recording) {
                report.window(ofCPU: $0, in: recording) ?? 0
            }
            return loads.map { load, buffer in
                var load = load
                load.missingNanoseconds = report.missingNanoseconds(onCPU: load.cpu, buffer: buffer, in: recording)
                load.hasUnended = report.hasLongUnended(onCPU: load.cpu, buffer: buffer, in: recording)
                return load
            }
        }
    }

    private static func all(
        _ rows: [ReportRow], _ recording: RowKey.Recording?, _ window: (Int) -> UInt64
    ) -> [(load: CPULoad, buffer: String)] {
        var best: [Int: (load: CPULoad, buffer: String)] = [:]
        for (buffer, rows) in Dictionary(grouping: rows, by: \.buffer).sorted(by: { $0.key < $1.key }) {
            var loads: [Int: CPULoad] = [:]
            for row in rows {
                for share in row.cpus {
                    var load = loads[share.cpu] ?? CPULoad(cpu: share.cpu, windowNanoseconds: window(share.cpu))
                    load.recording = recording
                    load.nanoseconds[row.kind, default: 0] &+= share.selfNanoseconds
                    loads[share.cpu] = load
                }
            }
            best.merge(loads.mapValues { ($0, buffer) }) { $0.load.total >= $1.load.total ? $0 : $1 }
        }
        return best.values.sorted { $0.load.cpu < $1.load.cpu }
    }
}
