public import IRQCore

/// A report as JSON, schema irqscope.report.v1.
public enum ReportJSON {
    /// The document and the end of its line.
    ///
    /// - Parameter namesFile: whether `source` has the key `file`, to tell several documents apart.
    public static func bytes(_ report: Report, namesFile: Bool = false) throws -> [UInt8] {
        try JSONDocument.encode(Document(report, namesFile: namesFile))
    }
}

// The names below become keys: snake_case, unit last.

private struct Document: Encodable {
    let schema = "irqscope.report.v1"
    let source: Source
    let window: Window
    let events: Events
    let irqs: [IRQ]
    let softirqs: [Softirq]
    let vectors: [Vector]
    let work: [Work]
    let storms: [StormRow]
    let slowest: [Slowest]
    let coverage: Nullable<ReportCoverage.Keys>
    let notes: [String]

    init(_ report: Report, namesFile: Bool) {
        source = Source(report.source, namesFile: namesFile)
        window = Window(startNs: Nullable(report.startNanoseconds), endNs: Nullable(report.endNanoseconds))
        events = Events(report.ledger, overrun: report.overrunEvents)
        irqs = report.irqs.map { IRQ($0) }
        softirqs = report.softirqs.map { Softirq($0) }
        vectors = report.vectors.map { Vector($0) }
        work = report.work.map { Work($0) }
        storms = report.storms.map { StormRow($0) }
        slowest = report.slowest.map { Slowest($0) }
        coverage = Nullable(report.coverage.map { ReportCoverage.Keys($0) })
        notes = report.notes
    }
}

private struct Source: Encodable {
    let file: String?
    let format: String
    let version: Nullable<Int>
    let clock: Nullable<String>
    let cpus: Int
    let byteOrder: String
    let longBytes: Int
    let pageBytes: Int
    let machine: Nullable<String>
    let buffers: [String]

    init(_ source: RecordingSource, namesFile: Bool) {
        file = namesFile ? source.file : nil
        format = source.format
        version = Nullable(source.version)
        clock = Nullable(source.clock)
        cpus = source.cpuCount
        byteOrder = source.byteOrder.rawValue
        longBytes = source.longByteCount
        pageBytes = source.pageByteCount
        machine = Nullable(source.machine)
        buffers = source.buffers
    }
}

private struct Window: Encodable {
    let startNs: Nullable<UInt64>
    let endNs: Nullable<UInt64>
}

private struct Events: Encodable {
    let total: UInt64
    let used: UInt64
    let lost: Nullable<UInt64>
    let lostAtLeast: UInt64
    let gaps: UInt64
    let spansDroppedAtGaps: UInt64
    let workDroppedAtGaps: UInt64
    let unmatchedEntries: UInt64
    let unmatchedExits: UInt64
    let unmatchedWorkStarts: UInt64
    let unmatchedWorkEnds: UInt64
    let workOpenAtEnd: UInt64
    let openAtEnd: UInt64
    let overrun: Nullable<UInt64>
    let damagedPages: UInt64
    let damagedChunks: UInt64
    let malformed: UInt64
    let spansTooDeep: UInt64
    let callsBeyondRowLimit: UInt64
    let queuedBeyondLimit: UInt64
    let stormsBeyondLimit: UInt64

    init(_ ledger: LossLedger, overrun: UInt64?) {
        total = ledger.events
        used = ledger.usedEvents
        lost = Nullable(ledger.gapsOfUnknownSize == 0 ? ledger.lostEvents : nil)
        lostAtLeast = ledger.lostEvents
        gaps = ledger.gaps
        spansDroppedAtGaps = ledger.spansDroppedAtGaps
        workDroppedAtGaps = ledger.workDroppedAtGaps
        unmatchedEntries = ledger.unmatchedEntries
        unmatchedExits = ledger.unmatchedExits
        unmatchedWorkStarts = ledger.unmatchedWorkStarts
        unmatchedWorkEnds = ledger.unmatchedWorkEnds
        workOpenAtEnd = ledger.workOpenAtEnd
        openAtEnd = ledger.openAtEnd
        self.overrun = Nullable(overrun)
        damagedPages = ledger.damagedPages
        damagedChunks = ledger.damagedChunks
        malformed = ledger.malformedEvents
        spansTooDeep = ledger.spansTooDeep
        callsBeyondRowLimit = ledger.callsBeyondRowLimit
        queuedBeyondLimit = ledger.queuedBeyondLimit
        stormsBeyondLimit = ledger.stormsBeyondLimit
    }
}

private struct Durations: Encodable {
    let count: UInt64
    let totalNs: UInt64
    let selfNs: UInt64?
    let minNs: Nullable<UInt64>
    let maxNs: Nullable<UInt64>
    let meanNs: Nullable<Double>
    let stddevNs: Nullable<Double>
    let p50Ns: Nullable<UInt64>
    let p90Ns: Nullable<UInt64>
    let p99Ns: Nullable<UInt64>
    let p999Ns: Nullable<UInt64>
    let histogram: [Bucket]

    struct Bucket: Encodable {
        let lowNs: UInt64
        let highNs: UInt64
        let count: UInt64
    }

    /// `hasSelf`: whether the spans can have others inside.
    init(_ summary: DurationSummary, hasSelf: Bool) {
        count = summary.count
        totalNs = summary.totalNanoseconds
        selfNs = hasSelf ? summary.selfNanoseconds : nil
        minNs = Nullable(summary.minimumNanoseconds)
        maxNs = Nullable(summary.maximumNanoseconds)
        meanNs = Nullable(summary.meanNanoseconds)
        stddevNs = Nullable(summary.standardDeviationNanoseconds)
        p50Ns = Nullable(summary.percentile(perMille: 500))
        p90Ns = Nullable(summary.percentile(perMille: 900))
        p99Ns = Nullable(summary.percentile(perMille: 990))
        p999Ns = Nullable(summary.percentile(perMille: 999))
        histogram = summary.histogram.buckets.map {
            Bucket(lowNs: $0.lowNanoseconds, highNs: $0.highNanoseconds, count: $0.count)
        }
    }
}

private struct Share: Encodable {
    let cpu: Int
    let calls: UInt64
    let totalNs: UInt64
    let selfNs: UInt64
    let maxNs: Nullable<UInt64>

    static func all(_ row: ReportRow) -> [Share] {
        row.cpus.map {
            Share(
                cpu: $0.cpu, calls: $0.calls, totalNs: $0.totalNanoseconds, selfNs: $0.selfNanoseconds,
                maxNs: Nullable($0.maximumNanoseconds))
        }
    }
}

private struct IRQ: Encodable {
    let buffer: String
    let irq: Int64
    let action: String
    let calls: UInt64
    let handled: UInt64
    let unhandled: UInt64
    let wakeThread: UInt64
    let duration: Durations
    let cpus: [Share]

    init(_ row: ReportRow) {
        buffer = row.buffer
        irq = row.number
        action = row.name
        calls = row.calls
        handled = row.handled
        unhandled = row.unhandled
        wakeThread = row.wakeThread
        duration = Durations(row.duration, hasSelf: true)
        cpus = Share.all(row)
    }
}

private struct Softirq: Encodable {
    let buffer: String
    let vector: Int64
    let name: String
    let entries: UInt64
    let duration: Durations
    let raiseLatency: Durations
    let cpus: [Share]

    init(_ row: ReportRow) {
        buffer = row.buffer
        vector = row.number
        name = row.name
        entries = row.calls
        duration = Durations(row.duration, hasSelf: true)
        raiseLatency = Durations(row.latency, hasSelf: false)
        cpus = Share.all(row)
    }
}

private struct Vector: Encodable {
    let buffer: String
    let vector: String
    let entries: UInt64
    let duration: Durations
    let cpus: [Share]

    init(_ row: ReportRow) {
        buffer = row.buffer
        vector = row.name
        entries = row.calls
        duration = Durations(row.duration, hasSelf: true)
        cpus = Share.all(row)
    }
}

private struct Work: Encodable {
    let buffer: String
    let function: String
    let module: Nullable<String>
    let starts: UInt64
    let duration: Durations
    let queueLatency: Durations
    let cpus: [Share]

    init(_ row: ReportRow) {
        buffer = row.buffer
        function = row.name
        module = Nullable(row.module)
        starts = row.calls
        duration = Durations(row.duration, hasSelf: true)
        queueLatency = Durations(row.latency, hasSelf: false)
        cpus = Share.all(row)
    }
}

private struct StormRow: Encodable {
    let buffer: String
    let kind: String
    let irq: Nullable<Int64>
    let action: String
    let cpu: Int
    let startNs: UInt64
    let endNs: UInt64
    let count: UInt64
    let peakPerS: UInt64

    init(_ storm: Storm) {
        buffer = storm.buffer
        kind = storm.kind.rawValue
        irq = Nullable(storm.kind == .irq ? storm.number : nil)
        action = storm.name
        cpu = storm.cpu
        startNs = storm.startNanoseconds
        endNs = storm.endNanoseconds
        count = storm.count
        peakPerS = storm.peakPerSecond
    }
}

private struct Slowest: Encodable {
    let buffer: String
    let kind: String
    let number: Nullable<Int64>
    let name: String
    let cpu: Int
    let startNs: UInt64
    let durationNs: UInt64
    let selfNs: UInt64
    let pid: Int32
    let task: Nullable<String>

    init(_ span: SlowestSpan) {
        buffer = span.buffer
        kind = span.kind.rawValue
        number = Nullable(span.kind == .irq || span.kind == .softirq ? span.number : nil)
        name = span.name
        cpu = span.cpu
        startNs = span.startNanoseconds
        durationNs = span.durationNanoseconds
        selfNs = span.selfNanoseconds
        pid = span.pid
        task = Nullable(span.task)
    }
}
