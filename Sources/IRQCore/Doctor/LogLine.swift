/// A line of the kernel's log of this boot.
public struct LogLine: Sendable {
    /// The time since boot in seconds; nil where the line has none.
    public let seconds: Double?
    /// The message, without priority and time.
    public let text: String

    /// Reads `<6>[ 4299.234101] message`, as dmesg(1) and syslog(2) print it; with `-T` the time is a date, which tells no
    /// time since boot.
    public init(_ line: Substring) {
        var rest = line
        if rest.first == "<", let end = rest.firstIndex(of: ">") { rest = rest[rest.index(after: end)...] }
        guard rest.first == "[", let end = rest.firstIndex(of: "]") else {
            (seconds, text) = (nil, String(rest))
            return
        }
        seconds = Double(rest[rest.index(after: rest.startIndex)..<end].trimmingBlanks)
        var message = rest[rest.index(after: end)...].drop { $0 == " " }
        // With printk.caller: "[    T1]" or "[    C0]" follows.
        if message.first == "[", let close = message.firstIndex(of: "]") {
            let caller = message[message.index(after: message.startIndex)..<close].trimmingBlanks
            if let letter = caller.first, letter == "T" || letter == "C", Int(caller.dropFirst()) != nil {
                message = message[message.index(after: close)...].drop { $0 == " " }
            }
        }
        text = String(message)
    }

    /// The lines of the last boot in a log.
    static func lines(_ text: String) -> [LogLine] {
        var result: [LogLine] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
            let line = LogLine(line)
            // The first line of a boot: a log that was kept over boots begins anew.
            if line.text.hasPrefix("Linux version "), line.seconds ?? 0 < 1 { result.removeAll(keepingCapacity: true) }
            result.append(line)
        }
        return result
    }
}
