/// Makes looks out of the pages of a short trace of some lines.
///
/// Durations come from the pairing that all of irqscope uses; claims are counted beside it, for they need to know which
/// calls belong to one interrupt.
public struct HandlerProfileAnalysis: ~Copyable {
    /// A line to look at.
    public struct Line: Equatable, Sendable {
        /// Its number.
        public var irq: Int
        /// The names of its actions, in the kernel's order.
        public var actions: [String]

        /// Creates one.
        public init(irq: Int, actions: [String]) { (self.irq, self.actions) = (irq, actions) }
    }

    private let irqs: [Int]
    private let begin: UInt64
    private var shard: ShardAnalysis
    private var claims: UnclaimedCounter
    private var slots: [Int: Int] = [:]

    /// Creates an analysis that has seen nothing.
    ///
    /// - Parameter begin: what began before does not count, in nanoseconds of the trace clock.
    public init(_ lines: [Line], begin: UInt64) {
        irqs = lines.map(\.irq)
        self.begin = begin
        var options = AnalysisOptions()
        options.fromNanoseconds = begin
        shard = ShardAnalysis(options)
        var wanted: [UInt64: UnclaimedCounter.Line] = [:]
        for line in lines { wanted[UInt64(line.irq)] = UnclaimedCounter.Line(actions: line.actions) }
        claims = UnclaimedCounter(lines: wanted)
    }

    /// Feeds one sub-buffer of a CPU.
    public mutating func feed(page: RawSpan, cpu: Int, decoder: PageDecoder, formats: borrowing EventFormats) {
        let slot = slots[cpu] ?? shard.addCPU(cpu)
        slots[cpu] = slot
        shard.feed(page: page, slot: slot, decoder: decoder, formats: formats)
        // A damaged page is counted above; a gap is all that matters of it here.
        guard var cursor = try? decoder.open(page) else { return claims.noteGap(cpu: cpu) }
        if cursor.missed != .none { claims.noteGap(cpu: cpu) }
        let isRead: Void? = try? decoder.decode(page, from: &cursor, formats: formats) { event, page in
            claims.take(event, page, cpu: cpu)
        }
        if isRead == nil { claims.noteGap(cpu: cpu) }
    }

    /// Ends it.
    ///
    /// - Parameters:
    ///   - end: when, in nanoseconds of the trace clock; what still runs is known to have run until then.
    ///   - lostEvents: what the kernel counted as lost.
    /// - Returns: a look for each line, by its number.
    public borrowing func looks(end: UInt64, lostEvents: UInt64) -> [Int: HandlerProfile] {
        let passed = end - min(begin, end)
        let ledger = shard.pairing.ledger
        let isWhole = ledger.gaps == 0 && ledger.damagedPages == 0
        let lost = max(lostEvents, ledger.lostEvents, isWhole ? 0 : 1)
        var sums: [Int: Sum] = [:]
        for index in 0..<shard.pairing.table.tallies.count {
            let tally = shard.pairing.table.tallies[index]
            let key = shard.pairing.table.key(ofRow: Int(tally.row))
            guard key.kind == .irq, tally.calls > 0 else { continue }
            let name = String(decoding: shard.pairing.table.text(ofRow: Int(tally.row)), as: UTF8.self)
            sums[Int(key.number), default: Sum()].add(tally, name: name)
        }
        for row in 0..<shard.pairing.table.rowCount {
            let key = shard.pairing.table.key(ofRow: row)
            guard key.kind == .irq, sums[Int(key.number)] != nil else { continue }
            shard.pairing.table.addHistogram(ofRow: row, to: &sums[Int(key.number), default: Sum()].histogram)
        }
        for slot in 0..<shard.contexts.count {
            for depth in 0..<shard.contexts[slot].depth {
                let span = shard.contexts[slot].stack[depth]
                guard span.key.kind == .irq, span.tally >= 0, end > span.start else { continue }
                sums[Int(span.key.number), default: Sum()]
                    .addOpen(end - span.start, cpu: Int(shard.contexts[slot].cpu))
            }
        }
        var looks: [Int: HandlerProfile] = [:]
        for irq in irqs {
            var look = HandlerProfile(nanoseconds: passed)
            look.lostEvents = lost
            sums[irq]?.describe(&look)
            if let seen = claims.counts[UInt64(irq)] {
                look.unhandledShare = Double(seen.unhandled) / Double(seen.interrupts)
                look.threadShare = Double(seen.wokeThread) / Double(seen.interrupts)
            }
            looks[irq] = look
        }
        return looks
    }

    /// The sum over the CPUs and actions of a line.
    private struct Sum {
        var actions: [String: HandlerProfile.Action] = [:]
        var busy: [Int: UInt64] = [:]
        var ended: UInt64 = 0
        var total: UInt64 = 0
        var maximum: UInt64 = 0
        var histogram = LatencyHistogram()

        mutating func add(_ tally: SpanStatistics, name: String) {
            var action = actions[name] ?? HandlerProfile.Action(name: name)
            action.calls += tally.calls
            action.unhandled += tally.unhandled
            action.wokeThread += tally.wokeThread
            action.totalNanoseconds &+= tally.total
            actions[name] = action
            busy[Int(tally.cpu), default: 0] &+= tally.total
            ended += tally.count
            total &+= tally.total
            maximum = max(maximum, tally.maximum)
        }

        mutating func addOpen(_ nanoseconds: UInt64, cpu: Int) {
            busy[cpu, default: 0] &+= nanoseconds
            maximum = max(maximum, nanoseconds)
        }

        func describe(_ look: inout HandlerProfile) {
            look.actions = actions.values.sorted {
                ($1.totalNanoseconds, $0.name) < ($0.totalNanoseconds, $1.name)
            }
            look.calls = look.actions.reduce(0) { $0 + $1.calls }
            if let most = busy.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) {
                look.cpu = most.key
                if look.nanoseconds > 0 {
                    look.cpuShare = min(Double(most.value) / Double(look.nanoseconds), 1)
                }
            }
            if maximum > 0 { look.maximumNanoseconds = maximum }
            guard ended > 0 else { return }
            look.meanNanoseconds = Double(total) / Double(ended)
            look.p99Nanoseconds = histogram.percentile(perMille: 990).map { min($0, maximum) }
        }
    }
}

/// The facts that a short look through tracefs tells of an interrupt's handlers.
///
/// It is about what runs in interrupt context: the entry and exit of the interrupt itself are not in it, nor are threads.
public struct HandlerProfile: Equatable, Sendable {
    /// The length of the look.
    public var nanoseconds: UInt64
    /// Handler calls that began in it; a line that is shared has one for each of its actions and interrupts.
    public var calls: UInt64 = 0
    /// The CPU on which they took most of the time; nil without any.
    public var cpu: Int?
    /// The share of that CPU that they took, 0…1.
    public var cpuShare = 0.0
    /// The mean of a call; nil if none ended.
    public var meanNanoseconds: Double?
    /// The 99th percentile; nil if none ended.
    public var p99Nanoseconds: UInt64?
    /// The longest, one that still ran at the end included; nil without any.
    public var maximumNanoseconds: UInt64?
    /// The share of interrupts that no action of the line claimed; nil if none was seen whole, or if two actions have the
    /// same name, so that it cannot be told where an interrupt begins.
    public var unhandledShare: Double?
    /// The share of interrupts for which an action woke its thread; nil where `unhandledShare` is.
    public var threadShare: Double?
    /// Events that were lost; then all counts and shares of time are lower bounds. At least 1 if any was.
    public var lostEvents: UInt64 = 0
    /// Each action, the one that took most first.
    public var actions: [Action] = []

    /// One action of the line.
    public struct Action: Equatable, Sendable {
        /// The name that its driver gave: untrusted text of at most 255 bytes.
        public var name: String
        /// Calls that began.
        public var calls: UInt64
        /// Calls that said that the interrupt was not theirs.
        public var unhandled: UInt64
        /// Calls that woke the action's thread.
        public var wokeThread: UInt64
        /// The sum of calls that ended.
        public var totalNanoseconds: UInt64

        /// Creates one.
        public init(
            name: String, calls: UInt64 = 0, unhandled: UInt64 = 0, wokeThread: UInt64 = 0,
            totalNanoseconds: UInt64 = 0
        ) {
            (self.name, self.calls, self.unhandled, self.wokeThread) = (name, calls, unhandled, wokeThread)
            self.totalNanoseconds = totalNanoseconds
        }
    }

    /// Creates a look that saw nothing.
    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// Calls per second; nil if it took no time.
    public var callsPerSecond: Double? {
        nanoseconds > 0 ? Double(calls) * 1e9 / Double(nanoseconds) : nil
    }
}
