public import IRQCore

/// `alert` each minute with its state, and a sample of two seconds behind it, over a simulated box: what `AlertRun` and
/// `CloseLook` do, with the box in place of /proc and /sys.
public struct AlertSimulation {
    /// A finding that began.
    public struct Told {
        public var minute: Int
        public var finding: AlertFinding
    }

    public let box: SimulatedBox
    public var rules = AlertRules()
    /// Whether it samples for bursts, as the service and the crontab do.
    public var samplesBursts = true
    public private(set) var told: [Told] = []
    public private(set) var runCount = 0
    /// The runs that had nothing to compare with.
    public private(set) var firstRunCount = 0
    /// The runs that sampled parts.
    public private(set) var partRunCount = 0
    /// The minutes at the end of which a finding held.
    public private(set) var heldMinutes = 0

    private var stateFile: [UInt8]?
    private var (interrupts, softirqs, stat) = (TableText(), TableText(), TableText())

    public init(_ kind: BoxKind, seed: UInt64) { box = SimulatedBox(kind, seed: seed) }

    /// A minute, and a run at its end.
    public mutating func step() throws {
        box.pass()
        runCount += 1
        var state = try stateFile.map { (file) throws(AlertStateError) in try AlertStateFile.decode(file) } ?? AlertState()
        let live = Box(keepsHistory: false)
        var isKnown = stateFile != nil
        if isKnown, state.bootID != box.bootID {
            let memory = AlertEngine.startOver(state.memory)
            state = AlertState()
            state.memory = memory
            isKnown = false
        }
        if isKnown, !live.restore(state) { throw SimulationError("the state cannot be restored") }
        let old = state.time
        try sample(into: live, threads: state.threads)
        var seen = BoxInterval(live, start: isKnown ? old : box.time, watched: Set(state.memory.alerts.keys.map(\.id)))
        if seen.intervalNanoseconds == nil { firstRunCount += 1 }
        let rows = Dictionary(uniqueKeysWithValues: box.presentLines.map { (box.kind.lines[$0].irq, $0) })
        lookUp(&seen, live, state.memory, rows)
        live.forgetPrevious()
        // Parts in which no line comes near the level tell nothing.
        if samplesBursts, seen.intervalNanoseconds != nil, box.drawParts(10) >= rules.rates.warn * 0.9 {
            partRunCount += 1
            try sampleBursts(&seen, state.memory, rows)
        }
        let outcome = AlertEngine.judge(state.memory, seen, rules)
        state.memory = outcome.memory
        state.bootID = box.bootID
        for finding in outcome.findings where finding.isChange && finding.level > finding.previousLevel {
            told.append(Told(minute: box.minute, finding: finding))
        }
        if outcome.findings.contains(where: { $0.level > .ok }) { heldMinutes += 1 }
        live.save(into: &state)
        AlertEngine.acknowledge(outcome.findings.filter(\.isChange), in: &state.memory)
        let bytes = Bytes()
        AlertStateFile.write(state) { bytes.all += $0 }
        stateFile = bytes.all
    }

    private final class Bytes { var all: [UInt8] = [] }

    private mutating func sample(into live: Box, threads: [SoftirqThread]) throws(ProcTextError) {
        box.writeInterrupts(&interrupts)
        box.writeSoftirqs(&softirqs)
        box.writeStat(&stat)
        let now = box.time
        let (first, second) = (interrupts.bytes, softirqs.bytes)
        try live.takeInterrupts { (sample: inout CounterSample) throws(ProcTextError) in
            (sample.startNanoseconds, sample.endNanoseconds) = (now.awake, now.awake)
            try sample.parse(first.span.bytes)
        }
        try live.takeSoftirqs { (sample: inout CounterSample) throws(ProcTextError) in
            (sample.startNanoseconds, sample.endNanoseconds) = (now.awake, now.awake)
            try sample.parse(second.span.bytes)
        }
        try live.takeTimes(stat.bytes.span.bytes)
        live.time = now
        live.takeSoftnet(box.softnet)
        live.takeWork(box.workCounts)
        live.softirqThreads = box.online.map { cpu in
            guard var thread = threads.first(where: { $0.cpu == cpu }) else {
                return SoftirqThread(cpu: cpu, pid: Int32(20 + cpu), cpuNanoseconds: box.ksoftirqdNanoseconds(cpu))
            }
            thread.take(box.ksoftirqdNanoseconds(cpu), passed: live.interrupts.intervalNanoseconds)
            return thread
        }
        live.isolated = CPUSet(box.kind.isolated)
    }

    /// What `CloseLook` does on a box with few rows.
    private func lookUp(_ seen: inout BoxInterval, _ live: Box, _ memory: AlertMemory, _ rows: [Int: Int]) {
        var (details, parts, named): ([Int: InterruptDetails], [Int: LineParts], Set<Int>) = ([:], [:], [])
        let rules = rules
        func name(_ line: LineObservation, _ found: inout InterruptDetails) {
            guard let irq = line.irq, let index = rows[irq] else { return }
            box.fill(&found, index, isNamed: true)
            named.insert(line.row)
            var own = LineParts()
            own.disks = box.kind.lines[index].disk.map { [$0] } ?? []
            own.links = box.kind.lines[index].link.map { [$0] } ?? []
            parts[line.row] = own
        }
        for line in seen.lines {
            guard let irq = line.irq, let index = rows[irq] else {
                if line.delta > 0 { details[line.row] = live.text(line.row) }
                continue
            }
            var found = live.text(line.row)
            if AlertEngine.isInteresting(line, memory, rules) { name(line, &found) } else { box.fill(&found, index, isNamed: false) }
            live.refineDelivery(of: line.row, in: &found)
            if let before = memory.rows[line.key]?.spurious, found.spurious?.hasMoved(since: before) == true {
                found.wakesThreads = box.threadTime(index) != nil
            }
            details[line.row] = found
        }
        seen.add(details, named: named, parts: parts, live, memory)
        let unnamed = AlertEngine.unnamedRows(memory, seen, rules)
        for line in seen.lines where unnamed.contains(line.row) {
            guard var found = details[line.row] else { continue }
            name(line, &found)
            details[line.row] = found
        }
        if !unnamed.isEmpty { seen.add(details, named: named, parts: parts, live, memory) }
        let unfollowed = AlertEngine.unfollowedLines(seen, rules)
        var threads: [NamedCount] = []
        for place in unfollowed {
            guard let irq = seen.lines[place].irq, let index = rows[irq] else { continue }
            if let time = box.threadTime(index) { threads.append(NamedCount(name: "\(irq)", count: time)) }
            seen.lines[place].threads = .none
        }
        if !unfollowed.isEmpty {
            live.addWork(threads: threads, events: nil)
            seen.addWork(live, unfollowed)
        }
    }

    private mutating func sampleBursts(_ seen: inout BoxInterval, _ memory: AlertMemory, _ rows: [Int: Int]) throws(ProcTextError) {
        let sampled = Box(keepsHistory: false)
        try sample(into: sampled, threads: [])
        for _ in 0..<10 {
            let start = sampled.time
            box.passPart()
            try sample(into: sampled, threads: [])
            var part = BoxInterval(sampled, start: start)
            let unnamed = seen.unnamedRows(of: part, rules)
            if !unnamed.isEmpty {
                var (details, parts): ([Int: InterruptDetails], [Int: LineParts]) = ([:], [:])
                for line in part.lines where unnamed.contains(line.row) {
                    guard let irq = line.irq, let index = rows[irq] else { continue }
                    var found = sampled.text(line.row)
                    box.fill(&found, index, isNamed: true)
                    details[line.row] = found
                    var own = LineParts()
                    own.disks = box.kind.lines[index].disk.map { [$0] } ?? []
                    own.links = box.kind.lines[index].link.map { [$0] } ?? []
                    parts[line.row] = own
                }
                part.add(details, named: unnamed, parts: parts, sampled, memory)
            }
            seen.addBurst(part, memory, rules)
        }
    }
}

/// A simulation that went wrong.
public struct SimulationError: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
