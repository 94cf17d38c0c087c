/// The packets that a CPU took from its backlog, per second (net/core/net-procfs.c).
struct SoftnetRate {
    let cpu: Int
    /// Packets that were taken, packets that found no room, and rounds that ended with work left.
    let processed, dropped, squeezed: Double
}

extension Examination {
    /// The file that tells of the backlogs.
    static let softnetPath = "proc/net/softnet_stat"

    /// The rates of each CPU between the samples, or since boot with one.
    ///
    /// - Throws: the reason why there are none.
    func softnetRates() throws(Unjudged) -> [SoftnetRate] {
        let path = Self.softnetPath
        guard !box.softnet.isEmpty else {
            _ = try require(path)
            throw Unjudged("\(path) has other columns or lines than the kernel's")
        }
        if isSinceBoot {
            return box.softnet.map { counts in
                SoftnetRate(
                    cpu: Int(counts.cpu), processed: Double(counts.processed) / seconds,
                    dropped: Double(counts.dropped) / seconds, squeezed: Double(counts.squeezed) / seconds)
            }
        }
        guard !box.softnetBefore.isEmpty else { throw Unjudged("the first sample has no \(path)") }
        var before: [Int32: SoftnetCounts] = [:]
        for counts in box.softnetBefore { before[counts.cpu] = counts }
        func perSecond(_ new: UInt32, _ old: UInt32) -> Double? {
            let delta = CounterIntervals.difference(UInt64(new), UInt64(old), intervalNanoseconds: intervalNanoseconds)
            return delta.map { Double($0) / seconds }
        }
        // A CPU that came and went in between counts anew: of that one nothing is known.
        let rates = box.softnet.compactMap { new -> SoftnetRate? in
            guard let old = before[new.cpu], let processed = perSecond(new.processed, old.processed),
                let dropped = perSecond(new.dropped, old.dropped), let squeezed = perSecond(new.squeezed, old.squeezed)
            else { return nil }
            return SoftnetRate(cpu: Int(new.cpu), processed: processed, dropped: dropped, squeezed: squeezed)
        }
        guard !rates.isEmpty else { throw Unjudged("the counts of \(path) began anew between the samples") }
        return rates
    }
}
