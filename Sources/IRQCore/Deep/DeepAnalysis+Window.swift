// The time window of a report. What begins in it counts, whole, also if it ends behind it; of a CPU's time counts what lies
// in it. The wait of a softirq belongs to its entry, as in the rows of all reports.

extension DeepAnalysis {
    @inline(always)
    func isInWindow(_ time: UInt64) -> Bool {
        // One comparison: what lies before `from` wraps around to far behind.
        time &- from < length
    }

    /// True if something that begins on a CPU at a time is wanted.
    @inline(always)
    func isCounted(_ slot: Int, _ start: UInt64) -> Bool { cpus[slot].isSelected && isInWindow(start) }

    /// The end of the window; `.max` if it has none.
    private var windowEnd: UInt64 {
        let (end, isBeyond) = from.addingReportingOverflow(length)
        return isBeyond ? .max : end
    }

    /// Charges the time since a CPU's last event, as far as it lies in the window.
    ///
    /// - Parameter passed: all of that time.
    /// - Returns: the part, and where it ends; nil if the window has nothing of it.
    @inline(never)
    mutating func chargeWindow(
        _ slot: Int, _ now: UInt64, _ passed: UInt64, _ kind: CPUTimeKind
    ) -> (passed: UInt64, end: UInt64)? {
        let (start, end) = (max(now &- passed, from), min(now, windowEnd))
        guard start < end || isInWindow(now) else { return nil }
        let part = end >= start ? end &- start : 0
        cpus[slot].windowShares[kind.rawValue] &+= part
        return (part, end)
    }

    /// The time in the window between a CPU's first event and its last one; nil if it has none there.
    func span(_ slot: Int) -> UInt64? {
        guard cpus[slot].firstTime != DeepCPU.never else { return nil }
        let (start, end) = (max(cpus[slot].firstTime, from), min(cpus[slot].lastTime, windowEnd))
        return end > start || isInWindow(cpus[slot].lastTime) ? end &- start : nil
    }
}
