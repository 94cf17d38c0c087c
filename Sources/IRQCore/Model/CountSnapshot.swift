/// The counts of a box at one moment, since it was started: they have rates at best, and no durations.
public struct CountSnapshot: Sendable {
    /// The name of the file or directory, as the user gave it.
    public var file: String
    /// "proc", or "list" for what `irqscope list --json` printed.
    public var format: String
    /// The kernel's release; nil if it is not told. Untrusted text.
    public var kernel: String?
    /// The CPUs of the table.
    public var cpuCount = 0
    /// The time since the box was started; nil if it is not told.
    public var uptimeNanoseconds: UInt64?
    /// The kernel's random name for its run (boot_id), and the second at which that began (btime).
    public var bootID: String?
    /// The second at which the box was started; nil if it is not told.
    public var bootSeconds: UInt64?
    /// The interrupts and softirqs.
    public private(set) var rows: [ReportRow] = []

    /// Creates a snapshot without rows.
    public init(file: String, format: String) { (self.file, self.format) = (file, format) }

    /// Takes the rows of a box that has been sampled once.
    public mutating func add(_ box: Box) {
        let table = (interrupts: box.interrupts.sample.table.rowCount, softirqs: box.softirqs.sample.table.rowCount)
        cpuCount = table.interrupts > 0 ? box.interrupts.sample.table.cpuCount : box.softirqs.sample.table.cpuCount
        for place in 0..<table.interrupts {
            let row = box.interrupts.sample.table.row(place)
            // Sums repeat other rows; texts have no counts.
            if row.kind == .text || row.isSum { continue }
            add(box.details(place), counts: Self.counts(row, box.interrupts.sample.table))
        }
        for place in 0..<table.softirqs {
            let row = box.softirqs.sample.table.row(place)
            add(softirq: box.softirqs.sample.label(row), counts: Self.counts(row, box.softirqs.sample.table))
        }
    }

    /// Takes what `irqscope list --json` printed; false if it is something else.
    ///
    /// - Parameter cpus: those that count; nil is all.
    public mutating func add(_ document: JSONValue, cpus: Set<Int>?) -> Bool {
        guard document["schema"]?.text == "irqscope.list.v1", let interrupts = document["interrupts"]?.list
        else { return false }
        kernel = document["kernel"]?.text
        let columns = document["cpus"]?.list.map { $0.map { $0.count.flatMap { Int(exactly: $0) } ?? -1 } } ?? []
        cpuCount = columns.count
        for row in interrupts where row["kind"]?.text != "text" && row["is_sum"] != .flag(true) {
            guard let label = row["label"]?.text else { continue }
            let irq = row["irq"]?.count.flatMap { Int(exactly: $0) }
            var details = InterruptDetails(label: label, text: row["text"]?.text ?? "", irq: irq)
            if irq != nil, let actions = row["actions"]?.list { details.actions = actions.compactMap(\.text) }
            details.devices = (row["devices"]?.list ?? []).compactMap(Self.device)
            let isPerCPU = row["kind"]?.text == "per_cpu"
            add(details, counts: Self.counts(row, isPerCPU ? columns : [], cpus))
        }
        for row in document["softirqs"]?.list ?? [] {
            guard let name = row["name"]?.text else { continue }
            let columns = document["softirq_cpus"]?.list.map { $0.map { $0.count.flatMap { Int(exactly: $0) } ?? -1 } }
            add(softirq: name, counts: Self.counts(row, columns ?? [], cpus))
        }
        return true
    }

    /// A row's counts with their CPUs; nil for a count that is no CPU's.
    private typealias Counts = [(cpu: Int?, count: UInt64)]

    private static func counts(_ row: JSONValue, _ columns: [Int], _ cpus: Set<Int>?) -> Counts {
        let counts = (row["counts"]?.list ?? []).map { $0.count ?? 0 }
        guard columns.count == counts.count else { return counts.map { (nil, $0) } }
        return zip(columns, counts).compactMap { cpu, count in
            if let cpus, !cpus.contains(cpu) { return nil }
            return (cpu < 0 ? nil : cpu, count)
        }
    }

    private static func counts(_ row: CounterRow, _ table: borrowing CounterTable) -> Counts {
        var result: Counts = []
        for index in 0..<row.countCount {
            result.append((row.kind == .perCPU ? table.cpu(index) : nil, table.count(row, index)))
        }
        return result
    }

    private static func device(_ value: JSONValue) -> Device? {
        guard let address = value["address"]?.text else { return nil }
        return Device(
            address: address, bus: value["bus"]?.text ?? "", driver: value["driver"]?.text, name: value["name"]?.text)
    }

    private mutating func add(_ details: InterruptDetails, counts: Counts) {
        // A row of the architecture is known by its label, but for IPIs, which are numbered anew from kernel to kernel.
        let isNumbered = details.label.hasPrefix("IPI") && details.label.last?.isNumber == true
        let isNamed = details.irq != nil || isNumbered
        let name = isNamed && !details.name.isEmpty ? details.name : details.label
        add(
            RowKey(
                kind: .irq, number: Int64(details.irq ?? -1), name: name,
                device: details.devices.count == 1 ? details.devices[0] : nil), counts)
    }

    private mutating func add(softirq name: String, counts: Counts) {
        let number = SoftirqNames.all.firstIndex(of: name) ?? -1
        add(RowKey(kind: .softirq, number: Int64(number), name: name), counts)
    }

    private mutating func add(_ key: RowKey, _ counts: Counts) {
        var row = ReportRow(key)
        row.calls = counts.reduce(0) { $0 &+ $1.count }
        if counts.allSatisfy({ $0.cpu != nil }) {
            for (cpu, count) in counts {
                row.add(CPUShare(cpu: cpu ?? 0, calls: count, count: 0, totalNanoseconds: 0, selfNanoseconds: 0))
            }
        }
        rows.append(row)
    }

    /// The same as a report whose window is the time since the box was started.
    public var report: Report {
        var source = RecordingSource(
            file: file, format: format, clock: nil, isClockNanoseconds: true, cpuCount: cpuCount, machine: kernel,
            buffers: [""])
        source.tellsLosses = false
        var report = Report(
            source: source, buffers: [], symbols: [:], tasks: [:], slowCount: 0, overrunEvents: nil, notes: [])
        report.rows = rows
        if let uptimeNanoseconds { (report.startNanoseconds, report.endNanoseconds) = (0, uptimeNanoseconds) }
        return report
    }

    /// True if the other is of the same run of the same kernel, as far as can be told; nil if it cannot.
    public func isSameBoot(as other: CountSnapshot) -> Bool? {
        if let bootID, let otherID = other.bootID { return bootID == otherID }
        guard let bootSeconds, let second = other.bootSeconds else { return nil }
        // The clock may have been set by a little meanwhile; two boxes seldom start in the same second.
        return max(bootSeconds, second) - min(bootSeconds, second) <= 1
    }
}
