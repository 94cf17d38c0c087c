import TestSupport
import Testing

@testable import IRQCore

/// The columns of lanes and heat maps, against the same numbers computed nanosecond by nanosecond.
@Suite struct TimelineSumTests {
    @Test func randomNestedSpansGiveWhatEachNanosecondWasIn() throws {
        let seed = UInt64.random(in: 0..<1 << 32)
        var random = SeededGenerator(seed: seed)
        for round in 0..<12 {
            var streams: [Int: TimelineParts.Stream] = [:]
            for cpu in 0..<Int.random(in: 1...3, using: &random) {
                let start = UInt64.random(in: 0...20_000, using: &random)
                streams[cpu * 3] = TimelineParts.stream(&random, from: start, count: 1 + round * 6)
            }
            let report = TimelineParts.report(streams.mapValues(\.steps))
            let timeline = try #require(report.timeline)
            #expect(timeline.columnCount <= Timeline.columnLimit)
            #expect(timeline.lanes.map { $0.cpus } == streams.keys.sorted().map { [$0] })
            for lane in timeline.lanes {
                let stream = try #require(streams[lane.cpus[0]])
                #expect(lane.nanoseconds[CPULane.Part.thread.rawValue].isEmpty)
                var slow = [[UInt64]](repeating: Array(repeating: 0, count: timeline.columnCount), count: 3)
                for (time, part) in stream.parts.enumerated() where part >= 0 {
                    slow[Int(part)][Self.column(UInt64(time), timeline)] += 1
                }
                #expect(Array(lane.nanoseconds.prefix(3)) == slow, "seed \(seed), round \(round)")
            }
            checkMaps(timeline, streams.values.flatMap(\.spans), "seed \(seed), round \(round)")
            checkReport(report, timeline)
        }
    }

    private static func column(_ time: UInt64, _ timeline: Timeline) -> Int {
        Int((time - timeline.startNanoseconds) / timeline.columnNanoseconds)
    }

    private func checkMaps(_ timeline: Timeline, _ spans: [TimelineParts.Made], _ comment: Comment) {
        for map in timeline.heatMaps {
            guard case .row(let key, .duration) = map.subject else { continue }
            var slow: [UInt32: UInt64] = [:]
            for span in spans where span.kind == key.kind && span.number == key.number {
                let column = Self.column(span.start, timeline)
                slow[UInt32(column) << 8 | UInt32(TimelineParts.step(span.end - span.start)), default: 0] += 1
            }
            let cells = map.cells.map { UInt32($0.column) << 8 | UInt32($0.step) }
            #expect(cells == slow.keys.sorted(), comment)
            #expect(map.cells.map(\.count) == slow.sorted { $0.key < $1.key }.map(\.value), comment)
        }
    }

    /// The sums are those of the report.
    private func checkReport(_ report: Report, _ timeline: Timeline) {
        for map in timeline.heatMaps {
            guard case .row(let key, let measure) = map.subject else { continue }
            #expect(timeline.count(map.subject) == report.rows.first { $0.key == key }?[measure].count)
        }
        for (lane, load) in zip(timeline.lanes, CPULoad.all(in: report)) {
            #expect(timeline.total(lane, .hardirq) == load.nanoseconds[.irq] ?? 0)
            #expect(timeline.total(lane, .softirq) == load.nanoseconds[.softirq] ?? 0)
            #expect(timeline.total(lane, .vector) == load.nanoseconds[.vector] ?? 0)
        }
    }

    @Test func shardsThatAreMergedAreAsOne() throws {
        var random = SeededGenerator(seed: 16)
        var cpus: [Int: Steps] = [:]
        // They begin and end at different times, so that their columns had different lengths.
        for (cpu, count) in [400, 3, 40].enumerated() {
            cpus[cpu] = TimelineParts.stream(&random, from: UInt64(cpu) * 9_000, count: count).steps
        }
        let one = try #require(TimelineParts.report(cpus, isOneShard: true).timeline)
        let many = try #require(TimelineParts.report(cpus).timeline)
        #expect(one.startNanoseconds == many.startNanoseconds && one.columnNanoseconds == many.columnNanoseconds)
        #expect(one.heatMaps.map(\.cells) == many.heatMaps.map(\.cells))
        #expect(one.heatMaps.map(\.subject) == many.heatMaps.map(\.subject))
        #expect(one.lanes.map(\.nanoseconds) == many.lanes.map(\.nanoseconds))
        #expect(one.moments.map(\.startNanoseconds) == many.moments.map(\.startNanoseconds))
    }

    @Test func threeEventsAreACourse() throws {
        let steps: Steps = [(1_000, .irqEntry(7, "a")), (1_300, .irqExit(7)), (1_301, .irqExit(9))]
        let timeline = try #require(TimelineParts.report([0: steps]).timeline)
        #expect(timeline.columnCount <= 240 && timeline.columnNanoseconds == 2)
        #expect(timeline.heatMaps.map { $0.cells.map(\.count) } == [[1]])
        #expect(timeline.lanes[0].nanoseconds[0].reduce(0, +) == 300)
        #expect(timeline.lanes[0].nanoseconds[0].max() == 2)
    }

    @Test func twelveHoursHaveAsManyColumns() throws {
        let hour: UInt64 = 3_600_000_000_000
        var steps: Steps = []
        for time in stride(from: hour, through: 13 * hour, by: 20_000_000_000) {
            steps += [(time, .irqEntry(7, "a")), (time + 900 + time % 7, .irqExit(7))]
        }
        let timeline = try #require(TimelineParts.report([0: steps]).timeline)
        #expect((121...240).contains(timeline.columnCount))
        #expect(timeline.startNanoseconds <= hour && timeline.startNanoseconds + timeline.columnNanoseconds > hour)
        let counts = timeline.heatMaps[0].counts(columnCount: timeline.columnCount)
        #expect(counts.reduce(0, +) == 2161 && counts.allSatisfy { $0 > 0 })
    }

    @Test func windowsLeaveNothingOut() throws {
        var random = SeededGenerator(seed: 5)
        let stream = TimelineParts.stream(&random, from: 100, count: 60)
        var options = AnalysisOptions()
        (options.fromNanoseconds, options.toNanoseconds) = (3_000, 9_000)
        let report = TimelineParts.report([0: stream.steps], options: options)
        let timeline = try #require(report.timeline)
        #expect(timeline.startNanoseconds <= 3_000 && timeline.startNanoseconds + timeline.columnNanoseconds > 3_000)
        checkReport(report, timeline)
        for column in 0..<timeline.columnCount {
            #expect(timeline.lanes[0].nanoseconds.prefix(3).reduce(0) { $0 + $1[column] } <= timeline.columnNanoseconds)
        }
    }

    @Test func clocksThatCountNoTimeHaveNoCourse() {
        let steps: Steps = [(1, .irqEntry(7, "a")), (2, .irqExit(7))]
        for clock in ["counter", "uptime", nil] {
            let report = TimelineParts.report([0: steps], clock: clock)
            #expect(report.timeline == nil && report.notes.contains { $0.hasPrefix("no pictures over time: the trace clock") })
        }
        let late: Steps = [(.max - 9, .irqEntry(7, "a")), (.max - 1, .irqExit(7))]
        #expect(TimelineParts.report([0: late]).timeline == nil)
        #expect(TimelineParts.report([:]).timeline == nil)
    }

    @Test func stepsOfTheScaleAreQuartersOfDoublings() {
        var random = SeededGenerator(seed: 3)
        for value in Array(0...5_000)
            + (0..<5_000).map({ _ in UInt64.random(in: 0...(.max), using: &random) >> UInt64.random(in: 0...63, using: &random) })
        {
            let step = HeatScale.step(value)
            #expect(step == TimelineParts.step(value))
            #expect(HeatScale.lowest(step) <= value && (step == 159 || HeatScale.lowest(step + 1) > value))
        }
    }
}
