/// What one buffer told, before function addresses have names.
public struct BufferResult: Sendable {
    /// The buffer's name; "" is the top-level one.
    public let buffer: String
    /// What was read and dropped.
    public internal(set) var ledger = LossLedger()
    /// How many events there were that the analysis does not read, by name; "" stands for those without a description.
    private(set) var unusedEvents: [String: UInt64] = [:]
    private var rows: [ReportRow] = []
    private var ids: [RowID] = []
    private var placeByID: [RowID: Int] = [:]
    private(set) var slowest: [SlowestSpan] = []
    private(set) var storms: [Storm] = []
    private(set) var firstTime: UInt64?
    private(set) var lastTime: UInt64?

    struct RowID: Hashable {
        let kind: ReportRowKind
        let number: Int64
        let name: [UInt8]
    }

    init(buffer: String) { self.buffer = buffer }

    /// The rows that `selection` does not want.
    public func rows(excludedBy selection: RowSelection, symbols: [UInt64: FunctionSymbol], vectorNames: [String])
        -> ExcludedRows
    {
        var excluded = ExcludedRows()
        for (id, row) in zip(ids, rows) {
            let name = id.kind == .work ? Self.symbol(id.number, symbols).name : row.name
            if selection.contains(id.kind, id.number, name) { continue }
            let key =
                switch id.kind {
                case .irq: SpanKey(kind: .irq, number: UInt64(bitPattern: id.number))
                case .softirq: SpanKey(kind: .softirq, number: UInt64(bitPattern: id.number))
                case .vector: SpanKey(kind: .vector, number: UInt64(vectorNames.firstIndex(of: name) ?? 0))
                case .work: SpanKey(kind: .work, number: UInt64(bitPattern: id.number))
                }
            excluded.rows.append(ExcludedRows.Row(key: key, text: id.kind == .irq ? id.name : []))
        }
        return excluded
    }

    /// The addresses of the work functions that were seen.
    public var functionAddresses: Set<UInt64> {
        Set(ids.filter { $0.kind == .work }.map { UInt64(bitPattern: $0.number) })
    }

    /// Adds the counts of events that are not read.
    mutating func addUnused(_ counts: borrowing GrowableBuffer<UInt64>, names: [String]) {
        for place in 0..<counts.count where counts[place] > 0 {
            unusedEvents[place == 0 ? "" : names[place - 1], default: 0] += counts[place]
        }
    }

    mutating func addTimes(_ context: CPUContext) {
        guard context.firstTime <= context.lastTime else { return }
        firstTime = min(firstTime ?? .max, context.firstTime)
        lastTime = max(lastTime ?? 0, context.lastTime)
    }

    mutating func add(
        _ table: borrowing SpanTable, slow: borrowing SlowSpans, storms log: borrowing StormLog, vectorNames: [String]
    ) {
        // Each row's place here.
        var places: [(place: Int, isLatency: Bool)] = []
        places.reserveCapacity(table.rowCount)
        for index in 0..<table.rowCount {
            let (id, isLatency) = Self.identify(
                table.key(ofRow: index), text: table.text(ofRow: index), vectorNames: vectorNames)
            let place = place(of: id)
            places.append((place, isLatency))
            if isLatency {
                rows[place].latency.addHistogram { table.addHistogram(ofRow: index, to: &$0) }
            } else {
                rows[place].duration.addHistogram { table.addHistogram(ofRow: index, to: &$0) }
            }
        }
        for index in 0..<table.tallies.count {
            let tally = table.tallies[index]
            let (place, isLatency) = places[Int(tally.row)]
            rows[place].add(tally, isLatency: isLatency)
        }
        for index in 0..<slow.heap.count {
            let tally = table.tallies[Int(slow.heap[index].tally)]
            addSlow(slow.heap[index], tally, rows[places[Int(tally.row)].place])
        }
        for index in 0..<log.records.count {
            let tally = table.tallies[Int(log.records[index].tally)]
            addStorm(log.records[index], tally, rows[places[Int(tally.row)].place])
        }
    }

    private static func identify(
        _ key: SpanKey, text: [UInt8], vectorNames: [String]
    ) -> (id: RowID, isLatency: Bool) {
        let number = Int64(bitPattern: key.number)
        switch key.kind {
        case .irq: return (RowID(kind: .irq, number: number, name: text), false)
        case .softirq: return (RowID(kind: .softirq, number: number, name: []), false)
        case .raiseLatency: return (RowID(kind: .softirq, number: number, name: []), true)
        case .vector: return (RowID(kind: .vector, number: 0, name: Array(vectorNames[Int(number)].utf8)), false)
        case .work: return (RowID(kind: .work, number: number, name: []), false)
        case .queueLatency: return (RowID(kind: .work, number: number, name: []), true)
        }
    }

    /// The place of a row, made if it is new.
    private mutating func place(of id: RowID) -> Int {
        if let place = placeByID[id] { return place }
        let name = id.kind == .softirq ? SoftirqNames.name(of: id.number) : String(decoding: id.name, as: UTF8.self)
        rows.append(ReportRow(kind: id.kind, buffer: buffer, number: id.number, name: name))
        ids.append(id)
        placeByID[id] = rows.count - 1
        return rows.count - 1
    }

    private mutating func addSlow(_ span: SlowSpan, _ tally: SpanTally, _ row: ReportRow) {
        slowest.append(
            SlowestSpan(
                kind: row.kind, buffer: buffer, number: row.number, name: row.name, cpu: Int(tally.cpu),
                startNanoseconds: span.start, durationNanoseconds: span.duration, selfNanoseconds: span.own,
                pid: span.pid, task: nil))
    }

    private mutating func addStorm(_ record: StormRecord, _ tally: SpanTally, _ row: ReportRow) {
        storms.append(
            Storm(
                kind: row.kind, buffer: buffer, number: row.number, name: row.name, cpu: Int(tally.cpu),
                startNanoseconds: record.start, endNanoseconds: record.end, count: record.count,
                peakPerSecond: record.peakPerWindow &* (1_000_000_000 / StormCriteria.windowNanoseconds)))
    }

    /// The rows, work functions called by their names; several addresses of one name become one row.
    func namedRows(_ symbols: [UInt64: FunctionSymbol]) -> [ReportRow] {
        var named: [ReportRow] = []
        var workBySymbol: [FunctionSymbol: ReportRow] = [:]
        for row in rows {
            guard row.kind == .work else {
                named.append(row)
                continue
            }
            let symbol = Self.symbol(row.number, symbols)
            var merged =
                workBySymbol[symbol]
                ?? ReportRow(kind: .work, buffer: row.buffer, number: row.number, name: symbol.name)
            merged.module = symbol.module
            merged.add(row)
            workBySymbol[symbol] = merged
        }
        return named + workBySymbol.values
    }

    func namedSlowest(_ symbols: [UInt64: FunctionSymbol]) -> [SlowestSpan] {
        slowest.map { span in
            guard span.kind == .work else { return span }
            return SlowestSpan(
                kind: .work, buffer: span.buffer, number: span.number, name: Self.symbol(span.number, symbols).name,
                cpu: span.cpu, startNanoseconds: span.startNanoseconds,
                durationNanoseconds: span.durationNanoseconds, selfNanoseconds: span.selfNanoseconds,
                pid: span.pid, task: span.task)
        }
    }

    /// The symbol of an address, or the address itself as a name.
    private static func symbol(_ address: Int64, _ symbols: [UInt64: FunctionSymbol]) -> FunctionSymbol {
        let address = UInt64(bitPattern: address)
        return symbols[address] ?? FunctionSymbol(name: "0x" + String(address, radix: 16), module: nil)
    }
}

extension ReportRow {
    mutating func add(_ tally: SpanTally, isLatency: Bool) {
        if isLatency {
            latency.add(tally)
            return
        }
        duration.add(tally)
        calls += tally.calls
        unhandled += tally.unhandled
        wakeThread += tally.wakeThread
        addShare(
            CPUShare(
                cpu: Int(tally.cpu), calls: tally.calls, count: tally.count, totalNanoseconds: tally.total,
                selfNanoseconds: tally.ownTotal, maximumNanoseconds: tally.count > 0 ? tally.maximum : nil))
    }

    mutating func add(_ other: ReportRow) {
        duration.add(other.duration)
        latency.add(other.latency)
        calls += other.calls
        unhandled += other.unhandled
        wakeThread += other.wakeThread
        for share in other.cpus { addShare(share) }
    }

    private mutating func addShare(_ share: CPUShare) {
        let place = cpus.firstIndex { $0.cpu >= share.cpu } ?? cpus.count
        if place < cpus.count, cpus[place].cpu == share.cpu {
            cpus[place].calls += share.calls
            cpus[place].count += share.count
            cpus[place].totalNanoseconds &+= share.totalNanoseconds
            cpus[place].selfNanoseconds &+= share.selfNanoseconds
            if let most = share.maximumNanoseconds {
                cpus[place].maximumNanoseconds = max(cpus[place].maximumNanoseconds ?? 0, most)
            }
        } else {
            cpus.insert(share, at: place)
        }
    }
}
