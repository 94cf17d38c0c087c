import IRQCore

/// One buffer of a text: trace-cmd writes the names of instances and files in front of each line.
final class TextTrack {
    /// The name; "" for lines without one.
    let name: String
    /// The bytes in front of its lines.
    let prefix: [UInt8]
    /// All that changes with a line, so that each line is one access.
    private var state: TextTrackState

    init(name: String, prefix: [UInt8], feed: consuming EventFeed?, isDeep: Bool) {
        self.name = name
        self.prefix = prefix
        isWanted = feed != nil
        state = TextTrackState(feed, isDeep: isDeep)
    }

    /// True if it was asked for.
    let isWanted: Bool

    /// Feeds an event, or counts it; false if its time lies before that of the last event of its CPU.
    func take(_ item: TextItem, at time: UInt64, text: RawSpan) -> Bool { state.take(item, at: time, text: text) }

    /// Tells of missing events of a CPU, before the next one. Most texts do not say until when: then until that one.
    func lose(_ count: UInt64?, cpu: Int, at time: UInt64?) {
        let last = lastTime(cpu)
        state.feed?.gap(count.map { .counted($0) } ?? .unknown, at: time ?? last, cpu: cpu)
    }

    /// The time of the last event of a CPU; 0 without one.
    func lastTime(_ cpu: Int) -> UInt64 { cpu < state.lastTimes.count ? state.lastTimes[cpu] : 0 }

    /// The highest CPU that was seen; -1 without one.
    var lastCPU: Int { state.lastTimes.count - 1 }

    /// Ends an interval; nil if the buffer was not asked for.
    func takeInterval(vectorNames: [String], unusedNames: [String]) -> BufferResult? {
        state.feed?.takeInterval(buffer: name, vectorNames: vectorNames, unusedNames: unusedNames)
    }

    /// Ends the recording; nil if the buffer was not asked for.
    func finish(vectorNames: [String], unusedNames: [String]) -> BufferResult? {
        guard let feed = state.feed.take() else { return nil }
        return feed.finish(buffer: name, vectorNames: vectorNames, unusedNames: unusedNames)
    }

    /// True while the deep analysis takes the events.
    var isDeep: Bool { state.isDeep }

    /// The number of events of work items that were too late: then it is left out how long items waited.
    var lateWorkCount: UInt64 { state.feed?.lateWorkCount ?? 0 }

    /// The number of events that were too late for the deep analysis, and whether it is left out for that.
    var late: (count: UInt64, isTooMany: Bool) { (state.feed?.lateCount ?? 0, state.feed?.isTooLate ?? false) }
}

/// The way of a buffer's lines into the analysis.
private struct TextTrackState: ~Copyable {
    /// Nil if the buffer was not asked for.
    var feed: EventFeed?
    /// True while the deep analysis takes the events. Asking the feed each time would copy it.
    private(set) var isDeep: Bool
    /// The time of the last event of each CPU.
    private(set) var lastTimes: [UInt64] = []
    /// The tasks whose name is known, a bit for each pid.
    private var namedTasks: [UInt64] = []

    init(_ feed: consuming EventFeed?, isDeep: Bool) {
        self.feed = consume feed
        self.isDeep = isDeep
    }

    mutating func take(_ item: TextItem, at time: UInt64, text: RawSpan) -> Bool {
        let isInOrder = advance(item.cpu, to: time)
        if isDeep, item.pid > 0, !isNamed(item.pid), !item.task.isEmpty { setName(item, text) }
        switch item.kind {
        case .event(let event):
            isDeep = feed?.event(event, text: text, cpu: item.cpu, unused: item.unusedName) ?? false
        case .unused(let name):
            isDeep = feed?.unused(name < 0 ? nil : name, at: time, pid: item.pid, cpu: item.cpu) ?? false
        case .malformed: feed?.malformed()
        default: break
        }
        return isInOrder
    }

    @inline(always)
    private func isNamed(_ pid: Int32) -> Bool {
        let word = Int(pid >> 6)
        return word < namedTasks.count && namedTasks[word] >> UInt64(pid & 63) & 1 != 0
    }

    private mutating func setName(_ item: TextItem, _ text: RawSpan) {
        // No kernel has more tasks.
        guard item.pid < 1 << 22 else { return }
        let word = Int(item.pid >> 6)
        while namedTasks.count <= word { namedTasks.append(0) }
        namedTasks[word] |= 1 << UInt64(item.pid & 63)
        let name = text.string(item.task.start..<item.task.end)
        if name != "<...>" { feed?.name(name, of: item.pid) }
    }

    private mutating func advance(_ cpu: Int, to time: UInt64) -> Bool {
        while lastTimes.count <= cpu { lastTimes.append(0) }
        if time < lastTimes[cpu] { return false }
        lastTimes[cpu] = time
        return true
    }
}

extension TextTrack {
    /// True if a line with this prefix is one of the buffer, as far as that is told at a glance.
    func isPrefix(_ text: RawSpan, _ range: TextRange) -> Bool {
        guard prefix.count == range.byteCount else { return false }
        return prefix.isEmpty || text.begins(with: prefix, at: range.start)
    }
}

extension RawSpan {
    /// The name of a buffer or file in front of a line, with its colon: words that end with colons, and have none but
    /// letters, digits and the like. Empty if there is none, but a stamp of the kernel's log, a quote mark, a line number.
    func bufferName(_ range: TextRange) -> [UInt8] {
        if range.isEmpty || byte(at: range.end - 1) != UInt8(ascii: ":") { return [] }
        var name: [UInt8] = []
        for word in slice(range.start, range.end).split(whereSeparator: { $0 == 0x20 || $0 == 0x09 }) {
            let letters = word.dropLast()
            let isName = letters.contains { !(0x30...0x39).contains($0) && $0 != UInt8(ascii: ":") }
            let isPlain = !letters.contains { Array("[]<>|#*>\"".utf8).contains($0) || $0 < 0x20 }
            guard word.last == UInt8(ascii: ":"), isName, isPlain, !word.elementsEqual("kernel:".utf8) else {
                return []
            }
            name += (name.isEmpty ? [] : [0x20]) + word
        }
        return name
    }
}
