/// What a recording saw of what the kernel counted while it was made.
///
/// A count and a trace differ for reasons that are no errors: a vector has no events unless irq_vectors was
/// recorded, a nested thread handler has none at all, an edge interrupt may run its handler twice for one count
/// (facts of kernel/irq/handle.c and chip.c), and both ends of the window are cut at slightly different moments.
public struct Coverage: Sendable, Equatable {
    /// One row of /proc/interrupts or /proc/softirqs.
    public struct Row: Sendable, Equatable {
        /// Which file: `interrupts` or `softirqs`.
        public let table: String
        /// The label: `36`, `LOC`, `NET_RX`.
        public let label: String
        /// The IRQ number; nil for others.
        public let irq: Int?
        /// What stands behind the counts. Untrusted text.
        public let name: String
        /// What the kernel counted; nil if it is not known (a counter went back, a row appeared).
        public let counted: UInt64?
        /// What the recording holds; nil if the row has no events in it.
        public let traced: UInt64?
        /// The same by CPU; empty where the kernel counts for the whole machine.
        public let cpus: [Share]
        /// Why there are no events; nil if there are some, or none were due.
        public let reason: String?
    }

    /// A row on one CPU.
    public struct Share: Sendable, Equatable {
        /// The CPU's number.
        public let cpu: Int
        /// What the kernel counted.
        public let counted: UInt64?
        /// What the recording holds.
        public let traced: UInt64
    }

    /// Rows that moved, or that were traced.
    public var rows: [Row] = []

    /// For how long, at both ends together, interrupts were counted and not traced, or traced and not counted, in
    /// nanoseconds; nil if the recording does not tell. Reading the counts takes time, most of all on a busy box.
    public var apartNanoseconds: UInt64?

    /// What the kernel counted of rows that have events.
    public var counted: UInt64 {
        rows.reduce(0) { $1.table == "interrupts" && $1.traced != nil ? $0 &+ ($1.counted ?? 0) : $0 }
    }
    /// What the recording holds of them.
    public var traced: UInt64 { rows.reduce(0) { $1.table == "interrupts" ? $0 &+ ($1.traced ?? 0) : $0 } }
}

extension Coverage {
    /// Compares a recording's rows with the counts that it carries; nil if they cannot be read.
    ///
    /// - Parameters:
    ///   - irqs, vectors, softirqs: the rows of the report, unselected.
    public init?(_ attachment: SnapshotAttachment, irqs: [ReportRow], vectors: [ReportRow], softirqs: [ReportRow]) {
        let hasVectors = !vectors.isEmpty
        let chosenIRQs = Self.choice(attachment, "irqs")
        guard
            let interrupts = Self.rows(
                attachment, "interrupts", .interrupts,
                { label, irq in
                    if let irq { return Self.tracedInterrupts(irqs.filter { $0.number == Int64(irq) }) }
                    return Self.tracedSum(vectors.filter { LiveTracing.label(ofVector: $0.name) == label })
                }, { Self.reason(label: $0, irq: $1, hasVectors: hasVectors, chosenIRQs) })
        else { return nil }
        rows = interrupts
        apartNanoseconds = attachment.apartNanoseconds("interrupts").map {
            max($0, attachment.apartNanoseconds("softirqs") ?? 0)
        }
        rows +=
            Self.rows(
                attachment, "softirqs", .softirqs,
                { label, _ in Self.tracedSum(softirqs.filter { $0.name == label }) },
                { _, _ in softirqs.isEmpty ? "softirqs were not recorded" : "no events" }) ?? []
    }

    private static func rows(
        _ attachment: SnapshotAttachment, _ name: String, _ source: CounterTable.Source,
        _ traced: (String, Int?) -> [Int: UInt64]?, _ reason: (String, Int?) -> String
    ) -> [Row]? {
        guard let start = attachment.part(name, "start"), let end = attachment.part(name, "end") else { return nil }
        var intervals = CounterIntervals(source)
        do throws(ProcTextError) {
            for part in [start, end] {
                try intervals.take { (sample: inout CounterSample) throws(ProcTextError) in try sample.fill(from: part)
                }
            }
        } catch {
            return nil
        }
        let chosenCPUs = choice(attachment, "cpus")
        func isChosen(_ cpu: Int) -> Bool { chosenCPUs?.contains { $0.contains(Int64(cpu)) } ?? true }
        var rows: [Row] = []
        for index in 0..<intervals.sample.table.rowCount {
            let counts = intervals.sample.table.row(index)
            if counts.isSum || counts.kind == .text { continue }
            let interval = intervals.interval(index)
            let label = intervals.sample.label(counts)
            let irq = counts.irq >= 0 ? Int(counts.irq) : nil
            let seen = traced(label, irq)
            var counted = interval.isKnown ? interval.delta : nil
            var cpus: [Share] = []
            if counts.kind == .perCPU {
                // Only of the CPUs that were recorded.
                if chosenCPUs != nil, counted != nil { counted = 0 }
                for column in 0..<intervals.sample.table.cpuCount {
                    let cpu = intervals.sample.table.cpu(column)
                    if !isChosen(cpu) { continue }
                    let delta = intervals.delta(index, column)
                    if chosenCPUs != nil { counted = counted.map { $0 &+ (delta ?? 0) } }
                    let calls = seen?[cpu] ?? 0
                    if delta != 0 || calls > 0 { cpus.append(Share(cpu: cpu, counted: delta, traced: calls)) }
                }
            }
            if counted == 0, seen == nil { continue }
            rows.append(
                Row(
                    table: name, label: label, irq: irq, name: intervals.sample.tail(counts), counted: counted,
                    traced: seen.map { $0.values.reduce(0, &+) }, cpus: cpus,
                    reason: seen == nil ? reason(label, irq) : nil))
        }
        return rows
    }

    /// Interrupts of a line by CPU: on a shared line every action is called for each, so the most called one tells.
    private static func tracedInterrupts(_ rows: [ReportRow]) -> [Int: UInt64]? {
        if rows.isEmpty { return nil }
        var calls: [Int: UInt64] = [:]
        for row in rows {
            for share in row.cpus { calls[share.cpu] = max(calls[share.cpu] ?? 0, share.calls) }
        }
        return calls
    }

    private static func tracedSum(_ rows: [ReportRow]) -> [Int: UInt64]? {
        if rows.isEmpty { return nil }
        var calls: [Int: UInt64] = [:]
        for row in rows {
            for share in row.cpus { calls[share.cpu, default: 0] += share.calls }
        }
        return calls
    }

    /// Numbers that were chosen for recording, as in `0,2-5`; nil if nothing was.
    private static func choice(_ attachment: SnapshotAttachment, _ name: String) -> [ClosedRange<Int64>]? {
        guard let part = attachment.part(name, "choice") else { return nil }
        return part.text.split(separator: UInt8(ascii: ",")).compactMap { word in
            let ends = word.split(separator: UInt8(ascii: "-")).map { Int64(String(decoding: $0, as: UTF8.self)) }
            guard let low = ends.first ?? nil, let high = ends.last ?? nil, low <= high else { return nil }
            return low...high
        }
    }

    private static func reason(
        label: String, irq: Int?, hasVectors: Bool, _ chosenIRQs: [ClosedRange<Int64>]?
    ) -> String {
        if let irq, let chosenIRQs, !chosenIRQs.contains(where: { $0.contains(Int64(irq)) }) {
            return "not chosen with --irq"
        }
        if irq != nil { return "no handler events: a nested thread handler, or a chained line" }
        if LiveTracing.hasVector(label) {
            return hasVectors ? "no events of this vector" : "x86 vectors were not recorded (irq_vectors)"
        }
        return "the kernel has no event for it"
    }
}

extension CounterSample {
    fileprivate mutating func fill(from part: SnapshotAttachment.Part) throws(ProcTextError) {
        (startNanoseconds, endNanoseconds) = (part.timeNanoseconds, part.timeNanoseconds)
        let bytes = part.text.span
        try unsafe parse(bytes.bytes)
    }
}
