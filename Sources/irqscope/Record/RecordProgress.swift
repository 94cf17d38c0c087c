internal import Glibc
internal import Rendering

/// A line on the terminal that says how a recording goes; nothing where standard error is none.
struct RecordProgress {
    private let isTerminal = isatty(2) == 1
    private let start = TopPlan.now()
    private var next = TopPlan.now()

    /// Whether it is time for another line.
    var isDue: Bool { isTerminal && TopPlan.now() >= next }

    /// Writes the line anew.
    mutating func show(events: UInt64, lost: UInt64, storedByteCount: Int, hint: String) {
        next = TopPlan.now() + 500_000_000
        let seconds = (TopPlan.now() - start) / 1_000_000_000
        let megabytes = storedByteCount / 1_000_000
        let loss = lost > 0 ? "LOST \(Units.count(lost))" : "none lost"
        write("\r\u{1B}[Kirqscope: \(seconds) s, \(Units.count(events)) events, \(loss), \(megabytes) MB; \(hint)")
    }

    /// Takes the line away.
    func clear() { if isTerminal { write("\r\u{1B}[K") } }

    private func write(_ text: String) { writeAll(2, Array(text.utf8)) }
}
