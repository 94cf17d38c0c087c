/// The work that follows an interrupt, as far as counts tell of it.
///
/// A line is busy, and no storm, if what it brings moves at least half as fast as the line, whatever the device is called.
///
/// | what follows | where it is counted |
/// |---|---|
/// | packets, by NAPI | NET_RX and NET_TX on the line's CPU; packets of the interface (threaded NAPI) |
/// | requests | BLOCK and IRQ_POLL on the CPU; completed requests of /proc/diskstats (queues raise no softirq) |
/// | anything that was put off | TASKLET and HI on the CPU: USB, FireWire, sound; also work in bottom-half workqueues |
/// | a handler's thread | its CPU time: half a microsecond for each interrupt, for to wake it alone takes one |
public struct Work: Equatable, Sendable {
    /// A kind of work that is counted.
    public enum Kind: String, Sendable {
        /// NET_RX and NET_TX on the CPU.
        case netRX = "net_rx"
        /// BLOCK and IRQ_POLL on the CPU.
        case block
        /// TASKLET and HI on the CPU.
        case tasklet
        /// Completed requests of the device's disks.
        case requests
        /// Packets of the device's interfaces.
        case packets
        /// CPU time of the handler's threads.
        case thread
    }

    /// The conclusion.
    public enum Verdict: String, Sendable {
        /// Enough follows.
        case follows
        /// Something follows, but less than half as fast.
        case some
        /// Nothing does, and it would be seen.
        case nothing
        /// Nothing was seen, but there may be work that is not counted, or that cannot be read.
        case unknown
    }

    /// The conclusion.
    public var verdict = Verdict.unknown
    /// The kind that follows closest; nil if none moves.
    public var kind: Kind?
    /// Its rate, as far as it is this line's; of threads the nanoseconds of CPU time per second.
    public var perSecond = 0.0
    /// The reason why nothing can be said, half a sentence; nil where something can.
    public var reason: String?

    /// A line follows from this share of its rate on.
    static let enoughShare = 0.5
    /// Less than this is nothing: what slow neighbours left.
    static let someShare = 0.1
    /// CPU time of a thread for each interrupt that shows that it was woken, in nanoseconds.
    static let threadNanoseconds = 1_000.0

    /// Creates work of which nothing is known.
    public init() {}

    /// The best that was seen so far: takes something that moves `perSecond`, against a line that comes `rate`.
    fileprivate mutating func take(_ kind: Kind, _ perSecond: Double, rate: Double, best: inout Double) {
        guard rate > 0, perSecond > 0, perSecond / rate > best else { return }
        best = perSecond / rate
        (self.kind, self.perSecond) = (kind, perSecond)
    }
}

/// The work of all lines of an interval. Softirqs are those of a CPU: each is given to one line only.
struct WorkTable {
    /// Slower lines have no part in it, per second.
    private static let leastPerSecond = 20.0
    /// Of more lines on a CPU the fastest have a part in its softirqs.
    private static let lineLimit = 64

    private var works: [UInt64: Work] = [:]

    /// The work of a line; nil if it is too slow to ask.
    func of(_ line: LineObservation) -> Work? { works[line.key] }

    init(_ seen: BoxInterval) {
        var byCPU: [Int: [Candidate]] = [:]
        var requests = Groups()
        var packets = Groups()
        for line in seen.lines {
            guard line.irq != nil, line.isKnown, line.busiestPerSecond >= Self.leastPerSecond,
                !line.isPerCPU
            else { continue }
            let candidate = Candidate(line, seen)
            byCPU[line.busiestCPU ?? -1, default: []].append(candidate)
            if let names = candidate.disks { requests.add(names, line.perSecond) }
            if let names = candidate.links { packets.add(names, line.perSecond) }
        }
        for (cpu, lines) in byCPU {
            let softirqs = SoftirqPools(cpu >= 0 ? seen.cpus[cpu] : nil)
            let counted = Dictionary(lines.map { ($0.key, Counted($0, requests, packets, seen)) }) { first, _ in first }
            var granted =
                softirqs?.share(lines.sorted { $0.rate > $1.rate }, limit: Self.lineLimit) { line in
                    counted[line.key].map { $0.best >= Work.enoughShare } ?? false
                } ?? [:]
            for line in lines {
                guard let counted = counted[line.key] else { continue }
                let own = granted.removeValue(forKey: line.key)
                works[line.key] = Self.work(line, own, counted, isPlaced: cpu >= 0, isCounted: softirqs != nil)
            }
        }
    }

    /// The work of a line that is counted elsewhere than among the softirqs of its CPU.
    private struct Counted {
        private(set) var work = Work()
        /// What follows, as a share of the line's rate.
        private(set) var best = 0.0
        /// True if the line's disks have requests that cannot be counted.
        private(set) var isUncounted = false

        init(_ line: Candidate, _ requests: Groups, _ packets: Groups, _ seen: BoxInterval) {
            if let names = line.disks, let group = requests[names] {
                if let rate = WorkTable.sum(names, seen.diskRates) {
                    // All queues of a device share what it has done.
                    work.take(.requests, rate * line.total / max(group, line.total), rate: line.total, best: &best)
                } else {
                    isUncounted = true
                }
            }
            if let names = line.links, let group = packets[names], let rate = WorkTable.sum(names, seen.linkRates) {
                work.take(.packets, rate * line.total / max(group, line.total), rate: line.total, best: &best)
            }
            if case .nanosecondsPerSecond(let used) = line.threads {
                let share = used / (line.total * Work.threadNanoseconds)
                if share > best { (best, work.kind, work.perSecond) = (share, .thread, used) }
            }
        }
    }

    private static func work(
        _ line: Candidate, _ softirq: SoftirqPools.Grant?, _ counted: Counted, isPlaced: Bool, isCounted: Bool
    ) -> Work {
        var (work, best) = (counted.work, counted.best)
        // Of two that follow alike the softirqs are told.
        if let softirq, line.rate > 0, softirq.perSecond / line.rate >= best {
            best = 0
            work.take(softirq.kind, softirq.perSecond, rate: line.rate, best: &best)
        }
        if best >= Work.enoughShare {
            work.verdict = .follows
        } else if let reason = reason(
            line, isPlaced: isPlaced, isCounted: isCounted, isUncounted: counted.isUncounted)
        {
            (work.verdict, work.reason) = (.unknown, reason)
        } else {
            work.verdict = best >= Work.someShare ? .some : .nothing
        }
        return work
    }

    /// The reason why work may be there that was not seen; nil if it would have been.
    private static func reason(_ line: Candidate, isPlaced: Bool, isCounted: Bool, isUncounted: Bool) -> String? {
        if line.role == .firmware { return nil }
        if !isPlaced { return "its CPU is not known" }
        if !isCounted { return "the softirqs of its CPU are not known" }
        if line.role == .unseen { return "no count tells of such a device's work" }
        if line.role == .storage, isUncounted || line.disks == nil || !line.isDiskCounted {
            return "the requests of its disks cannot be counted"
        }
        switch line.threads {
        case .unknown: return "what its threads take is not known"
        case .forced: return "this kernel runs all handlers in threads"
        case .notLooked, .none, .nanosecondsPerSecond: return nil
        }
    }

    /// The sum of the rates of some names; nil if one of them is unknown. No names are all.
    fileprivate static func sum(_ names: [String], _ rates: [String: Double]?) -> Double? {
        guard let rates else { return nil }
        if names.isEmpty { return rates.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value } }
        var sum = 0.0
        for name in names {
            guard let rate = rates[name] else { return nil }
            sum += rate
        }
        return sum
    }

    /// The rates of lines that have the same disks or interfaces, together.
    private struct Groups {
        private var rates: [[String]: Double] = [:]
        mutating func add(_ names: [String], _ rate: Double) { rates[names, default: 0] += rate }
        subscript(names: [String]) -> Double? { rates[names] }
    }
}

/// A line that may have brought work.
struct Candidate {
    let key: UInt64
    /// On its busiest CPU, and on all, per second.
    let (rate, total): (Double, Double)
    let role: DeviceRole
    /// Its disks, all for an empty list; nil if it is no disk's line.
    let disks: [String]?
    /// Its network interfaces; nil if it is no network's line.
    let links: [String]?
    let isDiskCounted: Bool
    let threads: ThreadWork

    init(_ line: LineObservation, _ seen: BoxInterval) {
        (key, rate, total, threads) = (line.key, line.busiestPerSecond, line.perSecond, line.threads)
        role = line.role
        let parts = line.parts
        isDiskCounted = parts.isCounted
        let actions = line.details?.actions ?? []
        if !parts.disks.isEmpty {
            disks = parts.disks
        } else if role == .storage {
            disks = Self.disks(actions, seen.diskRates)
        } else {
            disks = nil
        }
        links = parts.links.isEmpty ? Self.links(actions, seen.linkRates) : parts.links
    }

    /// The disks that an action names, as `nvme0q3` and `mmc0` do; an empty list, which is all, if it names none.
    private static func disks(_ actions: [String], _ rates: [String: Double]?) -> [String] {
        guard let rates else { return [] }
        for action in actions {
            let kind = action.prefix { $0.isLetter && $0 != "q" }
            let number = action.dropFirst(kind.count).prefix { ("0"..."9").contains($0) }
            guard kind == "nvme" || kind == "mmc", !number.isEmpty else { continue }
            let start = kind == "nvme" ? "nvme\(number)" : "mmcblk\(number)"
            let found = rates.keys.filter { name in
                name.hasPrefix(start) && name.dropFirst(start.count).first.map { !("0"..."9").contains($0) } ?? true
            }
            if !found.isEmpty { return found.sorted() }
        }
        return []
    }

    /// The interface that an action names: `eth0`, `eth0-TxRx-3`, `ice-eth0-TxRx-3`; nil if it names none.
    private static func links(_ actions: [String], _ rates: [String: Double]?) -> [String]? {
        guard let rates else { return nil }
        for action in actions {
            if rates[action] != nil { return [action] }
            for word in action.split(whereSeparator: { "-:@, ".contains($0) }) where rates[String(word)] != nil {
                return [String(word)]
            }
        }
        return nil
    }
}
