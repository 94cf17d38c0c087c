import Testing
import TestSupport

@testable import IRQCore

/// The pairing rules, one by one, on pages written for them.
@Suite struct PairingTests {
    /// The events that `e` writes.
    static func formats() -> EventFormats {
        var formats = EventFormats()
        let pid = NumberField(offset: 4, byteCount: 4, isSigned: true)
        let first = NumberField(offset: 8, byteCount: 4, isSigned: true)
        let text = TextField(offset: 12, byteCount: 4, encoding: .dataLocation)
        let work = NumberField(offset: 8, byteCount: 8, isSigned: false)
        let function = NumberField(offset: 16, byteCount: 8, isSigned: false)
        _ = formats.add(EventFormat(kind: .irqEntry, pid: pid, numbers: [first], text: text), id: 150)
        let result = NumberField(offset: 12, byteCount: 4, isSigned: true)
        _ = formats.add(EventFormat(kind: .irqExit, pid: pid, numbers: [first, result]), id: 149)
        for (kind, id) in [(EventKind.softirqRaise, 146), (.softirqEntry, 148), (.softirqExit, 147)] {
            _ = formats.add(EventFormat(kind: kind, pid: pid, numbers: [first]), id: id)
        }
        let index = formats.vectorIndex(of: "local_timer")!
        _ = formats.add(EventFormat(kind: .vectorEntry, pid: pid, vectorIndex: index), id: 120)
        _ = formats.add(EventFormat(kind: .vectorExit, pid: pid, vectorIndex: index), id: 119)
        _ = formats.add(EventFormat(kind: .workQueue, pid: pid, numbers: [work, function]), id: 264)
        _ = formats.add(EventFormat(kind: .workStart, pid: pid, numbers: [work, function]), id: 262)
        _ = formats.add(EventFormat(kind: .workEnd, pid: pid, numbers: [work]), id: 261)
        return formats
    }

    /// Feeds events of several CPUs, merges, and returns the result.
    static func analyze(
        _ cpus: [[(UInt64, [UInt8])]], gapBefore: (cpu: Int, index: Int, missed: UInt64?)? = nil,
        options: AnalysisOptions = AnalysisOptions()
    ) -> BufferResult {
        let layout = PageLayout(subBufferByteCount: 4096, commitByteCount: 8, byteOrder: .little)!
        let formats = formats()
        let analysis = BufferAnalysis(shardCount: cpus.count, options: options)
        for (cpu, events) in cpus.enumerated() {
            let slot = analysis.withShard(cpu) { $0.addCPU(cpu) }
            var pages: [PageBuilder] = []
            for (index, event) in events.enumerated() {
                let isGap = gapBefore.map { $0.cpu == cpu && $0.index == index } ?? false
                if pages.isEmpty || isGap || pages[pages.count - 1].room < 200 {
                    pages.append(PageBuilder(layout, start: event.0))
                    if isGap { pages[pages.count - 1].missed(gapBefore?.missed) }
                }
                if event.0 >= pages[pages.count - 1].currentTime {
                    pages[pages.count - 1].event(at: event.0, event.1)
                } else {
                    pages[pages.count - 1].absoluteTime(event.0)
                    pages[pages.count - 1].record(delta: 0, event.1)
                }
            }
            for page in pages {
                let bytes = page.bytes()
                let decoder = PageDecoder(layout: layout)
                analysis.withShard(cpu) { shard in
                    let span = bytes.span
                    shard.feed(page: span.bytes, slot: slot, decoder: decoder, formats: formats)
                }
            }
        }
        return analysis.finish(buffer: "", vectorNames: formats.vectorNames)
    }

    static func rows(_ result: BufferResult) -> [String: ReportRow] {
        Dictionary(uniqueKeysWithValues: result.namedRows([:]).map { ("\($0.kind) \($0.number) \($0.name)", $0) })
    }

    static let e = EventBuilder(FormatTexts(), .little)

    @Test func nestedSpansKeepInclusiveAndSelfTime() {
        let result = Self.analyze([
            [
                (100, Self.e.softirq("entry", 3)), (110, Self.e.timer("entry")), (120, Self.e.irqEntry(7, "eth0")),
                (150, Self.e.irqExit(7, ret: 1)), (170, Self.e.timer("exit")), (200, Self.e.softirq("exit", 3)),
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
                (10, Self.e.irqEntry(5, "a")), (12, Self.e.irqExit(5, ret: 0)), (12, Self.e.irqEntry(5, "b")),
                (17, Self.e.irqExit(5, ret: 1)), (20, Self.e.irqEntry(5, "a")), (21, Self.e.irqExit(5, ret: 2)),
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
                (10, Self.e.irqEntry(1, "a")), (20, Self.e.irqEntry(2, "b")), (30, Self.e.irqExit(1, ret: 1)),
                (40, Self.e.irqExit(2, ret: 1)),
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
                (10, Self.e.irqEntry(1, "a")), (20, Self.e.irqEntry(1, "a")), (25, Self.e.irqExit(1, ret: 1)),
            ]
        ])
        #expect(Self.rows(result)["irq 1 a"]?.duration.totalNanoseconds == 5)
        #expect(Self.rows(result)["irq 1 a"]?.calls == 2)
        #expect(result.ledger.unmatchedEntries == 1)
    }

    @Test func pairsAreKeptByCPU() {
        // Idle tasks share pid 0: keyed by it, the exit of CPU 1 would end the handler of CPU 0.
        let result = Self.analyze([
            [(10, Self.e.irqEntry(1, "a")), (100, Self.e.irqExit(1, ret: 1))],
            [(20, Self.e.irqEntry(1, "a")), (30, Self.e.irqExit(1, ret: 1))],
        ])
        let row = Self.rows(result)["irq 1 a"]
        #expect(row?.cpus.map(\.totalNanoseconds) == [90, 10])
        #expect(row?.duration.maximumNanoseconds == 90)
    }

    @Test(arguments: [nil, 12] as [UInt64?]) func lostEventsNeverMakeADuration(missed: UInt64?) {
        let events =
            [
                (10, Self.e.softirq("raise", 1)), (11, Self.e.softirq("entry", 1)), (12, Self.e.irqEntry(1, "a")),
                (12, Self.e.softirq("raise", 9)),
                (500, Self.e.irqExit(1, ret: 1)), (510, Self.e.softirq("exit", 1)), (520, Self.e.softirq("entry", 9)),
                (530, Self.e.softirq("exit", 9)),
            ] as [(UInt64, [UInt8])]
        let result = Self.analyze([events], gapBefore: (0, 4, missed))
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
                (10, Self.e.softirq("raise", 3)), (20, Self.e.softirq("raise", 3)), (50, Self.e.softirq("entry", 3)),
                (60, Self.e.softirq("raise", 3)), (65, Self.e.softirq("exit", 3)), (70, Self.e.softirq("entry", 3)),
                (71, Self.e.softirq("exit", 3)), (80, Self.e.softirq("entry", 3)), (82, Self.e.softirq("exit", 3)),
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
                (10, Self.e.softirq("entry", 3, pid: 1)), (20, Self.e.softirq("entry", 3, pid: 2)),
                (50, Self.e.softirq("exit", 3, pid: 1)), (70, Self.e.softirq("exit", 3, pid: 2)),
            ]
        ])
        let row = Self.rows(result)["softirq 3 NET_RX"]
        #expect(row?.duration.count == 2)
        #expect(row?.duration.totalNanoseconds == 40 + 50)
        #expect(result.ledger.unmatchedEntries == 0)
    }

    @Test func workIsPairedAcrossCPUsByThreadAndItem() {
        let result = Self.analyze([
            [(10, Self.e.work("queue_work", 0xF00, 0x77)), (90, Self.e.work("execute_end", 0xF00, 0, pid: 5))],
            [
                (40, Self.e.work("execute_start", 0xF00, 0x77, pid: 5)),
                (41, Self.e.work("execute_end", 0xF00, 0, pid: 6)),
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
                (10, Self.e.work("execute_start", 0xF00, 0x77, pid: 5)),
                (99, Self.e.work("execute_end", 0xF00, 0, pid: 5)),
            ] as [(UInt64, [UInt8])]
        let result = Self.analyze([events], gapBefore: (0, 1, 3))
        #expect(Self.rows(result)["work 119 0x77"]?.duration.count == 0)
        #expect(result.ledger.workDroppedAtGaps == 1)
    }

    @Test func workLosesItsTimesToAGapOnAnyCPU() {
        let result = Self.analyze(
            [
                [
                    (10, Self.e.work("queue_work", 0xF00, 0x77)), (20, Self.e.work("execute_start", 0xA00, 0x77, pid: 5)),
                ],
                [
                    (15, Self.e.other()), (500, Self.e.work("execute_start", 0xF00, 0x77, pid: 6)),
                    (900, Self.e.work("execute_end", 0xA00, 0, pid: 5)),
                ],
            ], gapBefore: (1, 1, nil))
        let row = Self.rows(result)["work 119 0x77"]
        #expect(row?.duration.count == 0 && row?.latency.count == 0)
        #expect(result.ledger.workDroppedAtGaps == 2 && result.ledger.workOpenAtEnd == 1)
    }

    @Test func newerQueueingReplacesACancelledOne() {
        let result = Self.analyze([
            [
                (10, Self.e.work("queue_work", 0xF00, 0x77)), (1000, Self.e.work("queue_work", 0xF00, 0x77)),
                (1005, Self.e.work("execute_start", 0xF00, 0x77, pid: 5)), (1100, Self.e.work("execute_start", 0xB00, 0x77, pid: 5)),
            ]
        ])
        #expect(Self.rows(result)["work 119 0x77"]?.latency.totalNanoseconds == 5)
        #expect(result.ledger.unmatchedWorkStarts == 1 && result.ledger.workOpenAtEnd == 1)
    }

    @Test func clockThatRunsBackMakesNoDuration() {
        let result = Self.analyze([[(500, Self.e.irqEntry(1, "a")), (400, Self.e.irqExit(1, ret: 1))]])
        #expect(Self.rows(result)["irq 1 a"]?.duration.count == 0)
        #expect(result.ledger.unmatchedEntries == 1)
    }

    @Test func impossibleVectorsAndDepthsAreCounted() {
        var events: [(UInt64, [UInt8])] = [
            (1, Self.e.softirq("entry", 32)), (2, Self.e.softirq("raise", 4_000_000_000)),
        ]
        for irq in 0..<40 { events.append((UInt64(10 + irq), Self.e.irqEntry(Int32(irq), "x"))) }
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
                (10, Self.e.irqEntry(1, "a")), (25, Self.e.irqExit(1, ret: 1)), (30, Self.e.irqEntry(1, "a")),
                (70, Self.e.irqExit(1, ret: 1)), (80, Self.e.irqEntry(1, "a")), (81, Self.e.irqExit(1, ret: 1)),
            ] as [(UInt64, [UInt8])]
        let result = Self.analyze([events, events], options: options)
        let row = Self.rows(result)["irq 1 a"]
        #expect(row?.calls == 1)
        #expect(row?.duration.totalNanoseconds == 40)
        #expect(row?.cpus.map(\.cpu) == [1])
        #expect(result.ledger.unmatchedExits == 0)
    }

    @Test func stormHasStartEndAndPeak() {
        var events: [(UInt64, [UInt8])] = []
        func burst(_ from: UInt64, _ to: UInt64, every step: UInt64) {
            for time in stride(from: from, to: to, by: UInt64.Stride(step)) {
                events.append((time, Self.e.irqEntry(1, "a")))
                events.append((time + 1, Self.e.irqExit(1, ret: 1)))
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
