import Testing

@testable import IRQCore

/// The slowest moments, and what ran around them.
@Suite struct TimelineMomentTests {
    private func name(_ subject: HeatMap.Subject) -> String {
        switch subject {
        case .row(let key, let measure): "\(key.kind) \(key.number) \(measure)"
        case .wake(let name, let pid): "wake \(name) \(pid)"
        case .task(let name, let pid): "task \(name) \(pid)"
        }
    }

    @Test func aSlowHandlerHasWhatItWasInAndWhatFollowed() throws {
        let steps: Steps = [
            // Too early to be in its window.
            (10_000, .irqEntry(3, "c")), (11_000, .irqExit(3)),
            (850_000, .irqEntry(3, "c")), (852_000, .irqExit(3)),
            (900_000, .softirq(.softirqEntry, 3)), (1_000_000, .irqEntry(7, "a", pid: 7)),
            (1_020_000, .timer(.vectorEntry)), (1_030_000, .timer(.vectorExit)), (1_100_000, .irqExit(7)),
            (1_110_000, .softirq(.softirqExit, 3)), (1_150_000, .irqEntry(3, "c")), (1_151_000, .irqExit(3)),
            (1_300_000, .irqEntry(3, "c")), (1_301_000, .irqExit(3)),
        ]
        let other: Steps = [(1_010_000, .irqEntry(8, "b")), (1_012_000, .irqExit(8))]
        let timeline = try #require(TimelineParts.report([2: steps, 3: other]).timeline)
        let moment = try #require(timeline.moments.first)
        #expect(name(moment.subject) == "irq 7 duration" && moment.cpu == 2 && moment.startNanoseconds == 1_000_000)
        #expect(moment.durationNanoseconds == 100_000 && moment.selfNanoseconds == 90_000)
        #expect(moment.window == 900_000..<1_200_000)
        #expect(moment.pid == 7 && moment.task == "worker" && moment.leftOutCount == 0)
        #expect(
            moment.spans.map { "\($0.depth) \(name($0.subject)) \($0.startNanoseconds) \($0.durationNanoseconds)" } == [
                "0 softirq 3 duration 900000 210000", "1 irq 7 duration 1000000 100000",
                "2 vector 0 duration 1020000 10000", "0 irq 3 duration 1150000 1000",
            ])
        // Of the softirq it tells who was interrupted, too.
        let softirq = try #require(timeline.moments.first { name($0.subject) == "softirq 3 duration" })
        #expect(softirq.pid == 0 && softirq.task == "<idle>")
    }

    @Test func aRaiseThatWaitedHasWhatRanMeanwhile() throws {
        let steps: Steps = [
            (100_000, .irqEntry(7, "a")), (110_000, .softirq(.softirqRaise, 3)), (190_000, .irqExit(7)),
            (200_000, .softirq(.softirqEntry, 3)), (250_000, .softirq(.softirqExit, 3)),
        ]
        let timeline = try #require(TimelineParts.report([0: steps]).timeline)
        let moment = try #require(timeline.moments.first { name($0.subject) == "softirq 3 raiseLatency" })
        #expect(moment.durationNanoseconds == 90_000 && moment.cpu == 0 && moment.pid == nil)
        #expect(moment.spans.map { name($0.subject) } == ["irq 7 duration", "softirq 3 duration"])
        #expect(timeline.count(moment.subject) == 1)
    }

    @Test func aStormIsOneMoment() throws {
        var steps: Steps = []
        var time: UInt64 = 1_000
        // Three storms, each slower from call to call; the last one is the slowest.
        for storm in 1...4 {
            for call in 0..<300 {
                steps += [(time, .irqEntry(7, "a")), (time + UInt64(storm * 1_000 + call), .irqExit(7))]
                time += 6_000
            }
            time += 100_000_000
        }
        let timeline = try #require(TimelineParts.report([0: steps]).timeline)
        let handlers = timeline.moments.filter { name($0.subject) == "irq 7 duration" }
        #expect(handlers.map(\.durationNanoseconds) == [4_299, 3_299, 2_299])
        for moment in handlers {
            #expect(moment.spans.count > 5 && moment.spans.count <= SlowMoment.spanLimit)
            #expect(moment.spans.allSatisfy { $0.depth == 0 })
        }
    }

    @Test func whatIsTooMuchForAMomentIsCounted() throws {
        var steps: Steps = [(1_000, .softirq(.softirqEntry, 3))]
        for call in 0..<230 {
            let time = 2_000 + UInt64(call) * 1_000
            steps += [(time, .irqEntry(7, "a")), (time + 100, .irqExit(7))]
        }
        steps.append((240_000, .softirq(.softirqExit, 3)))
        for call in 0..<150 {
            let time = 241_000 + UInt64(call) * 1_000
            steps += [(time, .irqEntry(7, "a")), (time + 100, .irqExit(7))]
        }
        let timeline = try #require(TimelineParts.report([0: steps]).timeline)
        let moment = try #require(timeline.moments.first { name($0.subject) == "softirq 3 duration" })
        #expect(moment.spans.count == SlowMoment.spanLimit)
        #expect(moment.leftOutCount == 231 + 150 - SlowMoment.spanLimit)
        #expect(moment.spans.contains { name($0.subject) == "softirq 3 duration" })
    }
}
