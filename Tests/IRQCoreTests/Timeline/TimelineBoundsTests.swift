import TestSupport
import Testing

@testable import IRQCore

/// Memory, gaps, and what is left out where there is very much.
@Suite struct TimelineBoundsTests {
    private func span(_ row: Int, _ cpu: UInt32 = 0, at start: UInt64, _ duration: UInt64) -> FinishedSpan {
        FinishedSpan(
            row: Int32(row), cpu: cpu, pid: -1, startNanoseconds: start, durationNanoseconds: duration,
            selfNanoseconds: duration)
    }

    private func row(_ number: Int, _ kind: SpanKind = .irq) -> SpanRow {
        SpanRow(SpanKey(kind: kind, number: UInt64(number)), text: Array("a\(number)".utf8))
    }

    /// 16,384 rows in each of 30 columns are half a million cells; the eight rows with the most time keep theirs.
    @Test func theBusiestOfVeryManyRowsKeepTheirCells() {
        var collector = TimelineCollector(from: 0, to: .max)
        for number in 0..<16_384 { collector.add(row(number)) }
        collector.add(row(3, .softirq))
        var batch: [FinishedSpan] = []
        for column in 0..<30 {
            for number in 0..<16_384 {
                // The busiest are somewhere in the middle, in no order of their numbers.
                let duration: UInt64 = number % 2_048 == 999 ? 900 : 5 + UInt64(number % 7)
                batch.append(span(number, at: UInt64(column) * 1_000_000 + UInt64(number), duration))
                if batch.count == 1_024 {
                    collector.take(batch.span)
                    batch = []
                }
            }
            batch.append(span(16_384, at: UInt64(column) * 1_000_000, 1))
        }
        collector.take(batch.span)
        #expect(collector.cells.slotCount <= 2 * HeatCells.slotBudget)
        var counts = [UInt64](repeating: 0, count: collector.rows.count)
        for entry in collector.cells.entries(collector.grid) { counts[Int(entry.row)] += entry.count }
        let isWhole = (0..<collector.rows.count).map { collector.rows[$0].isWhole }
        #expect(counts == isWhole.map { $0 ? 30 : 0 })
        #expect((0..<8).allSatisfy { isWhole[$0 * 2_048 + 999] } && isWhole[16_384])
        #expect(counts.count { $0 == 0 } > 8_000)
    }

    @Test func thousandCPUsAreFoldedByNodesAndNothingIsMissing() throws {
        var cpus: [Int: Steps] = [:]
        var total: UInt64 = 0
        for cpu in 0..<1_152 {
            let duration = UInt64(10 + cpu % 97)
            cpus[cpu] = [(1_000, .irqEntry(7, "a")), (1_000 + duration, .irqExit(7))]
            total += duration
        }
        let halves = [0..<576, 576..<1_152]
        let nodes = halves.enumerated().map { HardwareMap.Node(number: $0, cpus: CPUSet($1)) }
        let timeline = try #require(TimelineParts.report(cpus, isOneShard: true, nodes: nodes).timeline)
        let groups = timeline.lanes.filter { !$0.isHottest }
        #expect(groups.map(\.node) == [0, 1] && groups.map(\.cpus) == halves.map(Array.init))
        #expect(groups.reduce(0) { $0 + timeline.total($1, .hardirq) } == total)
        let hottest = timeline.lanes.filter(\.isHottest)
        #expect(hottest.count == LaneFolding.hottestCount)
        #expect(hottest.allSatisfy { $0.cpus.count == 1 && timeline.total($0, .hardirq) >= 105 })

        let unknown = try #require(TimelineParts.report(cpus, isOneShard: true).timeline)
        let blocks = unknown.lanes.filter { !$0.isHottest }
        #expect((2...16).contains(blocks.count) && blocks.allSatisfy { $0.node == nil })
        #expect(blocks.flatMap(\.cpus) == Array(0..<1_152))
        #expect(blocks.reduce(0) { $0 + unknown.total($1, .hardirq) } == total)
    }

    @Test func gapsAreOneAColumnAndCoverAllThatIsMissing() throws {
        var steps: Steps = []
        var real: [ClosedRange<UInt64>] = []
        for place in 0..<20_000 {
            let time = 1_000 + UInt64(place) * 1_000
            steps += [(time, .irqEntry(7, "a")), (time + 100, .irqExit(7))]
            if place % 3 == 0 {
                steps.append((time + 700, .gap(5)))
                real.append(time + 100...time + 700)
            }
        }
        let timeline = try #require(TimelineParts.report([4: steps]).timeline)
        let columns = timeline.gaps.map { $0.startNanoseconds / timeline.columnNanoseconds }
        #expect(Set(columns).count == columns.count && columns.count <= timeline.columnCount)
        #expect(
            real.allSatisfy { gap in
                timeline.gaps.contains {
                    $0.cpu == 4 && $0.startNanoseconds <= gap.lowerBound && $0.endNanoseconds >= gap.upperBound
                }
            })
        // Each begins where something is missing: nothing is called a gap that is none.
        #expect(timeline.gaps.allSatisfy { gap in real.contains { $0.lowerBound == gap.startNanoseconds } })
    }

    /// A page that cannot be read is missing up to the next one, and at the end up to the end.
    @Test func damageReachesToTheNextEvent() throws {
        var options = AnalysisOptions()
        options.isTimelineWanted = true
        let formats = PageEvents.formats()
        let analysis = BufferAnalysis(shardCount: 1, options: options)
        analysis.withShard(0) { shard in
            let slots = [shard.addCPU(0), shard.addCPU(1)]
            for (place, slot) in slots.enumerated() {
                Step.irqEntry(7, "a").feed(&shard, at: 1_000, slot: slot)
                Step.irqExit(7).feed(&shard, at: 2_000, slot: slot)
                let damaged = [UInt8](repeating: 0xFF, count: 64)
                let span = damaged.span
                shard.feed(
                    page: span.bytes, slot: slot, decoder: PageDecoder(layout: PageEvents.layout), formats: formats)
                if place == 0 {
                    var page = PageBuilder(PageEvents.layout, start: 60_000)
                    page.event(at: 60_000, PageEvents.builder.irqEntry(7, "a"))
                    page.event(at: 90_000, PageEvents.builder.irqExit(7, ret: 1))
                    let bytes = page.bytes()
                    let next = bytes.span
                    shard.feed(
                        page: next.bytes, slot: slot, decoder: PageDecoder(layout: PageEvents.layout),
                        formats: formats)
                }
            }
        }
        let result = analysis.finish(buffer: "", vectorNames: [])
        #expect(result.ledger.damagedPages == 2)
        let timeline = try #require(TimelineParts.report(result, options).timeline)
        #expect(
            timeline.gaps == [
                TimelineGap(cpu: 0, startNanoseconds: 2_000, endNanoseconds: 60_000),
                TimelineGap(cpu: 1, startNanoseconds: 2_000, endNanoseconds: 90_000),
            ])
    }
}
