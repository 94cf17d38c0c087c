import IRQCore
import TestSupport
import Testing

@testable import TraceInput

/// Courses over time of real recordings of all forms: their sums are those of the report, and their columns what a slow
/// computation over the spans gives.
@Suite struct TimelineInputTests {
    private static func fixture(_ path: String) -> String { Places.fixtures.appendingPathComponent(path).path }

    private static let files =
        ["amd64-nomsi-v7", "amd64-rt-v7", "amd64-tasklets", "arm64-v7", "ppc64el-lost", "s390x-instances", "s390x-v6"].map {
            "recordings/\($0).dat"
        }
        + ["arm64-6.12", "lost-rt-6.12", "napi-threads-6.18"].map { "deep/\($0).dat" }
        + ["sched", "overwrite", "lost", "s390x-default", "one-event"].map { "perf/\($0).perf.data.xz" }
        + ["l.default", "script-deep", "report-al.3.1.6.two-files", "babeltrace2"].map { "texts/\($0).txt.xz" }
        + ["perfetto/a.pftrace.xz", "recordings/amd64-empty.dat"]

    @Test(arguments: files) func sumsAreThoseOfTheReport(file: String) throws {
        var options = ReadOptions()
        options.analysis.isTimelineWanted = true
        let report = try report(onRecording: Self.fixture(file), options: options)
        guard !report.rows.isEmpty else { return #expect(report.timeline?.heatMaps.isEmpty ?? true) }
        let timeline = try #require(report.timeline)
        #expect((1...Timeline.columnLimit).contains(timeline.columnCount))
        let end = timeline.startNanoseconds + UInt64(timeline.columnCount) * timeline.columnNanoseconds
        #expect(timeline.startNanoseconds <= report.startNanoseconds ?? 0 && end > report.endNanoseconds ?? 0)
        for map in timeline.heatMaps {
            let sum = map.cells.reduce(0) { $0 + $1.count }
            switch map.subject {
            case .row(let key, let measure): #expect(sum == report.rows.first { $0.key == key }?[measure].count)
            case .wake(let name, let pid):
                let deep = try #require(report.deep)
                let wakes = deep.wakes.filter { $0.pid == pid && $0.name == name }.reduce(0) { $0 + $1.latency.count }
                #expect(sum == deep.threads.first { $0.pid == pid }?.wakeLatency.count ?? wakes)
            case .task: Issue.record("a task has no map")
            }
        }
        // Those with the most time, most first.
        let handlers = timeline.heatMaps.compactMap { map -> RowKey? in
            if case .row(let key, .duration) = map.subject, key.kind == .irq { key } else { nil }
        }
        let busiest = report[.irq].filter { $0.duration.count > 0 }
            .sorted { $0.duration.totalNanoseconds > $1.duration.totalNanoseconds }.prefix(6)
        let totals = handlers.map { key in report.rows.first { $0.key == key }?.duration.totalNanoseconds }
        #expect(totals == busiest.map(\.duration.totalNanoseconds))
        for load in CPULoad.all(in: report) where load.total > 0 {
            let lane = try #require(timeline.lanes.first { $0.cpus == [load.cpu] })
            let sums = lane.nanoseconds.map { $0.reduce(0, +) }
            #expect(sums.prefix(3) == [load.nanoseconds[.irq] ?? 0, load.nanoseconds[.softirq] ?? 0, load.nanoseconds[.vector] ?? 0])
            let columns = (0..<timeline.columnCount).map { column in
                lane.nanoseconds.reduce(0) { $0 + ($1.isEmpty ? 0 : $1[column]) }
            }
            #expect(columns.max() ?? 0 <= timeline.columnNanoseconds)
        }
        #expect(timeline.gaps.isEmpty || report.ledger.gaps > 0)
        for moment in timeline.moments { check(moment, report) }
    }

    private func check(_ moment: SlowMoment, _ report: Report) {
        #expect(moment.window.contains(moment.startNanoseconds) && moment.spans.count <= SlowMoment.spanLimit)
        if case .row(let key, let measure) = moment.subject {
            let row = report.rows.first { $0.key == key }
            #expect(moment.durationNanoseconds <= row?[measure].maximumNanoseconds ?? 0)
            if measure == .duration {
                #expect(
                    moment.spans.contains {
                        $0.subject == moment.subject && $0.startNanoseconds == moment.startNanoseconds
                            && $0.durationNanoseconds == moment.durationNanoseconds
                    })
            }
        }
        #expect(
            moment.spans.allSatisfy {
                $0.startNanoseconds < moment.window.upperBound
                    && $0.startNanoseconds + $0.durationNanoseconds > moment.window.lowerBound
            })
    }

    /// Recordings whose softirqs no other task interrupts: there what a CPU was in is the span that began last.
    @Test(arguments: ["recordings/amd64-v7.dat", "recordings/ppc64el-v7.dat", "perf/many.perf.data.xz", "texts/a.default.txt.xz"])
    func columnsAreThoseOfTheSpans(file: String) throws {
        var options = ReadOptions()
        options.analysis.isTimelineWanted = true
        let timeline = try #require(try report(onRecording: Self.fixture(file), options: options).timeline)
        let box = SpanBox()
        options.analysis.isTimelineWanted = false
        options.analysis.makeSpanSink = { _ in SpanList(box) }
        _ = try report(onRecording: Self.fixture(file), options: options)
        #expect(!box.spans.isEmpty)
        for lane in timeline.lanes {
            let slow = Self.lane(box.spans.filter { Int($0.span.cpu) == lane.cpus[0] }, timeline)
            #expect(Array(lane.nanoseconds.prefix(3)) == slow, "CPU \(lane.cpus[0])")
        }
        for map in timeline.heatMaps {
            guard case .row(let key, let measure) = map.subject, !key.kind.traits.isFunction, key.kind != .vector else {
                continue
            }
            var slow: [[UInt64]: UInt64] = [:]
            for (span, row) in box.spans
            where row.kind == key.kind && row.measure == measure && row.number == UInt64(bitPattern: key.number)
                && (row.kind != .irq || row.text == Array(key.name.utf8))
            {
                let column = (span.startNanoseconds - timeline.startNanoseconds) / timeline.columnNanoseconds
                slow[[column, UInt64(HeatScale.step(span.durationNanoseconds))], default: 0] += 1
            }
            #expect(map.cells.count == slow.count)
            #expect(map.cells.allSatisfy { slow[[UInt64($0.column), UInt64($0.step)]] == $0.count })
        }
    }

    /// For each stretch between two times at which something begins or ends, the part of what began last.
    private static func lane(_ all: [(span: FinishedSpan, row: SpanRow)], _ timeline: Timeline) -> [[UInt64]] {
        let kinds: [RowKind] = [.irq, .softirq, .vector]
        let spans = all.filter { $0.row.measure == .duration && kinds.contains($0.row.kind) }
            .sorted { ($0.span.startNanoseconds, $1.span.endNanoseconds) < ($1.span.startNanoseconds, $0.span.endNanoseconds) }
        var slow = [[UInt64]](repeating: Array(repeating: 0, count: timeline.columnCount), count: 3)
        let edges = (0...timeline.columnCount).map { timeline.startNanoseconds + UInt64($0) * timeline.columnNanoseconds }
        let times = Set(spans.flatMap { [$0.span.startNanoseconds, $0.span.endNanoseconds] } + edges).sorted()
        var next = 0
        var open: [(span: FinishedSpan, row: SpanRow)] = []
        for (start, end) in zip(times, times.dropFirst()) {
            open.removeAll { $0.span.endNanoseconds <= start }
            while next < spans.count, spans[next].span.startNanoseconds <= start {
                if spans[next].span.endNanoseconds > start { open.append(spans[next]) }
                next += 1
            }
            guard let last = open.last, let part = kinds.firstIndex(of: last.row.kind) else { continue }
            slow[part][Int((start - timeline.startNanoseconds) / timeline.columnNanoseconds)] += end - start
        }
        return slow
    }

    @Test(arguments: ["c-counter", "c-uptime"]) func textsThatCountNoTimeHaveNone(name: String) throws {
        var options = ReadOptions()
        options.analysis.isTimelineWanted = true
        let report = try report(onRecording: Self.fixture("texts/\(name).tgid.txt.xz"), options: options)
        #expect(!report.rows.isEmpty && report.timeline == nil)
        #expect(report.notes.contains { $0.hasPrefix("no pictures over time") })
    }

    /// Where each CPU's busiest buffer counts, its gaps do.
    @Test func buffersAreNotSummed() throws {
        var options = ReadOptions()
        options.analysis.isTimelineWanted = true
        let report = try report(onRecording: Self.fixture("recordings/ppc64el-instances.dat"), options: options)
        #expect(report.source.buffers.count > 1)
        #expect(report.notes.contains { $0.contains("each CPU's busiest one counts") })
        let buffers = (report.timeline?.heatMaps ?? []).compactMap { map -> String? in
            if case .row(let key, _) = map.subject { key.buffer } else { nil }
        }
        #expect(Set(buffers).count > 1)
    }

    /// In parts of a text there is none, nor in a report of several recordings.
    @Test func onlyWholeRecordingsHaveOne() throws {
        var options = ReadOptions()
        options.analysis.isTimelineWanted = true
        let one = try report(onRecording: Self.fixture("texts/a.default.txt.xz"), options: options)
        var merger = ReportMerger(files: ["a", "b"], isByFile: true, slowCount: 0)
        try merger.add(one)
        try merger.add(one)
        let both = try #require(merger.report())
        #expect(one.timeline != nil && both.timeline == nil && both.parts.allSatisfy { $0.timeline == nil })
        options.intervalNanoseconds = 2_000_000
        var count = 0
        try reports(onText: Self.fixture("texts/a.default.txt.xz"), options: options) { part in
            #expect(part.timeline == nil)
            count += 1
            return true
        }
        #expect(count > 1)
    }
}

/// A place for the spans of several sinks.
private final class SpanBox: @unchecked Sendable {
    var spans: [(span: FinishedSpan, row: SpanRow)] = []
}

private final class SpanList: SpanSink {
    private let box: SpanBox
    private var rows: [SpanRow] = []
    private var spans: [FinishedSpan] = []

    init(_ box: SpanBox) { self.box = box }

    func add(_ row: SpanRow) { rows.append(row) }
    func take(_ span: FinishedSpan) { spans.append(span) }
    func addGap(onCPU cpu: Int, from start: UInt64, to end: UInt64) {}
    // Sinks end one after the other.
    func finish(vectorNames: [String]) { box.spans += spans.map { ($0, rows[Int($0.row)]) } }
}
