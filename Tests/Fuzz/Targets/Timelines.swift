@testable import IRQCore
import Rendering
import TraceInput

/// Spans, runs, gaps and arrows made of any bytes, written as a timeline for Perfetto and read back.
///
/// The first nine bytes choose the time of the first one and the step of the clock; each item has eight.
func writeTimeline(_ span: RawSpan) {
    var made = TimelineBytes(span)
    let items = made.items()
    var report = emptyReport
    report.source.clock = "mono"
    (report.startNanoseconds, report.endNanoseconds) = (made.start, made.end)
    let writer = PerfettoWriter()
    let bytes = written { output in
        writer.begin(
            report, titles: TimelineBytes.titles, names: RecordingNames(), unitNanoseconds: made.unit, version: "0", label: nil,
            to: &output)
        for item in items { writer.write(item, to: &output) }
        writer.end(to: &output)
    }
    precondition(PerfettoWriter.isTimeline(bytes))
    let walk = PerfettoWalk(bytes)
    var wanted: [PerfettoWalk.Slice: Int] = [:]
    for slice in made.slices { wanted[slice, default: 0] += 1 }
    for var slice in walk.slices {
        // Those that overlap others lie on tracks of their own.
        if slice.track.hasSuffix(" preempted") { slice.track.removeLast(" preempted".count) }
        wanted[slice, default: 0] -= 1
    }
    precondition(wanted.values.allSatisfy { $0 == 0 })
    precondition(Set(walk.begun).count == walk.begun.count && Set(walk.ended).count == walk.ended.count)
    precondition(Set(walk.ended).isSubset(of: walk.begun))
    precondition(walk.rates.values.allSatisfy { $0 == 0 }, "a rate does not end")
    // Our own reader finds no events of the kernel there.
    let span = bytes.span
    let again = try? TraceInput.report(onBytes: unsafe span.bytes, name: "fuzz")
    precondition(again?.rows.isEmpty ?? true)
}

/// A timeline from bytes, and the slices that it should have.
private struct TimelineBytes: ~Escapable {
    static let titles = [
        title(.irq, 36, "eth0"), title(.irq, 40, "a\u{1B}[1mb"), title(.softirq, 3, ""), title(.work, 0xFFFF_0000, ""),
        title(.vector, 0, ""),
    ]
    private static let vectorNames = ["local_timer"]

    private let span: RawSpan
    let start: UInt64
    let unit: UInt64
    private(set) var end: UInt64
    private(set) var slices: [PerfettoWalk.Slice] = []

    @_lifetime(copy span)
    init(_ span: RawSpan) {
        self.span = span
        start = span.load(at: 0, as: UInt64.self, isSwapped: false) ?? 0
        unit = [1, 1, 1000, 4_000_000][Int(span.byte(at: 8) ?? 0) & 3]
        end = start
    }

    private static func title(_ kind: SpanKind, _ number: UInt64, _ text: String) -> SpanTitle {
        SpanTitle(
            SpanRow(SpanKey(kind: kind, number: number), text: Array(text.utf8)), buffer: number == 40 ? "b" : "",
            vectorNames: vectorNames, functions: [:])
    }

    /// The items, as `SpanMerge` hands them over: in the order of time, on a CPU what is around something before that.
    mutating func items() -> [TimelineItem] {
        var time = start
        var items: [(item: TimelineItem, span: FinishedSpan)] = []
        var arrows: UInt64 = 0
        for offset in stride(from: 9, to: span.byteCount - 7, by: 8) {
            func byte(_ place: Int) -> UInt64 { UInt64(span.byte(at: offset + place) ?? 0) }
            time = later(time, byte(0), byte(1))
            let finish = later(time, byte(2), byte(3))
            let kind = byte(4) & 15
            let cpu = UInt32(byte(5) & 3)
            var number: UInt64 = 0
            if kind == 9 {
                arrows += 1
                number = arrows
            } else if kind == 10 {
                number = min(byte(6), arrows)
            }
            let made = FinishedSpan(
                row: Int32(kind) < Int32(Self.titles.count) ? Int32(kind) : 0, cpu: cpu, pid: Int32(byte(7)),
                startNanoseconds: time, durationNanoseconds: kind == 9 ? .max : finish - time, selfNanoseconds: number)
            if kind != 9 { end = max(end, finish) }
            switch kind {
            case 9: items.append((.arrow(made, buffer: ""), made))
            case 10, 11: items.append((.run(made, buffer: ""), made))
            case 12: items.append((.gap(made, buffer: ""), made))
            default: items.append((.span(made), made))
            }
            expect(items[items.count - 1].item)
        }
        items.sort {
            ($0.span.startNanoseconds, $0.span.cpu) != ($1.span.startNanoseconds, $1.span.cpu)
                ? ($0.span.startNanoseconds, $0.span.cpu) < ($1.span.startNanoseconds, $1.span.cpu)
                : $0.span.durationNanoseconds > $1.span.durationNanoseconds
        }
        return items.map(\.item)
    }

    /// A time so many steps behind another one, if there is such a time.
    private func later(_ time: UInt64, _ steps: UInt64, _ scale: UInt64) -> UInt64 {
        let (distance, isTooLarge) = (steps << (scale & 31)).multipliedReportingOverflow(by: unit)
        let (sum, isBeyond) = time.addingReportingOverflow(distance)
        return isTooLarge || isBeyond ? time : sum
    }

    private mutating func expect(_ item: TimelineItem) {
        let (span, name, ending): (FinishedSpan, String, String)
        switch item {
        case .span(let given):
            let title = Self.titles[Int(given.row)]
            (span, name) = (given, "\(title.name) [\(title.word)\(title.number.map { " \($0)" } ?? "")]")
            ending = title.kind == .work ? " work" : ""
        case .run(let run, _): (span, name, ending) = (run, "<...> [task \(run.pid)]", "")
        case .gap(let gap, _): (span, name, ending) = (gap, "events lost [gap]", "")
        case .arrow: return
        }
        slices.append(
            PerfettoWalk.Slice(
                track: "CPU \(span.cpu)\(ending)", name: name == "<...> [task 0]" ? "<idle> [task 0]" : name,
                start: span.startNanoseconds, end: span.endNanoseconds))
    }
}
