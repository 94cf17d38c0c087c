extension Coverage {
    /// Compares a recording's rows with the counts that it carries; nil if they cannot be read.
    ///
    /// - Parameters:
    ///   - irqs, vectors, softirqs: the rows of the report, unselected.
    public init?(_ attachment: SnapshotAttachment, irqs: [ReportRow], vectors: [ReportRow], softirqs: [ReportRow]) {
        let hasVectors = !vectors.isEmpty
        let chosenIRQs = Self.choice(attachment, "irqs")
        guard
            var interrupts = Table(
                attachment, "interrupts", .interrupts,
                { label, irq in
                    if let irq { return Self.tracedInterrupts(irqs.filter { $0.number == Int64(irq) }) }
                    return Self.tracedSum(vectors.filter { LiveTracing.label(ofVector: $0.name) == label })
                }, { Self.reason(label: $0, irq: $1, hasVectors: hasVectors, chosenIRQs) })
        else { return nil }
        let known = Set(interrupts.rows.compactMap { $0.irq.map(Int64.init) })
        for (number, actions) in Dictionary(grouping: irqs, by: \.number).sorted(by: { $0.key < $1.key })
        where !known.contains(number) {
            if let seen = Self.tracedInterrupts(actions) { interrupts.addGone(Int(number), actions[0].name, seen) }
        }
        uncomparedCPUs = interrupts.uncomparedCPUs
        skewNanoseconds = attachment.skewNanoseconds("interrupts").map {
            max($0, attachment.skewNanoseconds("softirqs") ?? 0)
        }
        let others = Table(
            attachment, "softirqs", .softirqs,
            { label, _ in Self.tracedSum(softirqs.filter { $0.name == label }) },
            { _, _ in softirqs.isEmpty ? "softirqs were not recorded" : "no events" })
        rows = interrupts.rows + (others?.rows ?? [])
    }

    /// The rows of one file of /proc.
    private struct Table {
        let name: String
        var rows: [Row] = []
        /// The CPUs with a column at both ends.
        private var online: Set<Int> = []
        /// Those with a column at one end only, or with events and none at either.
        private var isAway: Set<Int> = []
        /// The CPUs that were recorded; nil for all.
        private let chosen: [ClosedRange<Int64>]?

        init?(
            _ attachment: SnapshotAttachment, _ name: String, _ source: CounterTable.Source,
            _ traced: (String, Int?) -> [Int: UInt64]?, _ reason: (String, Int?) -> String
        ) {
            guard let start = attachment.part(name, "start"), let end = attachment.part(name, "end") else { return nil }
            self.name = name
            chosen = Coverage.choice(attachment, "cpus")
            var intervals = CounterIntervals(source, keepsHistory: false)
            var heads: [Set<Int>] = []
            do throws(ProcTextError) {
                for part in [start, end] {
                    try intervals.take { (sample: inout CounterSample) throws(ProcTextError) in
                        try sample.fill(from: part)
                    }
                    let table = 0..<intervals.sample.table.cpuCount
                    heads.append(Set(table.map { intervals.sample.table.cpu($0) }.filter(isChosen)))
                }
            } catch {
                return nil
            }
            online = heads[0].intersection(heads[1])
            isAway = heads[0].symmetricDifference(heads[1])
            for index in 0..<intervals.sample.table.rowCount {
                let counts = intervals.sample.table.row(index)
                if counts.isSum || counts.kind == .text { continue }
                let label = intervals.sample.label(counts)
                let irq = counts.irq >= 0 ? Int(counts.irq) : nil
                let seen = traced(label, irq)
                let interval = intervals.interval(index)
                var counted = interval.isKnown ? interval.delta : nil
                var deltas: [Int: UInt64] = [:]
                if counts.kind == .perCPU, counted != nil {
                    for column in 0..<intervals.sample.table.cpuCount {
                        let cpu = intervals.sample.table.cpu(column)
                        if online.contains(cpu) { deltas[cpu] = intervals.delta(index, column) }
                    }
                    counted = deltas.values.reduce(0, &+)
                }
                if counted == 0, seen == nil { continue }
                add(
                    label, irq, intervals.sample.tail(counts), counted, deltas, seen,
                    seen == nil ? reason(label, irq) : nil)
            }
        }

        /// Adds a line that was traced and has no row at the end: nobody knows what was counted.
        mutating func addGone(_ irq: Int, _ action: String, _ traced: [Int: UInt64]) {
            add("\(irq)", irq, action, nil, [:], traced, nil)
        }

        private mutating func add(
            _ label: String, _ irq: Int?, _ text: String, _ counted: UInt64?, _ deltas: [Int: UInt64],
            _ traced: [Int: UInt64]?, _ reason: String?
        ) {
            let calls = (traced ?? [:]).filter { $0.value > 0 }
            isAway.formUnion(calls.keys.filter { !online.contains($0) })
            let cpus = Set(calls.keys).union(deltas.filter { $0.value > 0 }.keys).sorted().map {
                Share(cpu: $0, counted: deltas[$0], traced: calls[$0] ?? 0)
            }
            let sum = calls.reduce(0) { online.contains($1.key) ? $0 &+ $1.value : $0 }
            rows.append(
                Row(
                    table: name, label: label, irq: irq, name: text, counted: counted,
                    traced: traced == nil ? nil : sum,
                    cpus: cpus, reason: reason))
        }

        private func isChosen(_ cpu: Int) -> Bool { chosen?.contains { $0.contains(Int64(cpu)) } ?? true }

        /// The CPUs that are not compared, with what was traced there.
        var uncomparedCPUs: [UncomparedCPU] {
            isAway.sorted().map { cpu in
                let shares = rows.lazy.flatMap(\.cpus).filter { $0.cpu == cpu }
                return UncomparedCPU(cpu: cpu, traced: shares.reduce(0) { $0 &+ $1.traced })
            }
        }
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
