/// A handler, softirq, tasklet or vector that was entered and whose end is not in the recording, though nothing on its CPU is
/// known to be missing after it.
public struct UnendedSpan: Sendable, Equatable {
    /// The row that it is of, whose durations do not have it.
    public let row: RowKey
    /// The CPU's number.
    public let cpu: Int
    /// The time of its entry, in nanoseconds of the recording's clock.
    public let startNanoseconds: UInt64
    /// The time of the last event of its CPU.
    let lastNanoseconds: UInt64
}

extension Report {
    /// The part of the time of a recording up to its end, 0...1, from which on an open span is worth naming. Nearly any recording
    /// ends within some call or other.
    private static let longShare = 0.01

    /// The spans that were open for at least a hundredth of the recording up to its end, the longest first; of one recording.
    public var longUnended: [UnendedSpan] {
        guard let extent else { return [] }
        let length = Double(extent.upperBound - extent.lowerBound) * Self.longShare
        return unended.filter { span in
            let open = openNanoseconds(span)
            return open > 0 && Double(open) >= length
        }
    }

    /// The time from the entry of an open span to the end of what was recorded of its CPU, in nanoseconds: what it took at
    /// least.
    ///
    /// ftrace stops for all CPUs at once (tracing_on); perf and LTTng stop one CPU after another, and an interrupt does it. Where
    /// events of the end may be missing the CPU's last event counts, too.
    public func openNanoseconds(_ span: UnendedSpan) -> UInt64 {
        guard let extent else { return 0 }
        let stopsAtOnce = ["trace.dat", "ftrace"].contains(source.format)
        let isEndKnown =
            stopsAtOnce && ledger.gaps == 0 && (overrunEvents ?? 0) == 0 && missing[span.row.buffer]?[span.cpu] == nil
        let end = isEndKnown ? extent.upperBound : min(span.lastNanoseconds, extent.upperBound)
        return end > span.startNanoseconds ? end - span.startNanoseconds : 0
    }

    /// True if such a span was on a CPU: its time in interrupts is a lower bound.
    ///
    /// - Parameters:
    ///   - row: the row that must be meant; nil for any.
    ///   - recording: the one that is meant, in a report that keeps several apart.
    func hasLongUnended(
        onCPU cpu: Int, buffer: String, row: RowKey? = nil, in recording: RowKey.Recording? = nil
    ) -> Bool {
        if let recording { return parts[recording.place].hasLongUnended(onCPU: cpu, buffer: buffer, row: row) }
        if !parts.isEmpty { return parts.contains { $0.hasLongUnended(onCPU: cpu, buffer: buffer, row: row) } }
        return longUnended.contains { span in
            span.cpu == cpu && span.row.buffer == buffer
                && (row.map { ($0.kind, $0.number, $0.name) == (span.row.kind, span.row.number, span.row.name) } ?? true)
        }
    }
}
