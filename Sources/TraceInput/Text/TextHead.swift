import IRQCore

/// The facts in the lines in front of the events.
struct TextHead {
    /// The CPUs of the recorded machine; nil if the text does not say.
    private(set) var cpuCount: Int?
    /// Events that were overwritten before the first one; nil if the text does not say.
    private(set) var overrunEvents: UInt64?
    /// Events that were in the buffers when they were read, by the kernel's own count; nil if the text does not say.
    private(set) var entryCount: UInt64?
    private static let tracerTitle = Array("# tracer: ".utf8)
    private static let entriesTitle = Array("# entries-in-buffer/entries-written: ".utf8)
    /// The counts of the head that was read last.
    private var last: (entries: UInt64, overrun: UInt64) = (0, 0)

    /// Reads a comment of tracefs; true if it is the first line of a trace.
    ///
    /// ```
    /// # tracer: nop
    /// # entries-in-buffer/entries-written: 585/780   #P:2
    /// ```
    mutating func readComment(_ text: RawSpan, _ start: Int, _ end: Int) -> Bool {
        let line = text.extracting(start..<min(end, start + 200))
        if line.begins(with: Self.tracerTitle) {
            last = (0, 0)
            return true
        }
        let title = Self.entriesTitle
        guard line.begins(with: title) else { return false }
        let words = line.string(title.count..<line.byteCount).split { " \t\r".contains($0) }
        let counts = (words.first ?? "").split(separator: "/").compactMap { UInt64($0) }
        if counts.count == 2, counts[1] >= counts[0] {
            last = (counts[0], counts[1] - counts[0])
            overrunEvents = (overrunEvents ?? 0) &+ last.overrun
            entryCount = (entryCount ?? 0) &+ last.entries
        }
        if words.count > 1, words[1].hasPrefix("#P:") { take(words[1].dropFirst(3)) }
        return false
    }

    /// Reads such a comment where something stands before it, as marks of a mail do; false for another line.
    ///
    /// - Parameter isFirst: becomes true if it is the first line of a trace.
    mutating func readQuotedComment(_ text: RawSpan, _ start: Int, _ end: Int, isFirst: inout Bool) -> Bool {
        for position in start..<min(end, start + 100) where text.byte(at: position) == UInt8(ascii: "#") {
            let line = text.extracting(position..<end)
            guard line.begins(with: Self.tracerTitle) || line.begins(with: Self.entriesTitle) else { continue }
            if readComment(text, position, end) { isFirst = true }
            return true
        }
        return false
    }

    /// Takes back the counts of the head that was read last: it is that of another trace.
    mutating func forgetLast() {
        overrunEvents = overrunEvents.map { $0 &- last.overrun }
        entryCount = entryCount.map { $0 &- last.entries }
        last = (0, 0)
    }

    /// Reads `cpus=2` of trace-cmd, with a file's name in front if there are several.
    mutating func readOther(_ text: RawSpan, _ start: Int, _ end: Int) {
        guard end - start < 300, cpuCount == nil else { return }
        var position = end
        while position > start, let byte = text.byte(at: position - 1), byte >= 0x30, byte < 0x3A { position -= 1 }
        guard position < end, text.begins(with: Array("cpus=".utf8), at: position - 5) else { return }
        take(text.string(position..<end)[...])
    }

    private mutating func take(_ count: Substring) {
        if let count = Int(count), (1...ProcTextLimits.kernelCPUCount).contains(count) {
            cpuCount = max(cpuCount ?? 0, count)
        }
    }
}
