/// The counts of what interrupts bring, beside the softirqs: one run keeps them for the next.
public struct WorkCounts: Equatable, Sendable {
    /// The completed requests of each disk; nil where they cannot be read.
    public var disks: [NamedCount]?
    /// The packets of each network interface, in and out; nil where they cannot be read.
    public var links: [NamedCount]?
    /// The CPU time of an interrupt's threads in nanoseconds, by its number: only of those that were looked at.
    public var threads: [NamedCount] = []
    /// The events of ACPI (`gpe03`); nil where they were not looked at.
    public var events: [NamedCount]?

    /// Creates counts of nothing.
    public init() {}

    /// The first words of the lines of each list, and the line that says that the lists are there.
    private static let (disk, link, thread, event, head) = ("disk", "link", "thread", "event", "work 1")
    private static let entryLimit = 65_536

    /// Lines that stand behind those of /proc/stat in a state file: whoever reads them there passes over what he does not know.
    var text: [UInt8] {
        var text = Self.head + "\n"
        func add(_ word: String, _ list: [NamedCount]?) {
            guard let list else { return }
            // A list that is empty was read all the same.
            text += "\(word)\n"
            for entry in list where Self.isWord(entry.name) { text += "\(word) \(entry.name) \(entry.count)\n" }
        }
        add(Self.disk, disks)
        add(Self.link, links)
        add(Self.thread, threads)
        add(Self.event, events)
        return Array(text.utf8)
    }

    /// The counts among the lines of a text; nil if it says nothing of any.
    init?(_ text: RawSpan) {
        var isThere = false
        var count = 0
        var position = 0
        while position < text.byteCount, count < Self.entryLimit {
            let end = text.endOfLine(from: position)
            let words = Self.words(text, position, end)
            position = end &+ 1
            guard let first = words.first, isThere || (first == "work" && words.count == 2) else { continue }
            isThere = true
            var entry: NamedCount?
            if words.count == 3, let number = UInt64(words[2]) { entry = NamedCount(name: words[1], count: number) }
            guard words.count == 1 || entry != nil else { continue }
            count += 1
            switch first {
            case Self.disk: Self.add(entry, to: &disks)
            case Self.link: Self.add(entry, to: &links)
            case Self.thread: if let entry { threads.append(entry) }
            case Self.event: Self.add(entry, to: &events)
            default: break
            }
        }
        guard isThere else { return nil }
    }

    private static func add(_ entry: NamedCount?, to list: inout [NamedCount]?) {
        if list == nil { list = [] }
        if let entry { list?.append(entry) }
    }

    private static func words(_ text: RawSpan, _ start: Int, _ end: Int) -> [String] {
        guard end - start <= 256 else { return [] }
        let line = (start..<end).map { text.text(at: $0) }
        return line.split(separator: ASCII.blank, maxSplits: 3).map { String(decoding: $0, as: UTF8.self) }
    }

    /// True for a name that can stand in a line of words.
    private static func isWord(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 128 && name.utf8.allSatisfy { $0 > ASCII.blank && $0 < 0x7F }
    }
}

extension WorkCounts {
    /// The rates of a list, by name: of what is in both. Nil where one of them is unknown.
    static func rates(
        _ new: [NamedCount]?, _ old: [NamedCount]?, intervalNanoseconds: UInt64?
    ) -> [String: Double]? {
        guard let new, let old, let intervalNanoseconds, intervalNanoseconds > 0 else { return nil }
        var before: [String: UInt64] = [:]
        for entry in old { before[entry.name] = entry.count }
        var rates: [String: Double] = [:]
        for entry in new {
            guard let count = before[entry.name] else { continue }
            // A count that went back belongs to something else by now.
            guard let moved = CounterIntervals.difference(entry.count, count, intervalNanoseconds: intervalNanoseconds)
            else { continue }
            rates[entry.name, default: 0] += Double(moved) * 1e9 / Double(intervalNanoseconds)
        }
        return rates
    }
}
