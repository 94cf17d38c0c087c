/// The softirqs of a CPU that interrupts bring, each given to one line only: a storm beside a busy network card has no part
/// in the card's work.
struct SoftirqPools {
    /// The part of a softirq that is a line's.
    struct Grant {
        var kind: Work.Kind
        var perSecond: Double
    }

    private var rates: [(kind: Work.Kind, perSecond: Double)]

    /// Nil where the softirqs of the CPU are unknown.
    init?(_ cpu: CPUObservation?) {
        guard let cpu, !cpu.softirqsPerSecond.isEmpty else { return nil }
        func sum(_ names: String...) -> Double {
            names.reduce(0) { $0 + (SoftirqNames.all.firstIndex(of: $1).map { cpu.softirqsPerSecond[$0] } ?? 0) }
        }
        rates = [
            (.netRX, sum("NET_RX", "NET_TX")), (.block, sum("BLOCK", "IRQ_POLL")), (.tasklet, sum("TASKLET", "HI")),
        ]
    }

    /// Shares them among the lines of the CPU.
    ///
    /// Network and disk queues take theirs first, in equal parts of their rates. What is left goes to the others one by one:
    /// next is always the line whose rate is closest to a softirq's, for what brings work brings about as much of it.
    ///
    /// - Parameters:
    ///   - lines: the lines, the fastest first.
    ///   - limit: so many of them have a part.
    ///   - isExplained: true for those whose work is known in another way; they leave what others may have brought.
    func share(_ lines: [Candidate], limit: Int, isExplained: (Candidate) -> Bool) -> [UInt64: Grant] {
        var (pools, grants) = (rates, [UInt64: Grant]())
        for (role, place) in [(DeviceRole.network, 0), (.storage, 1)] {
            let own = lines.filter { $0.role == role }
            let sum = own.reduce(0) { $0 + $1.rate }
            guard sum > 0, pools[place].perSecond > 0 else { continue }
            let part = min(pools[place].perSecond / sum, 1)
            for line in own { grants[line.key] = Grant(kind: pools[place].kind, perSecond: line.rate * part) }
            pools[place].perSecond = max(pools[place].perSecond - sum, 0)
        }
        var waiting = lines.prefix(limit).filter { line in
            if line.role == .firmware || isExplained(line) { return false }
            return (grants[line.key]?.perSecond ?? 0) < line.rate * Work.enoughShare
        }
        while let (index, place) = Self.closest(waiting, pools) {
            let line = waiting.remove(at: index)
            let grant = min(pools[place].perSecond, line.rate)
            pools[place].perSecond -= grant
            if grant > grants[line.key]?.perSecond ?? 0 {
                grants[line.key] = Grant(kind: pools[place].kind, perSecond: grant)
            }
        }
        return grants
    }

    /// The line and the softirq whose rates are closest; nil if nothing is left to share.
    private static func closest(
        _ lines: [Candidate], _ pools: [(kind: Work.Kind, perSecond: Double)]
    ) -> (line: Int, pool: Int)? {
        var best: (line: Int, pool: Int, distance: Double)?
        for (index, line) in lines.enumerated() {
            for (place, pool) in pools.enumerated() where pool.perSecond >= 1 && line.mayTake(pool.kind) {
                let distance = max(line.rate / pool.perSecond, pool.perSecond / line.rate)
                if best.map({ distance < $0.distance }) ?? true { best = (index, place, distance) }
            }
        }
        return best.map { ($0.line, $0.pool) }
    }
}

extension Candidate {
    /// True if a softirq may be the line's work, by what its device is for.
    fileprivate func mayTake(_ kind: Work.Kind) -> Bool {
        switch (role, kind) {
        case (.firmware, _): false
        case (.network, .block), (.storage, .netRX): false
        default: true
        }
    }
}
