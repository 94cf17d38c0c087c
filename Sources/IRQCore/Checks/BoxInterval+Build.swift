extension BoxInterval {
    /// The facts that the last two samples tell by themselves; `add` puts in what else was looked up.
    ///
    /// - Parameters:
    ///   - start: the time of the sample before.
    ///   - watched: the ids of conditions: the rows that they are about are looked at in any case.
    public init(_ box: Box, start: BoxTime, watched: Set<UInt64> = []) {
        self.init(time: box.time, start: start, intervalNanoseconds: box.interrupts.intervalNanoseconds)
        isolated = box.isolated
        let columns = box.interrupts.sample.table.cpuCount
        let namesCPUs = box.interrupts.sample.table.namesCPUs
        var deviceDeltas = [UInt64](repeating: 0, count: columns)
        lines.reserveCapacity(min(box.interrupts.sample.table.rowCount, AlertMemory.rowLimit))
        for row in 0..<box.interrupts.sample.table.rowCount {
            let counts = box.interrupts.sample.table.row(row)
            if counts.kind == .text || counts.isSum { continue }
            if lines.count >= AlertMemory.rowLimit, isStill(box, row), !watched.contains(box.key(row)) {
                stillCount += 1
                continue
            }
            lines.append(Self.line(box, row, counts, &deviceDeltas))
        }
        for column in 0..<columns {
            let cpu = box.interrupts.sample.table.cpu(column)
            var seen = CPUObservation()
            let devicePerSecond = box.interrupts.perSecond(deviceDeltas[column]) ?? 0
            if namesCPUs {
                seen.devicePerSecond = devicePerSecond
                seen.allPerSecond = box.interrupts.columnTotal(column).flatMap { box.interrupts.perSecond($0) } ?? 0
            } else {
                unplacedPerSecond += devicePerSecond
            }
            if let shares = box.cpuTimes.shares(cpu: cpu) {
                // A kernel that does not account for them shows next to nothing: unknown, not zero.
                seen.irqShare = box.cpuTimes.accountsIRQTime == true ? shares.irq : nil
                seen.softirqShare = shares.softirq
                seen.stealShare = shares.steal
            }
            cpus[cpu] = seen
        }
        for thread in box.softirqThreads { cpus[thread.cpu]?.ksoftirqdShare = thread.share }
        for (cpu, dropped, squeezed) in box.softnetRates {
            cpus[cpu]?.dropsPerSecond = dropped
            cpus[cpu]?.squeezesPerSecond = squeezed
        }
        addSoftirqs(box)
        let interval = box.interrupts.intervalNanoseconds
        diskRates = WorkCounts.rates(box.work.disks, box.workBefore.disks, intervalNanoseconds: interval)
        linkRates = WorkCounts.rates(box.work.links, box.workBefore.links, intervalNanoseconds: interval)
    }

    private func isStill(_ box: Box, _ row: Int) -> Bool {
        let interval = box.interrupts.interval(row)
        return interval.delta == 0 && (interval.isKnown || intervalNanoseconds == nil)
    }

    private static func line(
        _ box: Box, _ row: Int, _ counts: CounterRow, _ deviceDeltas: inout [UInt64]
    ) -> LineObservation {
        let interval = box.interrupts.interval(row)
        let irq = counts.irq >= 0 ? Int(counts.irq) : nil
        var line = LineObservation(
            row: row, key: box.key(row), irq: irq, isKnown: interval.isKnown, delta: interval.delta,
            perSecond: box.interrupts.perSecond(interval.delta) ?? 0, busiestCPU: nil, busiestPerSecond: 0)
        // Only lines with interrupts in the interval are in findings, which need the label.
        if irq == nil, interval.delta > 0 { line.label = box.interrupts.sample.label(counts) }
        guard interval.isKnown, interval.delta > 0 else { return line }
        guard counts.kind == .perCPU else {
            line.busiestPerSecond = line.perSecond
            return line
        }
        let namesCPUs = box.interrupts.sample.table.namesCPUs
        var (busiest, most): (Int, UInt64) = (-1, 0)
        var (isolatedMost, isolatedSum): (UInt64, UInt64) = (0, 0)
        var servingCount = 0
        for column in 0..<deviceDeltas.count {
            guard let delta = box.interrupts.delta(row, column), delta > 0 else { continue }
            servingCount += 1
            if delta > most { (busiest, most) = (column, delta) }
            if irq != nil { deviceDeltas[column] &+= delta }
            if namesCPUs, box.isolated.contains(box.interrupts.sample.table.cpu(column)) {
                isolatedSum &+= delta
                if delta > isolatedMost {
                    isolatedMost = delta
                    line.isolatedCPU = box.interrupts.sample.table.cpu(column)
                }
            }
        }
        if irq != nil, servingCount > 1, servingCount == deviceDeltas.count { line.isServedEverywhere = true }
        // The number of a column is no CPU's.
        if busiest >= 0, namesCPUs { line.busiestCPU = box.interrupts.sample.table.cpu(busiest) }
        line.busiestPerSecond = box.interrupts.perSecond(most) ?? 0
        if isolatedSum > 0 { line.isolatedPerSecond = box.interrupts.perSecond(isolatedSum) ?? 0 }
        return line
    }

    private mutating func addSoftirqs(_ box: Box) {
        // TIMER and SCHED never rest on a machine that is awake: a table that stands still is a copy that does not follow.
        guard box.softirqs.totalDelta > 0 else { return }
        for row in 0..<box.softirqs.sample.table.rowCount {
            let label = box.softirqs.sample.label(box.softirqs.sample.table.row(row))
            let name = label == "BLOCK_IOPOLL" ? "IRQ_POLL" : label
            guard let vector = SoftirqNames.all.firstIndex(of: name) else { continue }
            for column in 0..<box.softirqs.sample.table.cpuCount {
                let cpu = box.softirqs.sample.table.cpu(column)
                guard cpus[cpu] != nil, let delta = box.softirqs.delta(row, column),
                    let rate = box.softirqs.perSecond(delta)
                else { continue }
                if cpus[cpu]?.softirqsPerSecond.isEmpty == true {
                    cpus[cpu]?.softirqsPerSecond = [Double](repeating: 0, count: SoftirqNames.all.count)
                }
                cpus[cpu]?.softirqsPerSecond[vector] = rate
            }
        }
    }

    /// Puts in what was looked up about some rows.
    ///
    /// - Parameters:
    ///   - details: by row.
    ///   - named: the rows whose devices were looked for.
    ///   - parts: the disks and network interfaces behind rows.
    ///   - memory: the masks of the run before.
    public mutating func add(
        _ details: [Int: InterruptDetails], named: Set<Int>, parts: [Int: LineParts] = [:], _ box: Box,
        _ memory: AlertMemory
    ) {
        for index in lines.indices {
            guard let found = details[lines[index].row] else { continue }
            lines[index].details = found
            if !named.isEmpty { lines[index].isNamed = named.contains(lines[index].row) }
            if let found = parts[lines[index].row] { lines[index].parts = found }
            if named.contains(lines[index].row) || (found.spurious?.lastUnhandledMilliseconds ?? 0) > 0 {
                lines[index].total = box.interrupts.sample.table.total(
                    box.interrupts.sample.table.row(lines[index].row))
            }
            // A mask that was moved since the last run leaves counts on both sides of the move.
            let namesCPUs = box.interrupts.sample.table.namesCPUs
            guard namesCPUs, let mask = found.affinity, !mask.isEmpty, lines[index].isKnown, !lines[index].isPerCPU,
                memory.rows[lines[index].key]?.maskHash == mask.hash
            else { continue }
            let served = Deliveries(box.interrupts, row: lines[index].row, mask: mask)
            lines[index].outsidePerSecond = box.interrupts.perSecond(served.outside)
        }
    }
}

extension BoxInterval {
    /// Puts in what threads and the firmware did for some lines, from what was counted before and now.
    public mutating func addWork(_ box: Box, _ indices: [Int]) {
        let interval = box.interrupts.intervalNanoseconds
        let rates = WorkCounts.rates(box.work.threads, box.workBefore.threads, intervalNanoseconds: interval)
        var uses: [String: UInt64] = [:]
        for thread in box.work.threads { uses[thread.name] = thread.count }
        for index in indices {
            guard let irq = lines[index].irq, let used = uses["\(irq)"] else { continue }
            if let rate = rates?["\(irq)"] {
                lines[index].threads = .nanosecondsPerSecond(rate)
            } else if lines[index].total > 0 {
                // The first look at them: what they took since boot, for all interrupts since boot.
                let each = Double(used) / Double(lines[index].total)
                lines[index].threads = .nanosecondsPerSecond(each * lines[index].perSecond)
            } else {
                lines[index].threads = .unknown
            }
        }
        eventRates = WorkCounts.rates(box.work.events, box.workBefore.events, intervalNanoseconds: interval)
        guard eventRates == nil, let events = box.work.events else { return }
        // The first look: the event that has come most often since boot, if it is nearly all.
        let sum = events.reduce(0) { $0 + Double($1.count) }
        let line = lines.indices.first { indices.contains($0) && lines[$0].role == .firmware }
        guard sum > 0, let line, let most = events.max(by: { $0.count < $1.count }) else { return }
        eventRates = [most.name: lines[line].perSecond * Double(most.count) / sum]
    }
}

extension BoxInterval {
    /// Puts in what a look through tracefs told, by the number of the interrupt.
    public mutating func add(_ looks: [Int: HandlerProfile]) {
        for index in lines.indices { if let irq = lines[index].irq, let look = looks[irq] { lines[index].look = look } }
    }
}

extension CPUSet {
    /// A hash of the CPUs in it; never 0.
    var hash: UInt64 {
        var hash = StableHash()
        var start = 0
        while let run = run(from: start) {
            for end in [run.lowerBound, run.upperBound] { hash.add(UInt64(end)) }
            start = run.upperBound + 1
        }
        return max(hash.value, 1)
    }
}
