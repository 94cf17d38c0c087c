internal import IRQCore

internal import FilePlaces
internal import Glibc
internal import KernelSource
internal import Rendering

/// A line on the terminal that says how a recording goes; nothing where standard error is none.
struct RecordProgress {
    private let isTerminal: Bool
    private let start = KernelClock.monotonic()
    private var next = KernelClock.monotonic()

    /// - Parameter isShown: false if the terminal belongs to somebody else, such as a command.
    init(isShown: Bool) { isTerminal = isShown && isatty(2) == 1 }

    /// True if it is time for another line.
    var isDue: Bool { isTerminal && KernelClock.monotonic() >= next }

    /// Writes the line anew, cut to what fits: a line that wraps could not be taken away again.
    mutating func show(events: UInt64, lost: UInt64, storedByteCount: Int?, hint: String) {
        next = KernelClock.monotonic() + 500_000_000
        let seconds = (KernelClock.monotonic() - start) / 1_000_000_000
        var parts = ["irqscope: \(seconds) s", "\(Units.count(events)) events"]
        if let storedByteCount {
            parts.append(lost > 0 ? "LOST \(Units.count(lost))" : "none lost")
            parts.append("\(Units.count(UInt64(storedByteCount / 1_000_000))) MB")
        }
        let line = parts.joined(separator: ", ") + "; " + hint
        write("\r\u{1B}[K" + line.prefix(Self.width - 1))
    }

    /// Takes the line away.
    func clear() { if isTerminal { write("\r\u{1B}[K") } }

    private static var width: Int {
        var size = winsize()
        guard unsafe ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
        return Int(size.ws_col)
    }

    private func write(_ text: String) { writeAll(2, Array(text.utf8)) }
}
