import TestSupport
import Testing

@testable import IRQCore

/// Wake-ups and threads over time, where there are events of the scheduler.
@Suite struct TimelineWakeTests {
    /// An interrupt that wakes its thread, a while later again and again; the thread runs for 2 µs, then the idle task.
    private static func steps(_ count: Int) -> [DeepStep] {
        var steps: [DeepStep] = []
        for place in 0..<count {
            let time = 10_000 + UInt64(place) * 100_000
            let wait = UInt64(place == 5 ? 60_000 : 3_000 + place)
            let start = time + 2_000
            steps += [
                DeepStep(time, cpu: 0, .irqEntry, [9], name: "eth0"),
                DeepStep(time + 1_000, cpu: 0, .irqExit, [9, 2]),
                .waking(start, cpu: 0, by: 0, of: 50, "irq/9-eth0", target: 0),
                .waking(start, cpu: 0, by: 0, of: 60, "app", target: 0),
            ]
            // Meanwhile another one has the CPU.
            steps.append(.change(start + 10, cpu: 0, from: 0, "<idle>", state: 0, to: 70, "hog"))
            let run = start + wait
            steps += [
                .change(run, cpu: 0, from: 70, "hog", state: 1, to: 50, "irq/9-eth0"),
                DeepStep(run + 500, cpu: 0, .softirqEntry, pid: 50, [3]),
                DeepStep(run + 1_200, cpu: 0, .softirqExit, pid: 50, [3]),
                .change(run + 2_000, cpu: 0, from: 50, "irq/9-eth0", state: 1, to: 60, "app"),
                .change(run + 2_500, cpu: 0, from: 60, "app", state: 1, to: 0, "<idle>"),
            ]
        }
        return steps
    }

    private func report(_ steps: [DeepStep]) -> Report {
        var options = AnalysisOptions()
        options.isTimelineWanted = true
        return TimelineParts.report(analyzeStream(steps, options: options), options)
    }

    @Test func wakeUpsAreThoseOfTheReport() throws {
        let report = report(Self.steps(40))
        let timeline = try #require(report.timeline)
        let deep = try #require(report.deep)
        let thread = try #require(deep.threads.first { $0.pid == 50 })
        #expect(thread.wakeLatency.count == 40)
        #expect(timeline.count(.wake(name: "irq/9-eth0", pid: 50)) == thread.wakeLatency.count)
        let wakes = timeline.heatMaps.filter { if case .wake = $0.subject { true } else { false } }
        #expect(!wakes.isEmpty)
        for map in wakes {
            guard case .wake(let name, let pid) = map.subject else { continue }
            let found = deep.threads.first { $0.pid == pid }?.wakeLatency.count
            let counted = deep.wakes.filter { $0.pid == pid && $0.name == name }.reduce(0) { $0 + $1.latency.count }
            #expect(timeline.count(map.subject) == found ?? counted)
        }
        // Each at the column of its wake-up and the step of its latency.
        let map = try #require(wakes.first { $0.subject == .wake(name: "irq/9-eth0", pid: 50) })
        var slow: [[UInt64]: UInt64] = [:]
        for place in 0..<40 {
            let time = 12_000 + UInt64(place) * 100_000
            let column = (time - timeline.startNanoseconds) / timeline.columnNanoseconds
            slow[[column, UInt64(TimelineParts.step(UInt64(place == 5 ? 60_000 : 3_000 + place)))], default: 0] += 1
        }
        #expect(map.cells.count == slow.count)
        for cell in map.cells { #expect(slow[[UInt64(cell.column), UInt64(cell.step)]] == cell.count) }
    }

    @Test func threadsHaveTheirTimeWithoutSoftirqs() throws {
        let timeline = try #require(report(Self.steps(40)).timeline)
        let lane = try #require(timeline.lanes.first)
        #expect(timeline.total(lane, .thread) == 40 * 1_300)
        #expect(timeline.total(lane, .softirq) == 40 * 700)
        #expect(timeline.total(lane, .hardirq) == 40 * 1_000)
        for column in 0..<timeline.columnCount {
            #expect(lane.nanoseconds.reduce(0) { $0 + $1[column] } <= timeline.columnNanoseconds)
        }
    }

    @Test func theLatestWakeUpHasWhatHadTheCPU() throws {
        let timeline = try #require(report(Self.steps(40)).timeline)
        let moment = try #require(
            timeline.moments.first { $0.subject == .wake(name: "irq/9-eth0", pid: 50) })
        #expect(moment.durationNanoseconds == 60_000 && moment.cpu == 0 && moment.startNanoseconds == 512_000)
        #expect(moment.window == 452_000..<632_000)
        let spans = moment.spans.filter { $0.startNanoseconds >= 510_000 }
        let found = spans.map { span -> String in
            switch span.subject {
            case .row(let key, _): "\(span.depth) \(key.kind) \(key.number) \(span.startNanoseconds) \(span.durationNanoseconds)"
            case .task(let name, let pid): "\(span.depth) \(name) \(pid) \(span.startNanoseconds) \(span.durationNanoseconds)"
            case .wake: "?"
            }
        }
        #expect(
            Array(found.prefix(5)) == [
                "0 irq 9 510000 1000", "0 hog 70 512010 59990", "0 irq/9-eth0 50 572000 2000", "1 softirq 3 572500 700",
                "0 app 60 574000 500",
            ])
        // The next interrupt is in it, the one behind that is not.
        #expect(found.contains("0 irq 9 610000 1000") && moment.leftOutCount == 0)
        #expect(spans.allSatisfy { $0.startNanoseconds < 632_000 })
    }

    @Test func withoutTheSchedulerThereAreNoThreads() throws {
        let steps = Self.steps(3).filter { $0.kind == .irqEntry || $0.kind == .irqExit }
        let timeline = try #require(report(steps).timeline)
        #expect(timeline.lanes[0].nanoseconds[CPULane.Part.thread.rawValue].isEmpty)
        #expect(timeline.heatMaps.count == 1)
    }
}
