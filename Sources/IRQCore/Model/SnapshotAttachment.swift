/// The kernel's own counts from the start and the end of a recording, as `record` puts them into the file.
///
/// ```
/// irqscope-snapshots 1\n
/// interrupts start 81234567890 2292\n        name, when, CLOCK_MONOTONIC in ns, bytes
/// …2292 bytes of /proc/interrupts…\n
/// softirqs start …
/// switch start 81234591234 0\n                 when the trace was switched on
/// interrupts end …
/// softirqs end …
/// switch end …
/// missing end 0 14                             events at the end that are not in the recording: CPU and count
/// 0 80403\n1 77\n
/// lines start 0 233                            the hardware, see `HardwareMap`
/// …
/// ```
/// Plain text, so that it can be read with nothing but `strings` and `tail` if all else fails. Parts with other names are
/// skipped.
public struct SnapshotAttachment: Equatable, Sendable {
    /// One file of /proc as it was.
    public struct Part: Equatable, Sendable {
        /// `interrupts`, `softirqs`, `switch`, `missing`, `trigger`, `cpus`, `irqs` or `tasks` that were chosen, or one of
        /// `HardwareMap`'s.
        public var name: String
        /// `start`, `end` or `choice`.
        public var moment: String
        /// CLOCK_MONOTONIC when it was read or happened, in nanoseconds.
        public var timeNanoseconds: UInt64
        /// Its bytes.
        public var text: [UInt8]

        /// Creates a part.
        public init(name: String, moment: String, timeNanoseconds: UInt64, text: [UInt8]) {
            self.name = name
            self.moment = moment
            self.timeNanoseconds = timeNanoseconds
            self.text = text
        }
    }

    /// The parts in the order they were written.
    public var parts: [Part] = []

    private static let title = "irqscope-snapshots 1\n"
    /// More parts than this are not read.
    private static let partLimit = 64

    /// Creates an attachment without parts.
    public init() {}

    /// Reads an attachment; nil if it is none, or damaged.
    public init?(_ bytes: [UInt8]) {
        guard bytes.starts(with: Self.title.utf8) else { return nil }
        var rest = bytes[Self.title.utf8.count...]
        while !rest.isEmpty {
            guard parts.count < Self.partLimit, let end = rest.firstIndex(of: ASCII.newline) else { return nil }
            let words = rest[..<end].split(separator: ASCII.blank).map { String(decoding: $0, as: UTF8.self) }
            rest = rest[(end + 1)...]
            guard words.count == 4, let time = UInt64(words[2]), let count = Int(words[3]), count >= 0,
                count < rest.count, rest[rest.startIndex + count] == ASCII.newline
            else { return nil }
            let text = Array(rest.prefix(count))
            parts.append(Part(name: words[0], moment: words[1], timeNanoseconds: time, text: text))
            rest = rest.dropFirst(count + 1)
        }
    }

    /// The attachment's bytes.
    public var bytes: [UInt8] {
        var bytes = Array(Self.title.utf8)
        for part in parts {
            bytes += "\(part.name) \(part.moment) \(part.timeNanoseconds) \(part.text.count)\n".utf8
            bytes += part.text
            bytes.append(ASCII.newline)
        }
        return bytes
    }

    /// Adds how many events at the end of each CPU are not in the recording: nobody read them, or the disk was full.
    public mutating func addMissing(_ events: [(cpu: Int, count: UInt64)]) {
        if events.isEmpty { return }
        let text = events.map { "\($0.cpu) \($0.count)\n" }.joined()
        parts.append(Part(name: "missing", moment: "end", timeNanoseconds: 0, text: Array(text.utf8)))
    }

    /// The entries that `addMissing` added; lines that make no sense are passed over.
    public var missingEvents: [(cpu: Int, count: UInt64)] {
        guard let part = part("missing", "end") else { return [] }
        return part.text.split(separator: ASCII.newline).compactMap { line in
            let words = line.split(separator: ASCII.blank).map { String(decoding: $0, as: UTF8.self) }
            guard words.count == 2, let cpu = Int(words[0]), cpu >= 0, let count = UInt64(words[1]) else { return nil }
            return (cpu, count)
        }
    }

    /// The tasks whose switches and wake-ups alone were recorded, as `record --threads` takes them; nil if all were.
    public var chosenTasks: String? { part("tasks", "choice").map { String(decoding: $0.text, as: UTF8.self) } }

    /// Adds why a flight recording was written, in words, and when that happened, in CLOCK_MONOTONIC nanoseconds.
    public mutating func addTrigger(_ reason: String, at time: UInt64) {
        parts.append(Part(name: "trigger", moment: "choice", timeNanoseconds: time, text: Array(reason.utf8)))
    }

    /// The trigger that `addTrigger` added. Untrusted text.
    public var trigger: (reason: String, timeNanoseconds: UInt64)? {
        part("trigger", "choice").map { (String(decoding: $0.text, as: UTF8.self), $0.timeNanoseconds) }
    }

    /// The times at which tracing began and ended, in CLOCK_MONOTONIC nanoseconds; nil if not both are told.
    public var tracedNanoseconds: ClosedRange<UInt64>? {
        guard let start = part("switch", "start")?.timeNanoseconds, let end = part("switch", "end")?.timeNanoseconds,
            start <= end
        else { return nil }
        return start...end
    }

    /// True if the recording holds all from the start of the trace on, not only its last seconds.
    public var isFromStart: Bool { part("switch", "start") != nil }

    /// The time between the counts of a file and the trace, at both ends together; nil if that was not noted.
    func skewNanoseconds(_ name: String) -> UInt64? {
        var sum: UInt64 = 0
        for moment in ["start", "end"] {
            guard let counts = part(name, moment)?.timeNanoseconds,
                let change = part("switch", moment)?.timeNanoseconds
            else { return nil }
            sum &+= max(counts, change) - min(counts, change)
        }
        return sum
    }

    /// The part with this name and moment.
    func part(_ name: String, _ moment: String) -> Part? { parts.first { $0.name == name && $0.moment == moment } }
}
