import IRQCore

/// Makes states of a machine out of texts, as a source would.
enum LiveFixture {
    static let second: UInt64 = 1_000_000_000

    /// A row: label, counts for each CPU, and what follows them.
    typealias Row = (label: String, counts: [UInt64], tail: String)

    static func text(_ cpus: [Int], _ rows: [Row]) -> String {
        var text = "     " + cpus.map { "CPU\($0) " }.joined() + "\n"
        for row in rows { text += "\(row.label): " + row.counts.map { "\($0) " }.joined() + row.tail + "\n" }
        return text
    }

    /// Takes a sample of interrupts and softirqs at a time, and learns rows that are new.
    static func sample(
        _ live: inout LiveState, cpus: [Int], rows: [Row], softirqs: [Row] = [], at nanoseconds: UInt64,
        learn: (inout InterruptDetails) -> Void = { _ in }
    ) throws(ProcTextError) {
        func fill(_ sample: inout CounterSample, _ text: String) throws(ProcTextError) {
            (sample.startNanoseconds, sample.endNanoseconds) = (nanoseconds, nanoseconds)
            sample.fillText { buffer in
                buffer.removeAll()
                buffer.append(Array(text.utf8))
            }
            try sample.parse()
        }
        try live.takeInterrupts { (sample: inout CounterSample) throws(ProcTextError) in
            try fill(&sample, text(cpus, rows))
        }
        try live.takeSoftirqs { (sample: inout CounterSample) throws(ProcTextError) in
            try fill(&sample, text(cpus, softirqs))
        }
        live.marks = []
        for row in 0..<live.interrupts.sample.table.rowCount {
            let interval = live.interrupts.interval(row)
            let slot = Int(interval.slot)
            while live.details.count <= slot {
                live.details.append(InterruptDetails(label: "", text: "", irq: nil, kind: .text))
            }
            live.marks.append([])
            if live.details[slot].serial != interval.serial {
                let counts = live.interrupts.sample.table.row(row)
                live.details[slot] = InterruptDetails(
                    label: live.interrupts.sample.label(counts), text: live.interrupts.sample.tail(counts),
                    irq: counts.irq >= 0 ? Int(counts.irq) : nil, kind: counts.kind)
                live.details[slot].serial = interval.serial
                learn(&live.details[slot])
            }
            live.mark(row)
        }
    }
}
