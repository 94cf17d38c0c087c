import IRQCore

/// A span as it lies in a pile, in memory or on disk.
struct SpanRecord: BitwiseCopyable {
    let start: UInt64
    let duration: UInt64
    let selfTime: UInt64
    /// The row's place in the pile.
    let row: Int32
    let cpu: UInt32
    let pid: Int32
    /// The place among those of its run in the order in which they came.
    let order: UInt32

    static let byteCount = MemoryLayout<SpanRecord>.stride

    init(_ span: FinishedSpan, order: Int) {
        (start, duration, selfTime) = (span.startNanoseconds, span.durationNanoseconds, span.selfNanoseconds)
        (row, cpu, pid) = (span.row, span.cpu, span.pid)
        self.order = UInt32(truncatingIfNeeded: order)
    }

    /// The order of time, on a CPU what is around something before that. Equal ones are neither before the other.
    @inline(always)
    func isBefore(_ other: SpanRecord) -> Bool {
        if start != other.start { return start < other.start }
        if cpu != other.cpu { return cpu < other.cpu }
        return duration > other.duration
    }

    /// The span with another place of its row.
    func span(row: Int32) -> FinishedSpan {
        FinishedSpan(
            row: row, cpu: cpu, pid: pid, startNanoseconds: start, durationNanoseconds: duration,
            selfNanoseconds: selfTime)
    }
}
