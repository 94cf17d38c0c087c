internal import IRQCore

/// The kernel's counts for one CPU's buffer, from its per_cpu/cpuN/stats.
///
///     entries: 67            events to be read
///     overrun: 0             overwritten before they were read
///     commit overrun: 0      lost because an interrupt filled the buffer while it wrote
///     bytes: 3676
///     oldest event ts:  5145.480107
///     now ts:  5145.480143
///     dropped events: 0      not written because the buffer was full
///     read events: 12
public struct TraceStatistics: Sendable, BitwiseCopyable, Equatable {
    /// Events in the buffer, to be read.
    public internal(set) var entries: UInt64 = 0
    /// Events that were overwritten before they were read.
    public internal(set) var overrun: UInt64 = 0
    /// Events that were lost because interrupts filled the whole buffer while an event was being written.
    public internal(set) var commitOverrun: UInt64 = 0
    /// Bytes of the events in the buffer.
    public internal(set) var bytes: UInt64 = 0
    /// Events that found the buffer full (only if old events are not overwritten).
    public internal(set) var droppedEvents: UInt64 = 0
    /// Events that were read.
    public internal(set) var readEvents: UInt64 = 0
    /// The trace clock's time of the oldest event in the buffer, cut to microseconds; 0 if there is none.
    public internal(set) var oldestMicroseconds: UInt64 = 0
    /// The trace clock's time when the kernel wrote this.
    public internal(set) var nowMicroseconds: UInt64 = 0

    /// All zero.
    public init() {}

    /// Reads the text; lines that are not known are passed over.
    public init(_ text: RawSpan) {
        var start = 0
        while start < text.byteCount {
            var end = start
            while let byte = text.byte(at: end), byte != 0x0A { end += 1 }
            take(text.extracting(start..<end))
            start = end + 1
        }
    }

    /// Events that were lost in one way or another.
    public var lost: UInt64 { overrun &+ commitOverrun &+ droppedEvents }

    private mutating func take(_ line: RawSpan) {
        if line.begins(with: "entries:") {
            entries = Self.number(line, 8)
        } else if line.begins(with: "overrun:") {
            overrun = Self.number(line, 8)
        } else if line.begins(with: "commit overrun:") {
            commitOverrun = Self.number(line, 15)
        } else if line.begins(with: "bytes:") {
            bytes = Self.number(line, 6)
        } else if line.begins(with: "oldest event ts:") {
            oldestMicroseconds = Self.microseconds(line, 16)
        } else if line.begins(with: "now ts:") {
            nowMicroseconds = Self.microseconds(line, 7)
        } else if line.begins(with: "dropped events:") {
            droppedEvents = Self.number(line, 15)
        } else if line.begins(with: "read events:") {
            readEvents = Self.number(line, 12)
        }
    }

    private static func number(_ line: RawSpan, _ offset: Int) -> UInt64 {
        line.decimal(at: skippingBlanks(line, offset))?.value ?? 0
    }

    /// "5145.480107"; a clock that does not count nanoseconds has no such form and gives 0.
    private static func microseconds(_ line: RawSpan, _ offset: Int) -> UInt64 {
        guard let (seconds, point) = line.decimal(at: skippingBlanks(line, offset)), line.byte(at: point) == 0x2E,
            let (fraction, end) = line.decimal(at: point + 1), end == point + 7
        else { return 0 }
        return seconds &* 1_000_000 &+ fraction
    }

    private static func skippingBlanks(_ line: RawSpan, _ offset: Int) -> Int {
        var offset = offset
        while line.byte(at: offset) == 0x20 { offset += 1 }
        return offset
    }

    /// The text as the kernel has it in per_cpu/cpuN/stats (kernel/trace/trace.c `tracing_stats_read`).
    public var text: String {
        func seconds(_ microseconds: UInt64) -> String {
            let fraction = String(microseconds % 1_000_000)
            return "\(microseconds / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
        }
        return """
            entries: \(entries)
            overrun: \(overrun)
            commit overrun: \(commitOverrun)
            bytes: \(bytes)
            oldest event ts: \(seconds(oldestMicroseconds))
            now ts: \(seconds(nowMicroseconds))
            dropped events: \(droppedEvents)
            read events: \(readEvents)

            """
    }
}
