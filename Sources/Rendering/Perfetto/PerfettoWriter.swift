public import IRQCore

/// A timeline for ui.perfetto.dev: a track for each CPU with what ran there, nested, and counters of rates.
///
/// The wire format is written by hand. The whole of it that is needed is three kinds of fields, 60 lines; code made from
/// .proto files would add SwiftProtobuf (and a program that makes the code) to the build and 1.5 MB to a static binary, and
/// makes an object for each packet, of which there are two a span: here a packet is a dozen bytes that are put one by one. Our
/// reader of such traces is by hand as well.
///
/// Each track has a sequence of packets of its own, whose clock counts from packet to packet, so that a begin takes some 14
/// bytes and an end some 12; names are told once a sequence.
public final class PerfettoWriter {
    /// The first bytes of any such file say which program wrote it.
    private static let program = "irqscope"

    private var tracks = PerfettoTracks()
    private var titles: [SpanTitle] = []
    private var names = RecordingNames()
    private var label = ""
    /// The tracks of each CPU and sort of spans, by places in `lanes`.
    private var lists: [LaneKey: Int] = [:]
    private var lanes: [[PerfettoLane]] = []
    private var rates = RateTracks(start: 0, windowNanoseconds: 0, rowCount: 0)
    /// The sequence of the rates, its time, and the track of each row that has one.
    private var rateSequence: UInt64?
    private var rateTime: UInt64 = 0
    private var rateTracks: [Int: UInt64] = [:]
    /// The arrows that begin at the next span of a CPU, if that begins at their time.
    private var arrows: [ArrowKey: (time: UInt64, numbers: [UInt64])] = [:]
    /// The numbers of the arrows that have begun and not ended, by those of the recording.
    private var openArrows: [UInt64: UInt64] = [:]
    /// The numbers that are free again, and the highest one so far: as an arrow's number is told at both of its ends, it is a low one.
    private var freeArrows: [UInt64] = []
    private var lastArrow: UInt64 = 0

    private struct ArrowKey: Hashable {
        let buffer: String
        let cpu: UInt32
    }

    /// A set of tracks on which spans of one sort are put.
    private struct LaneKey: Hashable {
        let buffer: String
        let cpu: UInt32
        let sort: Sort
    }

    /// The sorts of spans, in the order in which a CPU shows them.
    private enum Sort: Int {
        case context, work, waits

        init(_ title: SpanTitle) {
            self = title.measure != .duration ? .waits : title.kind == .work ? .work : .context
        }

        var ending: String {
            switch self {
            case .context: ""
            case .work: " work"
            case .waits: " waits"
            }
        }
    }

    /// Creates a writer, of one file.
    public init() {}

    /// True if a file that begins so was written here.
    public static func isTimeline(_ begin: [UInt8]) -> Bool {
        let mark = Array(program.utf8)
        guard begin.count > 8 + mark.count, begin[0] == 0x0A else { return false }
        return (2..<8).contains { begin[$0...].starts(with: mark) }
    }

    // MARK: Recordings

    /// Begins a recording.
    ///
    /// - Parameters:
    ///   - unitNanoseconds: the steps in which the times of all that is written differ.
    ///   - label: names it where there are several.
    public func begin(
        _ report: Report, titles: [SpanTitle], names: RecordingNames, unitNanoseconds: UInt64, version: String,
        label: String?,
        to output: inout ByteOutput
    ) {
        if !tracks.isBegun {
            tracks.begin(clock: report.source.clock)
            output.putPacket { packet in
                packet.put(PacketField.systemInfo) { $0.put(4, "\(Self.program) \(version)") }
            }
        }
        (self.titles, self.names, self.label) = (titles, names, label ?? "Interrupts")
        tracks.unitNanoseconds = unitNanoseconds
        rates = RateTracks(
            start: report.startNanoseconds ?? 0, windowNanoseconds: report.windowNanoseconds ?? 0,
            rowCount: titles.count)
    }

    /// Ends a recording, and all that is open.
    public func end(to output: inout ByteOutput) {
        write(rates.finish(), to: &output)
        for list in lanes.indices {
            for place in lanes[list].indices { lanes[list][place].endAll(&output) }
        }
        (lists, lanes, rateTracks, arrows, openArrows) = ([:], [], [:], [:], [:])
        rateSequence = nil
        tracks.endRecording()
    }

    // MARK: Spans

    /// Writes a span, a run or an arrow; they come in the order of time.
    public func write(_ item: TimelineItem, to output: inout ByteOutput) {
        switch item {
        case .span(let span): write(span, to: &output)
        case .run(let run, let buffer): write(run, buffer, to: &output)
        case .gap(let gap, let buffer):
            writeContext(
                2 << 32, onCPU: gap.cpu, of: buffer, from: gap.startNanoseconds, to: gap.endNanoseconds,
                &output
            ) { "events lost [gap]" }
        case .arrow(let arrow, let buffer):
            let key = ArrowKey(buffer: buffer, cpu: arrow.cpu)
            if arrows[key]?.time == arrow.startNanoseconds {
                arrows[key]?.numbers.append(arrow.selfNanoseconds)
            } else {
                arrows[key] = (arrow.startNanoseconds, [arrow.selfNanoseconds])
            }
        }
    }

    private func write(_ span: FinishedSpan, to output: inout ByteOutput) {
        let title = titles[Int(span.row)]
        if title.kind == .irq { write(rates.count(Int(span.row), at: span.startNanoseconds), to: &output) }
        let (start, end) = (span.startNanoseconds, max(span.endNanoseconds, span.startNanoseconds))
        let sort = Sort(title)
        let flows = sort == .context ? takeArrows(title.buffer, span) : []
        let (list, lane) = lane(LaneKey(buffer: title.buffer, cpu: span.cpu, sort: sort), from: start, to: end, &output)
        lanes[list][lane].begin(
            Int64(span.row), from: start, to: end, flows: flows, &output, name: { Self.name(of: title) })
    }

    /// The arrows that begin at a span.
    private func takeArrows(_ buffer: String, _ span: FinishedSpan) -> [UInt64] {
        if arrows.isEmpty { return [] }
        guard let found = arrows.removeValue(forKey: ArrowKey(buffer: buffer, cpu: span.cpu)),
            found.time == span.startNanoseconds
        else { return [] }
        return found.numbers.map { number in
            if freeArrows.isEmpty { lastArrow += 1 }
            let arrow = freeArrows.popLast() ?? lastArrow
            openArrows[number] = arrow
            return arrow
        }
    }

    private func write(_ run: FinishedSpan, _ buffer: String, to output: inout ByteOutput) {
        var arrow: UInt64 = 0
        // The span at its other end may have been left out.
        if run.selfNanoseconds != 0, let open = openArrows.removeValue(forKey: run.selfNanoseconds) {
            arrow = open
            freeArrows.append(open)
        }
        writeContext(
            1 << 32 | Int64(run.pid), onCPU: run.cpu, of: buffer, from: run.startNanoseconds, to: run.endNanoseconds,
            arrow: arrow, &output
        ) { [names] in "\(names.task(run.pid) ?? "<...>") [task \(run.pid)]" }
    }

    /// Writes what is no span of a row onto the track of what a CPU does.
    private func writeContext(
        _ key: Int64, onCPU cpu: UInt32, of buffer: String, from start: UInt64, to end: UInt64, arrow: UInt64 = 0,
        _ output: inout ByteOutput, name: () -> String
    ) {
        guard end >= start else { return }
        let (list, lane) = lane(LaneKey(buffer: buffer, cpu: cpu, sort: .context), from: start, to: end, &output)
        lanes[list][lane].begin(key, from: start, to: end, endingFlow: arrow, &output, name: name)
    }

    /// The words on a span: the name first, for short ones show their beginning only.
    static func name(of title: SpanTitle) -> String {
        "\(title.name) [\(title.word)\(title.number.map { " \($0)" } ?? "")]"
    }

    /// The first track of a set on which a span fits, made if there is none.
    private func lane(
        _ key: LaneKey, from start: UInt64, to end: UInt64, _ output: inout ByteOutput
    ) -> (list: Int, lane: Int) {
        let list: Int
        if let known = lists[key] {
            list = known
        } else {
            list = lanes.count
            lists[key] = list
            lanes.append([])
        }
        for place in lanes[list].indices where lanes[list][place].makeRoom(from: start, to: end, &output) {
            return (list, place)
        }
        let place = lanes[list].count
        // Tracks of one name below one parent are shown as one, several rows high.
        let ending = key.sort.ending + (place > 0 && key.sort == .context ? " preempted" : "")
        let sequence = tracks.add(
            "CPU \(key.cpu)\(ending)", below: root(key.buffer, &output),
            rank: UInt64(key.cpu) * 4 + UInt64(key.sort.rawValue), at: start, &output)
        lanes[list].append(PerfettoLane(sequence: sequence, time: start, unit: tracks.unitNanoseconds))
        return (list, place)
    }

    private func root(_ buffer: String, _ output: inout ByteOutput) -> UInt64 {
        tracks.root(label + (buffer.isEmpty ? "" : " (buffer \(buffer))"), &output)
    }

    // MARK: Rates

    /// Writes changes of rates, each on the track of its row.
    private func write(_ changes: [RateTracks.Change], to output: inout ByteOutput) {
        for change in changes {
            let sequence: UInt64
            if let known = rateSequence {
                sequence = known
            } else {
                sequence = tracks.addSequence(at: change.time, &output)
                (rateSequence, rateTime) = (sequence, change.time)
            }
            let track: UInt64
            if let known = rateTracks[change.row] {
                track = known
            } else {
                let title = titles[change.row]
                track = tracks.addCounter(
                    Self.name(of: title), unit: "calls/s", below: root(title.buffer, &output), &output)
                rateTracks[change.row] = track
            }
            let delta = change.time - min(rateTime, change.time)
            rateTime = max(rateTime, change.time)
            output.putPacket { packet in
                packet.put(PacketField.timestamp, delta)
                packet.put(PacketField.sequence, sequence)
                packet.put(PacketField.trackEvent) { event in
                    event.put(EventField.type, EventType.counter)
                    event.put(EventField.track, track)
                    event.put(EventField.counterValue, change.perSecond)
                }
            }
        }
    }
}
