import IRQCore

/// The parsers of /proc text, by the first byte of a fuzz input.
public enum ProcTextParser: UInt8, CaseIterable {
    case interrupts, softirqs, mask, list, stat, spurious, descriptor, intervals
}

/// Feeds any bytes to the parser that the first one chooses, and checks what must hold for any input.
public func readProcText(_ span: RawSpan) {
    let choice = (span.byte(at: 0) ?? 0) % UInt8(ProcTextParser.allCases.count)
    let bytes = (1..<max(span.byteCount, 1)).map { span.byte(at: $0) ?? 0 }
    switch ProcTextParser(rawValue: choice) {
    case .interrupts: readTable(.interrupts, bytes)
    case .softirqs: readTable(.softirqs, bytes)
    case .mask: readSet(bytes) { $0.readMask($1) }
    case .list: readSet(bytes) { $0.readList($1) }
    case .stat: readStat(bytes)
    case .spurious: withSpan(bytes) { precondition(SpuriousCounts($0) == SpuriousCounts($0)) }
    case .descriptor: readDescriptor(String(decoding: bytes, as: UTF8.self))
    case .intervals: readIntervals(bytes)
    case nil: break
    }
}

private func readTable(_ source: CounterTable.Source, _ bytes: [UInt8]) {
    guard let sample = try? CounterSample(source, bytes) else { return }
    check(sample)
    // Memory that held something else gives the same.
    guard var used = try? CounterSample(source, Array("CPU0 CPU7\nLOC: 1 2 x\nLOC: 3 4 y\nfoo\n5: 1\n".utf8)) else { return }
    try? used.read(bytes, pieces: 7)
    precondition(used.lines == sample.lines && used.cpus == sample.cpus)
    precondition(used.table.rejectedRowCount == sample.table.rejectedRowCount && used.table.isTorn == sample.table.isTorn)
    precondition(used.table.firstProblem == sample.table.firstProblem)
}

private func check(_ sample: borrowing CounterSample) {
    let cpus = sample.cpus
    precondition(!cpus.isEmpty && zip(cpus, cpus.dropFirst()).allSatisfy { $0 < $1 })
    precondition((sample.table.rejectedRowCount > 0) == (sample.table.firstProblem != nil))
    var seen: [[UInt8]: Int32] = [:]
    for index in 0..<sample.table.rowCount {
        let row = sample.table.row(index)
        let count = sample.table.countCount(row)
        precondition(!row.label.isEmpty && row.label.end <= row.tail.start && row.tail.end <= sample.table.names.byteCount)
        switch row.kind {
        case .perCPU: precondition(count == cpus.count)
        case .global: precondition(count == 1 && row.irq < 0 && row.tail.isEmpty)
        case .text: precondition(count == 0 && !row.tail.isEmpty)
        }
        var total: UInt64 = 0
        for column in 0..<count { total &+= sample.table.count(row, column) }
        precondition(total == sample.table.total(row))
        let label = (row.label.start..<row.label.end).map { sample.table.names.byte(at: $0) ?? 0 }
        precondition(row.ordinal == seen[label, default: 0])
        seen[label, default: 0] += 1
        if row.irq >= 0 { precondition(Int32(String(decoding: label, as: UTF8.self)) == row.irq) }
    }
}

private func readSet(_ bytes: [UInt8], _ read: (inout CPUSet, RawSpan) -> Bool) {
    var (set, used) = (CPUSet(), CPUSet([0, 63, 64, 700]))
    let results = withSpan(bytes) { (read(&set, $0), read(&used, $0)) }
    precondition(results.0 == results.1 && set == used)
    if !results.0 { precondition(set.isEmpty) }
    var again = CPUSet()
    precondition(withSpan(set.list) { again.readList($0) } && again == set)
    precondition(set.cpus.count == set.count && set.cpus.last == set.highest && CPUSet(set.cpus) == set)
}

private func readStat(_ bytes: [UInt8]) {
    var stat = ProcStat()
    var times = CPUTimeIntervals()
    withSpan(bytes) { span in
        do throws(ProcTextError) { try stat.parse(span) } catch { precondition(stat.cpuCount == 0) }
        // Half of the text, then all of it: as it may be while it is written.
        try? times.take(span.extracting(0..<span.byteCount / 2))
        try? times.take(span)
    }
    for index in 0..<stat.cpuCount {
        let ticks = stat.cpu(index)
        precondition(ticks.cpu >= 0 && ticks.cpu <= ProcTextLimits.highestCPU)
        if let shares = times.shares(cpu: Int(ticks.cpu)) {
            precondition((0...1).contains(shares.irq) && (0...1).contains(shares.softirq) && (0...1).contains(shares.idle))
        }
    }
    if let mean = times.meanShares { precondition((0...1).contains(mean.irq) && (0...1).contains(mean.idle)) }
    _ = times.accountsIRQTime
}

private func readDescriptor(_ text: String) {
    let descriptor = DescriptorText(text)
    precondition(descriptor == DescriptorText(text))
    precondition(descriptor.actions.allSatisfy { !$0.isEmpty })
    precondition(descriptor.trigger == nil || descriptor.trigger == "edge" || descriptor.trigger == "level")
    let details = InterruptDetails(label: "5", text: text, irq: 5)
    precondition(details.actions == descriptor.actions)
    _ = InterruptDetails(label: text, text: text, irq: nil)
}

/// The texts of samples are parted by 0xFF, which no sample has.
private func readIntervals(_ bytes: [UInt8]) {
    var intervals = CounterIntervals(.interrupts)
    var now: UInt64 = 0
    for text in bytes.split(separator: 0xFF, maxSplits: 6, omittingEmptySubsequences: false) {
        now &+= UInt64(text.first ?? 1) &* 10_000_000
        try? intervals.take { (sample: inout CounterSample) throws(ProcTextError) in
            (sample.startNanoseconds, sample.endNanoseconds) = (now, now)
            try sample.read(Array(text))
        }
        if intervals.samples > 0 { check(intervals) }
    }
}

private func check(_ intervals: borrowing CounterIntervals) {
    var total: UInt64 = 0
    var columns = [UInt64](repeating: 0, count: intervals.sample.table.cpuCount)
    var slots: Set<Int32> = []
    for row in 0..<intervals.sample.table.rowCount {
        let interval = intervals.interval(row)
        let counts = intervals.sample.table.row(row)
        precondition(slots.insert(interval.slot).inserted)
        var sum: UInt64 = 0
        for column in 0..<intervals.sample.table.countCount(counts) {
            guard let delta = intervals.delta(row, column) else { continue }
            precondition(interval.isKnown)
            sum &+= delta
            if !counts.isSum, counts.kind == .perCPU { columns[column] &+= delta }
        }
        precondition(sum == interval.delta)
        if !counts.isSum { total &+= sum }
        if intervals.samples == 1 { precondition(interval.state == .new) }
        _ = intervals.pastRate(slot: interval.slot, age: 0)
        _ = intervals.pastRate(slot: interval.slot, age: CounterIntervals.historyLength - 1)
    }
    precondition(total == intervals.totalDelta)
    for (column, sum) in columns.enumerated() {
        if let known = intervals.columnTotal(column) { precondition(known == sum) } else { precondition(sum == 0) }
    }
    for index in 0..<intervals.goneCount { _ = intervals.goneLabel(index) }
}
