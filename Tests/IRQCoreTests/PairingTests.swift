import Testing

@testable import IRQCore

/// The pairing rules, one by one.
@Suite struct PairingTests {
    /// "1 entry", not "1 entries".
    @Test func oneIsNoPlural() {
        var ledger = LossLedger()
        for counter in LossLedger.counters where counter.role == .unpaired { ledger[keyPath: counter.path] = 1 }
        #expect(
            ledger.counts(.unpaired).map(\.words) == [
                "entry without exit", "exit without entry", "still open at the end", "work start without end",
                "work end without start", "work item still running at the end", "work item dropped at gaps",
            ])
    }

    /// Feeds the events of several CPUs, a shard each, and returns the result.
    static func analyze(_ cpus: [Steps], options: AnalysisOptions = AnalysisOptions()) -> BufferResult {
        let analysis = BufferAnalysis(shardCount: cpus.count, options: options)
        for (cpu, steps) in cpus.enumerated() {
            analysis.withShard(cpu) { shard in
                let slot = shard.addCPU(cpu)
                for (time, step) in steps { step.feed(&shard, at: time, slot: slot) }
            }
        }
        return analysis.finish(buffer: "", vectorNames: ["local_timer"])
    }

    static func rows(_ result: BufferResult) -> [String: ReportRow] {
        Dictionary(uniqueKeysWithValues: result.namedRows([:]).map { ("\($0.kind) \($0.number) \($0.name)", $0) })
    }

    @Test func nestedSpansKeepInclusiveAndSelfTime() {
        let result = Self.analyze([
            [
                (100, .softirq(.softirqEntry, 3)), (110, .timer(.vectorEntry)), (120, .irqEntry(7, "eth0")),
                (150, .irqExit(7)), (170, .timer(.vectorExit)), (200, .softirq(.softirqExit, 3)),
            ]
        ])
        let rows = Self.rows(result)
        #expect(rows["irq 7 eth0"]?.duration.totalNanoseconds == 30)
        #expect(rows["vector 0 local_timer"]?.duration.totalNanoseconds == 60)
        #expect(rows["vector 0 local_timer"]?.duration.selfNanoseconds == 30)
        // The irq inside the vector counts once, inside of it.
        #expect(rows["softirq 3 NET_RX"]?.duration.totalNanoseconds == 100)
        #expect(rows["softirq 3 NET_RX"]?.duration.selfNanoseconds == 40)
        #expect(result.ledger.unmatchedEntries == 0 && result.ledger.openAtEnd == 0)
    }

    @Test func sharedLineGivesEachActionItsOwnRow() {
        let result = Self.analyze([
            [
                (10, .irqEntry(5, "a")), (12, .irqExit(5, 0)), (12, .irqEntry(5, "b")),
                (17, .irqExit(5)), (20, .irqEntry(5, "a")), (21, .irqExit(5, 2)),
            ]
        ])
        let rows = Self.rows(result)
        #expect(rows["irq 5 a"]?.calls == 2)
        #expect(rows["irq 5 a"]?.unhandled == 1)
        #expect(rows["irq 5 a"]?.wokeThread == 1)
        #expect(rows["irq 5 a"]?.handled == 1)
        #expect(rows["irq 5 b"]?.duration.totalNanoseconds == 5)
    }

    @Test func exitOfAnOuterSpanDropsTheInnerOnes() {
        let result = Self.analyze([
            [
                (10, .irqEntry(1, "a")), (20, .irqEntry(2, "b")), (30, .irqExit(1)),
                (40, .irqExit(2)),
            ]
        ])
        let rows = Self.rows(result)
        #expect(rows["irq 1 a"]?.duration.totalNanoseconds == 20)
        #expect(rows["irq 2 b"]?.calls == 1)
        #expect(rows["irq 2 b"]?.duration.count == 0)
        #expect(result.ledger.unmatchedEntries == 1)
        #expect(result.ledger.unmatchedExits == 1)
    }

    @Test func enteringAgainDropsTheOlderSpan() {
        let result = Self.analyze([
            [
                (10, .irqEntry(1, "a")), (20, .irqEntry(1, "a")), (25, .irqExit(1)),
            ]
        ])
        #expect(Self.rows(result)["irq 1 a"]?.duration.totalNanoseconds == 5)
        #expect(Self.rows(result)["irq 1 a"]?.calls == 2)
        #expect(result.ledger.unmatchedEntries == 1)
    }

    @Test func pairsAreKeptByCPU() {
        // Idle tasks share pid 0: keyed by it, the exit of CPU 1 would end the handler of CPU 0.
        let result = Self.analyze([
            [(10, .irqEntry(1, "a")), (100, .irqExit(1))],
            [(20, .irqEntry(1, "a")), (30, .irqExit(1))],
        ])
        let row = Self.rows(result)["irq 1 a"]
        #expect(row?.cpus.map(\.totalNanoseconds) == [90, 10])
        #expect(row?.duration.maximumNanoseconds == 90)
    }

    @Test(arguments: [nil, 12] as [UInt64?]) func lostEventsNeverMakeADuration(missed: UInt64?) {
        let events =
            [
                (10, .softirq(.softirqRaise, 1)), (11, .softirq(.softirqEntry, 1)), (12, .irqEntry(1, "a")),
                (12, .softirq(.softirqRaise, 9)),
                (500, .gap(missed)), (500, .irqExit(1)), (510, .softirq(.softirqExit, 1)), (520, .softirq(.softirqEntry, 9)),
                (530, .softirq(.softirqExit, 9)),
            ] as Steps
        let result = Self.analyze([events])
        let rows = Self.rows(result)
        #expect(rows["irq 1 a"]?.duration.count == 0)
        #expect(rows["softirq 1 TIMER"]?.duration.count == 0)
        #expect(rows["softirq 9 RCU"]?.duration.totalNanoseconds == 10)
        // The raise before the gap may have been served in it.
        #expect(rows["softirq 9 RCU"]?.latency.count == 0)
        #expect(result.ledger.gaps == 1)
        #expect(result.ledger.lostEvents == missed ?? 0)
        #expect(result.ledger.gapsOfUnknownSize == (missed == nil ? 1 : 0))
        #expect(result.ledger.spansDroppedAtGaps == 2)
        #expect(result.ledger.unmatchedExits == 2)
    }

    @Test func raiseLatencyStartsAtTheFirstUnservedRaise() {
        let result = Self.analyze([
            [
                (10, .softirq(.softirqRaise, 3)), (20, .softirq(.softirqRaise, 3)), (50, .softirq(.softirqEntry, 3)),
                (60, .softirq(.softirqRaise, 3)), (65, .softirq(.softirqExit, 3)), (70, .softirq(.softirqEntry, 3)),
                (71, .softirq(.softirqExit, 3)), (80, .softirq(.softirqEntry, 3)), (82, .softirq(.softirqExit, 3)),
            ]
        ])
        let row = Self.rows(result)["softirq 3 NET_RX"]
        #expect(row?.latency.count == 2)
        #expect(row?.latency.totalNanoseconds == 40 + 10)
        #expect(row?.duration.count == 3)
    }

    @Test func preemptedSoftirqsOfTwoTasksInterleave() {
        // PREEMPT_RT: task 2 preempts task 1 inside of its softirq, and is preempted in turn.
        let result = Self.analyze([
            [
                (10, .softirq(.softirqEntry, 3, pid: 1)), (20, .softirq(.softirqEntry, 3, pid: 2)),
                (50, .softirq(.softirqExit, 3, pid: 1)), (70, .softirq(.softirqExit, 3, pid: 2)),
            ]
        ])
        let row = Self.rows(result)["softirq 3 NET_RX"]
        #expect(row?.duration.count == 2)
        #expect(row?.duration.totalNanoseconds == 40 + 50)
        #expect(result.ledger.unmatchedEntries == 0)
    }

    @Test func workIsPairedAcrossCPUsByThreadAndItem() {
        let result = Self.analyze([
            [(10, .work(.workQueue, 0xF00)), (90, .work(.workEnd, 0xF00, pid: 5))],
            [
                (40, .work(.workStart, 0xF00, pid: 5)),
                (41, .work(.workEnd, 0xF00, pid: 6)),
            ],
        ])
        let row = Self.rows(result)["work 119 0x77"]
        #expect(row?.duration.totalNanoseconds == 50)
        #expect(row?.latency.totalNanoseconds == 30)
        #expect(row?.cpus.map(\.cpu) == [1])
        #expect(result.ledger.unmatchedWorkEnds == 1)
    }

    @Test func workThatRunsWhenEventsAreLostIsDropped() {
        let events =
            [
                (10, .work(.workStart, 0xF00, pid: 5)),
                (99, .gap(3)), (99, .work(.workEnd, 0xF00, pid: 5)),
            ] as Steps
        let result = Self.analyze([events])
        #expect(Self.rows(result)["work 119 0x77"]?.duration.count == 0)
        #expect(result.ledger.workDroppedAtGaps == 1)
    }

    @Test func workLosesItsTimesToAGapOnAnyCPU() {
        let result = Self.analyze(
            [
                [
                    (10, .work(.workQueue, 0xF00)), (20, .work(.workStart, 0xA00, pid: 5)),
                ],
                [
                    (500, .gap(nil)), (500, .work(.workStart, 0xF00, pid: 6)),
                    (900, .work(.workEnd, 0xA00, pid: 5)),
                ],
            ])
        let row = Self.rows(result)["work 119 0x77"]
        #expect(row?.duration.count == 0 && row?.latency.count == 0)
        #expect(result.ledger.workDroppedAtGaps == 2 && result.ledger.workOpenAtEnd == 1)
    }

    @Test func newerQueueingReplacesACancelledOne() {
        let result = Self.analyze([
            [
                (10, .work(.workQueue, 0xF00)), (1000, .work(.workQueue, 0xF00)),
                (1005, .work(.workStart, 0xF00, pid: 5)), (1100, .work(.workStart, 0xB00, pid: 5)),
            ]
        ])
        #expect(Self.rows(result)["work 119 0x77"]?.latency.totalNanoseconds == 5)
        #expect(result.ledger.unmatchedWorkStarts == 1 && result.ledger.workOpenAtEnd == 1)
    }

    @Test func clockThatRunsBackMakesNoDuration() {
        let result = Self.analyze([[(500, .irqEntry(1, "a")), (400, .irqExit(1))]])
        #expect(Self.rows(result)["irq 1 a"]?.duration.count == 0)
        #expect(result.ledger.unmatchedEntries == 1)
    }

    @Test func impossibleVectorsAndDepthsAreCounted() {
        var events: Steps = [
            (1, .softirq(.softirqEntry, 32)), (2, .softirq(.softirqRaise, 4_000_000_000)),
        ]
        for irq in 0..<40 { events.append((UInt64(10 + irq), .irqEntry(UInt64(irq), "x"))) }
        let result = Self.analyze([events])
        #expect(result.ledger.malformedEvents == 2)
        #expect(result.ledger.spansTooDeep == 8)
        #expect(result.ledger.openAtEnd == 32)
    }

    @Test func timeWindowAndCPUsChooseSpansByTheirStart() {
        var options = AnalysisOptions()
        options.fromNanoseconds = 20
        options.toNanoseconds = 40
        options.cpus = [1]
        let events =
            [
                (10, .irqEntry(1, "a")), (25, .irqExit(1)), (30, .irqEntry(1, "a")),
                (70, .irqExit(1)), (80, .irqEntry(1, "a")), (81, .irqExit(1)),
            ] as Steps
        let result = Self.analyze([events, events], options: options)
        let row = Self.rows(result)["irq 1 a"]
        #expect(row?.calls == 1)
        #expect(row?.duration.totalNanoseconds == 40)
        #expect(row?.cpus.map(\.cpu) == [1])
        #expect(result.ledger.unmatchedExits == 0)
    }

    @Test func stormHasStartEndAndPeak() {
        var events: Steps = []
        func burst(_ from: UInt64, _ to: UInt64, every step: UInt64) {
            for time in stride(from: from, to: to, by: UInt64.Stride(step)) {
                events.append((time, .irqEntry(1, "a")))
                events.append((time + 1, .irqExit(1)))
            }
        }
        burst(0, 100_000_000, every: 1_000_000)
        burst(100_000_000, 400_000_000, every: 20_000)  // 50,000 a second for 0.3 s
        burst(400_000_000, 600_000_000, every: 1_000_000)
        burst(600_000_000, 650_000_000, every: 20_000)  // too short
        let storms = Self.analyze([events]).storms
        #expect(storms.count == 1)
        #expect(storms.first.map { $0.startNanoseconds / 10_000_000 } == 10)
        #expect(storms.first.map { $0.endNanoseconds / 10_000_000 } == 40)
        #expect(storms.first?.peakPerSecond == 50_000)
        #expect(storms.first?.count == 15_000)
    }
}
