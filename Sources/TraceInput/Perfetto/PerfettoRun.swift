import IRQCore

/// One way through the events of a stream, from its bundles to the analysis.
struct PerfettoRun: ~Copyable {
    private let contents: PerfettoContents
    private let stream: PerfettoStream
    private let texts: PerfettoTexts
    private var feed: EventFeed
    private var events: PerfettoEvents
    private var tracks: [PerfettoTrack]
    private var heap: MinimumHeap<Head>
    /// The work that each thread runs: its index may be another one when it ends.
    private var running: [Int32: (work: UInt64, cpu: Int)] = [:]
    private var scratch: [UInt8] = []
    /// Events that lie before the one before on their CPU.
    private(set) var earlierCount = 0
    private var released = 0

    /// A CPU's next event in the order of time; the lower CPU first.
    private struct Head: HeapElement {
        let time: UInt64
        let place: Int

        func isBefore(_ other: Head) -> Bool { (time, place) < (other.time, other.place) }
    }

    /// Larger numbers are no indexes: old versions wrote addresses.
    private static let indexLimit: UInt64 = 1 << 24
    /// The function of events whose function the trace does not name.
    static let unknownFunction: UInt64 = 1
    private static let runningLimit = 1 << 16
    private static let releasedByteCount = 16 << 20

    init(_ contents: PerfettoContents, stream: Int, texts: PerfettoTexts, _ options: AnalysisOptions) {
        self.contents = contents
        self.stream = contents.streams[stream]
        self.texts = texts
        feed = EventFeed(options, buffer: self.stream.name)
        events = contents.events
        tracks = self.stream.tracks(switchPlace: contents.events.switchPlace)
        heap = MinimumHeap(capacity: max(tracks.count, 1))
    }

    /// The time of the first event; nil without one.
    static func firstTime(_ file: RawSpan, _ contents: PerfettoContents, stream: Int) -> UInt64? {
        var events = contents.events
        var first: UInt64?
        for var track in contents.streams[stream].tracks(switchPlace: events.switchPlace)
        where track.advance(file, &events) {
            first = min(first ?? .max, track.time)
        }
        return first
    }

    /// Leads all events through the analysis in the order of time: each CPU has its own in order.
    mutating func run(_ file: borrowing MappedFile) {
        let bytes = file.bytes
        for place in tracks.indices where tracks[place].advance(bytes, &events) {
            heap.insert(Head(time: tracks[place].time, place: place))
        }
        while heap.count > 0 {
            let place = heap[0].place
            take(place, bytes)
            let bundle = tracks[place].bundle.start
            if tracks[place].advance(bytes, &events) {
                heap.replaceFirst(with: Head(time: tracks[place].time, place: place))
                if tracks[place].bundle.start != bundle { release(file) }
            } else {
                heap.removeFirst()
            }
        }
        for place in tracks.indices { note(malformed: tracks[place].malformedCount) }
    }

    /// Ends the run.
    consuming func finish() -> BufferResult {
        let names = events.events.map(\.name)
        return feed.finish(buffer: stream.name, vectorNames: events.vectorNames, unusedNames: names)
    }

    /// Gives back the pages of the mapped file that all CPUs are behind.
    private mutating func release(_ file: borrowing MappedFile) {
        var first = Int.max
        for place in tracks.indices { first = min(first, tracks[place].bundle.start) }
        guard first - released > Self.releasedByteCount else { return }
        file.release(released..<first)
        released = first
    }

    private mutating func note(malformed count: Int) {
        for _ in 0..<count { feed.malformed() }
    }

    private mutating func take(_ place: Int, _ bytes: RawSpan) {
        let (item, time, cpu) = (tracks[place].item, tracks[place].time, tracks[place].cpu)
        note(malformed: tracks[place].malformedCount)
        if tracks[place].isEarlier { earlierCount += 1 }
        if tracks[place].isAfterLoss || tracks[place].isEarlier {
            feed.gap(.unknown, at: time, cpu: cpu)
            running = running.filter { $0.value.cpu != cpu }
        }
        guard let kind = item.kind else {
            feed.unused(item.place, at: time, pid: item.pid, cpu: cpu)
            return
        }
        var numbers = item.numbers
        translate(kind, &numbers, item, cpu, tracks[place].bundle)
        if !item.reason.isEmpty { numbers.0 = texts.place(of: bytes.text(item.reason)) }
        let event = TraceEvent(
            kind, time: time, pid: item.pid, numbers: numbers, textByteCount: Int32(clamping: item.text.count),
            flags: item.flags)
        guard kind == .schedSwitch else {
            feed.event(event, text: bytes.extracting(item.text), cpu: cpu, unused: item.place)
            return
        }
        // Both names, one behind the other.
        scratch.removeAll(keepingCapacity: true)
        for offset in item.text { scratch.append(bytes.byte(at: offset) ?? 0) }
        let second = scratch.count
        if item.secondText.isEmpty {
            scratch += Array((contents.taskNames[item.pid] ?? "<...>").utf8)
        } else {
            for offset in item.secondText { scratch.append(bytes.byte(at: offset) ?? 0) }
        }
        let names = scratch
        let span = names.span
        feed.event(
            event.withSecondText(at: second, byteCount: names.count - second),
            text: unsafe span.bytes, cpu: cpu, unused: item.place)  // plain bytes have no padding
    }

    /// Makes numbers that mean the same everywhere of the indexes that hold for one reading of the kernel's buffers.
    private mutating func translate(
        _ kind: EventKind, _ numbers: inout (UInt64, UInt64, UInt64, UInt64), _ item: PerfettoItem, _ cpu: Int,
        _ bundle: PerfettoBundle
    ) {
        if PerfettoEvent.isFunction(kind, 0) { numbers.0 = function(numbers.0, bundle) }
        if PerfettoEvent.isFunction(kind, 1) { numbers.1 = function(numbers.1, bundle) }
        guard PerfettoEvent.isObject(kind, 0), numbers.0 < Self.indexLimit else { return }
        let index = numbers.0
        numbers.0 |= UInt64(UInt32(bitPattern: bundle.scope)) << 24
        if kind == .workStart {
            guard running.count < Self.runningLimit || running[item.pid] != nil else { return }
            running[item.pid] = (numbers.0, cpu)
        } else if kind == .workEnd, let begun = running.removeValue(forKey: item.pid) {
            // A thread runs one item at a time. In one scope it must be the same one.
            let isSameScope = begun.work >> 24 == numbers.0 >> 24
            if !isSameScope || begun.work & (Self.indexLimit - 1) == index { numbers.0 = begun.work }
        }
    }

    private func function(_ index: UInt64, _ bundle: PerfettoBundle) -> UInt64 {
        if index >= Self.indexLimit { return index }
        return Self.unknownFunction + UInt64(stream.symbol(index, table: bundle.table) ?? 0)
    }
}

/// Texts that stand for addresses, by the order in which they came.
final class PerfettoTexts {
    private(set) var texts: [String] = []
    private var places: [String: UInt64] = [:]
    private static let limit = 4096

    /// The number of a text, which stands for its address.
    func place(of text: String) -> UInt64 {
        if let place = places[text] { return place }
        guard texts.count < Self.limit else { return 0 }
        texts.append(text)
        places[text] = UInt64(texts.count)
        return UInt64(texts.count)
    }

    /// The texts by their numbers.
    var byPlace: [UInt64: String] {
        Dictionary(uniqueKeysWithValues: texts.enumerated().map { (UInt64($0 + 1), $1) })
    }
}

extension PerfettoStream {
    /// The CPUs, each at its first event.
    fileprivate func tracks(switchPlace: Int) -> [PerfettoTrack] {
        bundles.sorted { $0.key < $1.key }.map { PerfettoTrack($0.key, $0.value, switchPlace: switchPlace) }
    }
}
