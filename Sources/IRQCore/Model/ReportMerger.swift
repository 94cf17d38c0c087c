/// Makes one report of several recordings: adds up the rows that are the same thing, or keeps them apart by file.
///
/// Reports are taken one after the other, and of each only what is shown stays: the memory depends on how many different rows
/// there are, and not on how many recordings.
public struct ReportMerger: Sendable {
    /// The reason for which a report cannot be put together with those before: its times are ticks of a clock, or theirs are.
    public struct Mismatch: Error, Sendable {
        /// The file, and the first one. Untrusted text.
        public let file, firstFile: String
        /// The clock that counts ticks, of the file and of the first one; nil if it counts nanoseconds. Untrusted text.
        public let clock, firstClock: String?
    }

    private let isByFile: Bool
    private let slowCount: Int
    private let labels: [String: String]
    private var matcher = RowMatcher()
    private var rows: [ReportRow] = []
    private var parts: [Report] = []
    private var storms: [Storm] = []
    private var slowest: [SlowestSpan] = []
    private var ledger = LossLedger()
    private var unused: [String?: UInt64] = [:]
    private var failures: [String] = []

    /// Creates a merger.
    ///
    /// - Parameters:
    ///   - files: the names of all recordings that will come.
    ///   - isByFile: true if the rows of different recordings stay apart.
    ///   - slowCount: the number of slowest spans of all recordings together.
    public init(files: [String], isByFile: Bool, slowCount: Int) {
        (self.isByFile, self.slowCount) = (isByFile, slowCount)
        let names = files.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        labels = Set(names).count < Set(files).count ? [:] : Dictionary(zip(files, names)) { first, _ in first }
    }

    /// Adds a recording.
    ///
    /// - Throws: `Mismatch` if its times are ticks and those before are not, or the other way round: the sum would be neither.
    public mutating func add(_ report: Report) throws(Mismatch) {
        if let first = parts.first?.source, first.tickClock != report.source.tickClock {
            throw Mismatch(
                file: report.source.file, firstFile: first.file, clock: report.source.tickClock,
                firstClock: first.tickClock)
        }
        let file = report.source.file
        let recording = RowKey.Recording(place: parts.count, file: file, label: labels[file] ?? file)
        take(report, recording)
        storms += report.storms.map { storm in
            var storm = storm
            storm.row.recording = recording
            return storm
        }
        slowest += report.slowest.map { span in
            var span = span
            span.row.recording = recording
            return span
        }
        // Those of one recording are in their order: among equal ones the first recording's come first.
        slowest = slowest.enumerated().sorted {
            ($1.element.durationNanoseconds, $0.offset) < ($0.element.durationNanoseconds, $1.offset)
        }.prefix(slowCount).map(\.element)
        ledger += report.ledger
        for event in report.unusedEvents { unused[event.name, default: 0] &+= event.count }
        var part = report
        part.partKinds = Set(report.rows.map(\.kind))
        (part.rows, part.storms, part.slowest) = ([], [], [])
        if let first = parts.first(where: { $0.isLike(report) }) {
            part.notes.append(
                "it has the times and the events of \(first.source.file): if one is a copy of the other, all of it counts twice"
            )
        }
        // Pictures over time are of one recording.
        part.timeline = nil
        if !isByFile { part.deep = nil }
        parts.append(part)
    }

    private mutating func take(_ report: Report, _ recording: RowKey.Recording) {
        if isByFile {
            rows += report.rows.map { row in
                var row = row
                row.key.recording = recording
                return row
            }
            return
        }
        let namesBuffers = report.source.buffers.count > 1
        for (row, group) in zip(report.rows, matcher.groups(of: report)) {
            while rows.count <= group { rows.append(ReportRow(row.key)) }
            var member = row.key
            member.recording = recording
            if rows[group].members.isEmpty {
                let buffer = namesBuffers ? row.buffer : ""
                rows[group] = ReportRow(
                    RowKey(kind: row.kind, buffer: buffer, number: row.number, name: row.name, device: row.key.device))
                (rows[group].line, rows[group].module) = (row.line, row.module)
            } else {
                rows[group].line = rows[group].line?.common(row.line) ?? row.line
                rows[group].key.device = rows[group].line?.device
                rows[group].module = rows[group].module ?? row.module
            }
            rows[group].add(row)
            rows[group].members.append(member)
        }
    }

    /// Notes that a recording could not be read, in words for the reader of the report.
    public mutating func addFailure(_ sentence: String) { failures.append(sentence) }

    /// The report of all; nil if there is none.
    public consuming func report() -> Report? {
        guard let first = parts.first else { return nil }
        var source = first.source
        source.file = parts.count == 1 ? first.source.file : "\(parts.count) recordings"
        source.cpuCount = parts.map(\.source.cpuCount).max() ?? 0
        source.resolutionNanoseconds = parts.compactMap(\.source.resolutionNanoseconds).max()
        source.hasRawResults = parts.allSatisfy(\.source.hasRawResults)
        source.tellsLosses = parts.allSatisfy(\.source.tellsLosses)
        source.hasChecksums = nil
        // A buffer that is the only one of all recordings keeps its name.
        let names = Set(parts.map(\.source.buffers))
        if !isByFile, names.count == 1, let name = names.first, name.count == 1 {
            for index in rows.indices { rows[index].key = rows[index].key.inBuffer(name[0]) }
        }
        source.buffers = Set(rows.map(\.buffer)).sorted()
        var notes = failures + RecordingSource.differences(parts.map(\.source))
        if !isByFile, unused.keys.contains(where: { $0?.hasSuffix("sched_switch") ?? false }) {
            notes.append("threads, wake-ups and shares of time are those of one recording: --by file shows them")
        }
        return Report(
            source: source, rows: rows, storms: storms, slowest: slowest, ledger: ledger, unused: unused, parts: parts,
            notes: notes)
    }
}

extension Report {
    fileprivate init(
        source: RecordingSource, rows: [ReportRow], storms: [Storm], slowest: [SlowestSpan], ledger: LossLedger,
        unused: [String?: UInt64], parts: [Report], notes: [String]
    ) {
        (self.source, self.rows, self.storms, self.slowest) = (source, rows, storms, slowest)
        (self.ledger, self.parts, self.notes) = (ledger, parts, notes)
        unusedEvents = unused.sorted { ($1.value, $0.key ?? "") < ($0.value, $1.key ?? "") }
            .map { UnusedEvent(name: $0.key, count: $0.value) }
        let overruns = parts.compactMap(\.overrunEvents)
        budget = parts.first?.budget
        overrunEvents = overruns.count == parts.count ? overruns.reduce(0, &+) : nil
        sort(by: .total)
    }
}

extension HardwareMap.Line {
    /// The facts that hold for both of two lines.
    fileprivate func common(_ other: HardwareMap.Line?) -> HardwareMap.Line {
        guard let other else { return self }
        func same<Value: Equatable>(_ path: KeyPath<HardwareMap.Line, Value?>) -> Value? {
            self[keyPath: path] == other[keyPath: path] ? self[keyPath: path] : nil
        }
        var line = HardwareMap.Line(irq: irq, action: action)
        (line.chip, line.hwirq, line.trigger) = (same(\.chip), same(\.hwirq), same(\.trigger))
        line.device = device.flatMap { $0.common(other.device) }
        line.node = same(\.node)
        (line.affinity, line.effectiveAffinity) = (same(\.affinity), same(\.effectiveAffinity))
        return line
    }
}

extension Device {
    /// The facts that hold for both, if they are the same device.
    fileprivate func common(_ other: Device?) -> Device? {
        guard let other, (address, bus, vendorDevice) == (other.address, other.bus, other.vendorDevice) else {
            return nil
        }
        var device = self
        if name != other.name { device.name = nil }
        if driver != other.driver { device.driver = nil }
        return device
    }
}

extension Report {
    /// True if another recording has the same events at the same times on the same machine, as far as sums tell.
    fileprivate func isLike(_ other: Report) -> Bool {
        ledger.events > 0 && ledger.events == other.ledger.events && ledger.usedEvents == other.ledger.usedEvents
            && startNanoseconds == other.startNanoseconds && endNanoseconds == other.endNanoseconds
            && source.machine == other.source.machine
    }
}
