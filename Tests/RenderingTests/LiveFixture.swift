import IRQCore
import TestSupport

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
        _ live: Box, cpus: [Int], rows: [Row], softirqs: [Row] = [], at nanoseconds: UInt64,
        learn: (inout InterruptDetails) -> Void = { _ in }
    ) throws(ProcTextError) {
        func fill(_ sample: inout CounterSample, _ text: String) throws(ProcTextError) {
            (sample.startNanoseconds, sample.endNanoseconds) = (nanoseconds, nanoseconds)
            try sample.read(Array(text.utf8))
        }
        try live.takeInterrupts { (sample: inout CounterSample) throws(ProcTextError) in
            try fill(&sample, text(cpus, rows))
        }
        try live.takeSoftirqs { (sample: inout CounterSample) throws(ProcTextError) in
            try fill(&sample, text(cpus, softirqs))
        }
        live.marks = []
        for row in 0..<live.interrupts.sample.table.rowCount {
            live.marks.append([])
            if live.isUnknown(row) {
                live.learn(row) {
                    learn(&$0)
                    return true
                }
            }
            live.mark(row)
        }
    }
}
