/// The rows of one buffer, before function addresses have names.
public struct BufferResult: Sendable {
    /// The buffer's name; "" is the top-level one.
    public let buffer: String
    /// The counts of what was read and dropped.
    public internal(set) var ledger = LossLedger()
    /// The number of events that the analysis does not read, by name; "" stands for those without a description.
    private(set) var unusedEvents: [String: UInt64] = [:]
    private var rows: [ReportRow] = []
    private var placeByID: [RowID: Int] = [:]
    private(set) var slowest: [SlowestSpan] = []
    private(set) var storms: [Storm] = []
    private(set) var unended: [UnendedSpan] = []
    /// The time of the first event; nil without events.
    public private(set) var firstTime: UInt64?
    private(set) var lastTime: UInt64?
    /// The time for which events are missing, of the CPUs that lack some.
    private(set) var missingByCPU: [Int: MissingTime] = [:]
    private var lastTimeByCPU: [Int: UInt64] = [:]

    /// The deep analysis; nil if there were no events of the scheduler.
    public internal(set) var deep: DeepResult?

    /// The course over time; nil if it was not asked for.
    private(set) var timeline: BufferTimeline?

    struct RowID: Hashable, Sendable {
        let kind: RowKind
        let number: Int64
        let name: [UInt8]
    }

    init(buffer: String) { self.buffer = buffer }

    /// The rows of a shard that was fed live, by itself, and that is fed no more.
    public init(shard: inout ShardAnalysis, vectorNames: [String]) {
        self.init(buffer: "")
        shard.finish()
        add(shard, vectorNames: vectorNames, unusedNames: [])
    }

    /// Adds what a shard has counted.
    mutating func add(_ shard: borrowing ShardAnalysis, vectorNames: [String], unusedNames: [String]) {
        ledger += shard.pairing.ledger
        addUnused(shard.pairing.unused, names: unusedNames)
        let keys = add(
            shard.pairing.table, slow: shard.pairing.slow, storms: shard.pairing.storms, vectorNames: vectorNames)
        for slot in 0..<shard.contexts.count { addUnended(shard.contexts[slot], shard.pairing.table, keys) }
        for slot in 0..<shard.contexts.count { addTimes(shard.contexts[slot]) }
    }

    /// The addresses of the functions that were seen.
    public var functionAddresses: Set<UInt64> {
        Set(rows.filter { $0.kind.traits.isFunction }.map { UInt64(bitPattern: $0.number) })
            .union(deep?.functionAddresses ?? [])
    }

    /// Adds the counts of events that are not read.
    mutating func addUnused(_ counts: borrowing GrowableBuffer<UInt64>, names: [String]) {
        for place in 0..<counts.count where counts[place] > 0 {
            unusedEvents[place == 0 ? "" : names[place - 1], default: 0] += counts[place]
        }
    }

    /// Leaves out rows of which nothing was counted.
    mutating func removeEmptyRows() {
        rows.removeAll { row in row.calls == 0 && Measure.allCases.allSatisfy { row[$0].count == 0 } }
        placeByID.removeAll()
    }

    /// Adds the course over time of a table's spans, if it was kept.
    mutating func addTimes(of table: borrowing SpanTable) {
        guard let sink = table.outlet.sink as? TimelineSink else { return }
        if timeline == nil { timeline = BufferTimeline() }
        timeline?.add(sink)
    }

    /// Adds that of the deep analysis.
    mutating func addTimes(of deep: inout DeepAnalysis?, vectorNames: [String]) {
        if let times = deep?.takeTimes(vectorNames: vectorNames) { timeline?.add(times) }
    }

    /// Notes that events of a CPU are missing at the end of the recording.
    public mutating func addOpenEnd(ofCPU cpu: Int) {
        let start = lastTimeByCPU[cpu] ?? 0
        missingByCPU[cpu, default: MissingTime()].addOpenEnd(from: start)
        timeline?.addGap(TimelineGap(cpu: cpu, startNanoseconds: start, endNanoseconds: .max))
    }

    /// Notes the CPUs whose last events were not read in time, as `record` says; untrusted numbers.
    public mutating func addOpenEnds(_ snapshots: SnapshotAttachment?, cpus: Set<Int>?, below cpuCount: Int) {
        for (cpu, _) in snapshots?.missingEvents ?? [] where cpu < cpuCount && cpus?.contains(cpu) ?? true {
            addOpenEnd(ofCPU: cpu)
        }
    }

    mutating func addTimes(_ context: CPUContext) {
        let cpu = Int(context.cpu)
        if !context.missing.isNone { missingByCPU[cpu, default: MissingTime()].add(context.missing) }
        guard context.firstTime <= context.lastTime else { return }
        firstTime = min(firstTime ?? .max, context.firstTime)
        lastTime = max(lastTime ?? 0, context.lastTime)
        lastTimeByCPU[cpu] = max(lastTimeByCPU[cpu] ?? 0, context.lastTime)
    }

    /// Takes what was open when the recording ended, of what was asked for.
    private mutating func addUnended(_ context: CPUContext, _ table: borrowing SpanTable, _ keys: [RowKey]) {
        for level in 0..<context.depth where context.stack[level].tally >= 0 {
            let span = context.stack[level]
            unended.append(
                UnendedSpan(
                    row: keys[Int(table.tallies[Int(span.tally)].row)], cpu: Int(context.cpu),
                    startNanoseconds: span.start, lastNanoseconds: context.lastTime))
        }
    }

    /// - Returns: the key of each row of the table.
    @discardableResult
    mutating func add(
        _ table: borrowing SpanTable, slow: borrowing SlowSpans, storms log: borrowing StormLog, vectorNames: [String]
    ) -> [RowKey] {
        // Each row's place here.
        var places: [(row: Int, measure: Measure)] = []
        places.reserveCapacity(table.rowCount)
        for index in 0..<table.rowCount {
            let (key, text) = (table.key(ofRow: index), table.text(ofRow: index))
            let (kind, measure) = key.kind.row
            let name = kind == .vector ? Array(vectorNames[Int(key.number)].utf8) : text
            let number = kind == .vector ? 0 : Int64(bitPattern: key.number)
            let place = place(of: RowID(kind: kind, number: number, name: name))
            places.append((place, measure))
            rows[place][measure].addHistogram { table.addHistogram(ofRow: index, to: &$0) }
            rows[place][measure].addBuckets { table.addBuckets(ofRow: index, to: &$0) }
            rows[place][measure].exceededBudget += table.exceededBudget(ofRow: index)
            if measure == .duration { table.addSlices(ofRow: index, to: &rows[place].slices) }
        }
        for index in 0..<table.tallies.count {
            let tally = table.tallies[index]
            let (place, measure) = places[Int(tally.row)]
            rows[place].add(tally, measure)
        }
        for index in 0..<slow.heap.count {
            let tally = table.tallies[Int(slow.heap[index].tally)]
            addSlow(slow.heap[index], tally, rows[places[Int(tally.row)].row].key)
        }
        for index in 0..<log.records.count {
            let tally = table.tallies[Int(log.records[index].tally)]
            addStorm(log.records[index], tally, rows[places[Int(tally.row)].row].key)
        }
        return places.map { rows[$0.row].key }
    }

    /// The place of a row, made if it is new.
    private mutating func place(of id: RowID) -> Int {
        if let place = placeByID[id] { return place }
        let name = id.kind == .softirq ? SoftirqNames.name(of: id.number) : String(decoding: id.name, as: UTF8.self)
        rows.append(ReportRow(RowKey(kind: id.kind, buffer: buffer, number: id.number, name: name)))
        placeByID[id] = rows.count - 1
        return rows.count - 1
    }

    private mutating func addSlow(_ span: SlowSpan, _ tally: SpanStatistics, _ row: RowKey) {
        slowest.append(
            SlowestSpan(
                row: row, cpu: Int(tally.cpu), startNanoseconds: span.start, durationNanoseconds: span.duration,
                selfNanoseconds: span.selfTime, pid: span.pid, task: nil))
    }

    private mutating func addStorm(_ record: StormRecord, _ tally: SpanStatistics, _ row: RowKey) {
        storms.append(
            Storm(
                row: row, cpu: Int(tally.cpu), startNanoseconds: record.start, endNanoseconds: record.end,
                count: record.count,
                peakPerSecond: record.peakPerWindow &* (1_000_000_000 / StormCriteria.windowNanoseconds),
                selfNanoseconds: record.selfTime))
    }

    /// The rows, functions called by their names; several addresses of one name become one row.
    func namedRows(_ symbols: [UInt64: FunctionSymbol]) -> [ReportRow] {
        let names = SpanNames { symbols[$0] }
        var named: [ReportRow] = []
        var functions: [RowKind: [FunctionSymbol: ReportRow]] = [:]
        for row in rows {
            guard row.kind.traits.isFunction else {
                named.append(row)
                continue
            }
            let symbol = names.symbol(UInt64(bitPattern: row.number))
            var merged = functions[row.kind]?[symbol] ?? ReportRow(row.key.named(symbol.name))
            merged.module = symbol.module
            merged.add(row)
            functions[row.kind, default: [:]][symbol] = merged
        }
        return named + functions.values.flatMap(\.values)
    }

    func namedSlowest(_ symbols: [UInt64: FunctionSymbol]) -> [SlowestSpan] {
        let names = SpanNames { symbols[$0] }
        return slowest.map { span in
            guard span.row.kind.traits.isFunction else { return span }
            var named = span
            named.row = span.row.named(names.symbol(UInt64(bitPattern: span.row.number)).name)
            return named
        }
    }

    func namedUnended(_ symbols: [UInt64: FunctionSymbol]) -> [UnendedSpan] {
        let names = SpanNames { symbols[$0] }
        return unended.map { span in
            guard span.row.kind.traits.isFunction else { return span }
            let name = names.symbol(UInt64(bitPattern: span.row.number)).name
            return UnendedSpan(
                row: span.row.named(name), cpu: span.cpu, startNanoseconds: span.startNanoseconds,
                lastNanoseconds: span.lastNanoseconds)
        }
    }

    func namedStorms(_ symbols: [UInt64: FunctionSymbol]) -> [Storm] {
        let names = SpanNames { symbols[$0] }
        return storms.map { storm in
            guard storm.row.kind.traits.isFunction else { return storm }
            var named = storm
            named.row = storm.row.named(names.symbol(UInt64(bitPattern: storm.row.number)).name)
            return named
        }
    }
}

extension RowKey {
    /// The same row under another name.
    func named(_ name: String) -> RowKey { RowKey(kind: kind, buffer: buffer, number: number, name: name) }
}

extension ReportRow {
    mutating func add(_ tally: SpanStatistics, _ measure: Measure) {
        self[measure].add(tally)
        guard measure == .duration else { return }
        calls += tally.calls
        unhandled += tally.unhandled
        wokeThread += tally.wokeThread
        add(
            CPUShare(
                cpu: Int(tally.cpu), calls: tally.calls, count: tally.count, totalNanoseconds: tally.total,
                selfNanoseconds: tally.selfTimeTotal, maximumNanoseconds: tally.count > 0 ? tally.maximum : nil))
    }
}
