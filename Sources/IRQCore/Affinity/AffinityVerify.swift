/// Looks whether what was applied is so: the mask, the controller's CPU, where interrupts come, where threads may run.
public struct AffinityVerify {
    /// A verdict on a line.
    public struct Line: Equatable, Sendable {
        /// The verdicts, the good ones first.
        public enum Verdict: String, Sendable, CaseIterable {
            /// Interrupts came to the new CPUs and to no other ones.
            case delivered
            /// No interrupt came: nothing more can be said yet.
            case waiting
            /// No interrupt came, for the queue is most likely polled on the old CPU without end.
            case polled = "still polled there"
            /// Interrupts come to other CPUs.
            case elsewhere
            /// The thread that handles it may run elsewhere.
            case thread
            /// The mask is another one by now.
            case changed
            /// The line is not there any more, or another has its number.
            case gone

            /// True if something must be done.
            public var isBad: Bool { self == .elsewhere || self == .changed || self == .thread }
        }

        /// The number of the interrupt.
        public var irq: Int
        /// The names of its handlers.
        public var action: String
        /// The verdict.
        public var verdict: Verdict
        /// The details.
        public var words: String
    }

    /// Interrupts that must come to the new CPUs, and to no other ones, before a line counts as delivered.
    public static let neededCount: UInt64 = 20

    private let port: any KernelPort
    private let state: AffinityState
    private var followed: [Followed] = []
    private let labels: Set<String>

    /// A line under way.
    private struct Followed {
        let line: AffinityState.Line
        /// The counts when the first interrupt on a new CPU had been seen; nil before.
        var arrival: LineCounts?
        var isSettled = false
    }

    /// Creates a look at a state of this boot.
    public init(_ port: any KernelPort, _ state: AffinityState) {
        (self.port, self.state) = (port, state)
        labels = Set(state.lines.map { "\($0.identity.irq)" })
        followed = state.lines.map { Followed(line: $0) }
    }

    /// Watches the lines.
    ///
    /// - Parameters:
    ///   - waitNanoseconds: the longest time for which interrupts are waited for.
    ///   - againNanoseconds: the time after which masks are looked at again, from the start; 0 for not at all.
    public mutating func run(waitNanoseconds: UInt64, againNanoseconds: UInt64 = 0) -> [Line] {
        let start = port.nowNanoseconds
        let (first, signs) = (counts(), PollingSigns(port, state))
        var last = first
        while true {
            let now = port.nowNanoseconds
            last = counts()
            for index in followed.indices { follow(index, first, last) }
            if followed.allSatisfy(\.isSettled) || now >= start &+ waitNanoseconds { break }
            port.wait(min(Self.stepNanoseconds, start &+ waitNanoseconds - now))
        }
        let seconds = Double(max(port.nowNanoseconds &- start, 1)) / 1e9
        let polling = Polling(from: signs, to: PollingSigns(port, state), seconds: seconds)
        let threads = threadMasks()
        let movers = AffinityMovers.running(port)
        var lines = followed.map { verdict($0, first, last, polling, threads, movers) }
        if againNanoseconds > 0 {
            let now = port.nowNanoseconds
            if start &+ againNanoseconds > now { port.wait(start &+ againNanoseconds - now) }
            for index in lines.indices where lines[index].verdict != .changed && lines[index].verdict != .gone {
                if let changed = changed(followed[index].line, movers) { lines[index] = changed }
            }
        }
        return lines
    }

    private static let stepNanoseconds: UInt64 = 50_000_000

    private func counts() -> LineCounts { read("proc/interrupts", labels) }
    private func read(_ path: String, _ labels: Set<String>) -> LineCounts {
        guard case .bytes(let bytes) = port.read(path) else { return LineCounts([], labels: []) }
        return LineCounts(bytes, labels: labels)
    }

    private mutating func follow(_ index: Int, _ first: LineCounts, _ now: LineCounts) {
        let (label, new) = ("\(followed[index].line.identity.irq)", followed[index].line.new)
        guard !followed[index].isSettled else { return }
        guard let arrival = followed[index].arrival else {
            if now.growth(label, since: first).keys.contains(where: { new.contains($0) }) {
                followed[index].arrival = now
            }
            return
        }
        let growth = now.growth(label, since: arrival)
        let here = growth.reduce(0) { $0 + (new.contains($1.key) ? $1.value : 0) }
        followed[index].isSettled = here >= Self.neededCount || growth.keys.contains { !new.contains($0) }
    }

    // MARK: Verdicts

    private func line(_ line: AffinityState.Line, _ verdict: Line.Verdict, _ words: String) -> Line {
        Line(irq: line.identity.irq, action: line.identity.actions, verdict: verdict, words: words)
    }

    /// The verdict on a line whose mask is not what was written, or that is gone; nil on others.
    private func changed(_ wanted: AffinityState.Line, _ movers: [String]) -> Line? {
        let irq = wanted.identity.irq
        guard LineIdentity.read(irq, address: wanted.identity.address, port) == wanted.identity else {
            return line(wanted, .gone, "its number belongs to another line by now")
        }
        guard let mask = port.mask(ofLine: irq) else { return line(wanted, .gone, "its mask cannot be read") }
        if mask == wanted.new { return nil }
        let names =
            movers.isEmpty ? "a driver, a script or the kernel did that" : "\(movers.joined(separator: ", ")) runs"
        return line(wanted, .changed, "mask \(wanted.new.list) was written, \(mask.list) is there: \(names)")
    }

    private func verdict(
        _ item: Followed, _ first: LineCounts, _ last: LineCounts, _ polling: Polling, _ threads: [Int: CPUSet],
        _ movers: [String]
    ) -> Line {
        let wanted = item.line
        if let changed = changed(wanted, movers) { return changed }
        let (irq, new) = (wanted.identity.irq, wanted.new)
        let effective = port.effective(ofLine: irq)
        let growth = last.growth("\(irq)", since: item.arrival ?? first)
        let elsewhere = growth.filter { !new.contains($0.key) }.sorted { $0.key < $1.key }
        if let effective, !effective.isSubset(of: new) {
            if wanted.movesAtOnce || !elsewhere.isEmpty {
                return line(wanted, .elsewhere, "mask \(new.list), and its controller still has CPU \(effective.list)")
            }
        } else if !elsewhere.isEmpty, item.arrival != nil || wanted.movesAtOnce {
            let parts = elsewhere.map { "\($0.value) on CPU \($0.key)" }
            return line(wanted, .elsewhere, "mask \(new.list), yet \(parts.joined(separator: ", "))")
        }
        if let thread = threads[irq], let effective, thread != effective {
            return line(wanted, .thread, "comes to CPU \(effective.list), its thread may run on \(thread.list)")
        }
        let all = last.growth("\(irq)", since: first)
        let here = all.reduce(0) { $0 + (new.contains($1.key) ? $1.value : 0) }
        if here > 0 { return line(wanted, .delivered, "\(here) on CPU \(new.list), none elsewhere") }
        let isPending = effective.map { !$0.isSubset(of: new) } ?? false
        let waits = isPending ? "moves with its next interrupt" : "no interrupt came yet"
        guard let old = wanted.oldEffective?.lowest, !new.contains(old) else { return line(wanted, .waiting, waits) }
        switch polling.judge(wanted, on: old) {
        case .not: return line(wanted, .waiting, waits)
        case .maybe(let other):
            let words = "; NET_RX still runs on CPU \(old), which may be \(other)'s: if not, the queue is polled there"
            return line(wanted, .waiting, waits + words)
        case .likely:
            let words =
                "no interrupt, and NET_RX still runs on CPU \(old): most likely its queue is polled there until it is empty"
            return line(wanted, .polled, words + " once, unless that is another device's")
        }
    }

    /// The CPUs on which the threads of the lines may run, by interrupt.
    private func threadMasks() -> [Int: CPUSet] {
        var result: [Int: CPUSet] = [:]
        for name in port.names("proc") ?? [] where Int(name) != nil {
            guard let comm = port.read("proc/\(name)/comm").text, comm.hasPrefix("irq/"),
                let irq = Int(comm.dropFirst(4).prefix { $0.isASCII && $0.isNumber }), labels.contains("\(irq)"),
                let cpus = port.read("proc/\(name)/status").text.flatMap(ExaminedTask.allowedCPUs)
            else { continue }
            result[irq] = (result[irq] ?? CPUSet()).union(cpus)
        }
        return result
    }
}
