import TestSupport
import Testing

@testable import IRQCore
@testable import Rendering

/// The order of rows, the folding of the strip, and what keys do.
@Suite struct TopRulesTests {
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func heapSortIsTheLibrarysSort(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let live = Box()
        let count = Int.random(in: 0...200, using: &random)
        let rates = (0..<count).map { _ in UInt64.random(in: 0...9, using: &random) }
        for time in 0...1 as ClosedRange<UInt64> {
            let rows: [LiveFixture.Row] = (0..<count).map { (String($0), [rates[$0] * time], "chip 1-edge name") }
            try LiveFixture.sample(live, cpus: [0], rows: rows, at: (time + 1) * LiveFixture.second)
        }
        var (order, state) = (RowOrder(), TopState())
        for key in [TopState.SortKey.rate, .total] {
            state.sort = key
            order.arrange(live, state)
            let expected = (0..<count).sorted { (rates[$1], $0) < (rates[$0], $1) }
            #expect(order.rows.map { Int($0) } == expected, "seed \(seed)")
        }
        state.isReversed = true
        order.arrange(live, state)
        #expect(order.rows.map { Int($0) } == (0..<count).sorted { (rates[$1], $0) < (rates[$0], $1) }.reversed())
    }

    /// What is unknown is neither high nor low: it stands last in both directions.
    @Test func unknownStandsLast() {
        var order = RowOrder()
        let amounts: [UInt64?] = [nil, 5, 0, nil, 7]
        for (isReversed, expected) in [(false, [4, 1, 2, 0, 3]), (true, [2, 1, 4, 0, 3])] {
            order.removeAll()
            for (row, amount) in amounts.enumerated() { order.append(row, amount: amount) }
            order.sort(isReversed: isReversed)
            #expect(order.rows.map { Int($0) } == expected)
        }
        let names = [nil, "b", "a", nil, "\u{100}"]
        for (isReversed, expected) in [(false, [2, 1, 4, 0, 3]), (true, [4, 1, 2, 0, 3])] {
            order.removeAll()
            for (row, name) in names.enumerated() { order.append(row, name: name) }
            order.sort(isReversed: isReversed)
            #expect(order.rows.map { Int($0) } == expected)
        }
    }

    /// The same of the rows of a report: a handler that began and did not end has no time.
    @Test(arguments: IRQCore.SortKey.allCases) func unknownRowsOfAReportStandLast(key: IRQCore.SortKey) {
        let source = RecordingSource(
            format: "memory", clock: nil, isClockNanoseconds: true, cpuCount: 1, machine: nil, buffers: [""])
        var report = Report(
            source: source, buffers: [], symbols: [:], tasks: [:], slowCount: 0, overrunEvents: nil, notes: [])
        for (number, duration) in [(1, 30), (2, nil), (3, 0)] as [(Int64, UInt64?)] {
            var tally = SpanStatistics(row: 0, cpu: 0)
            if let duration { _ = tally.add(duration, selfTime: duration) }
            tally.calls = 1
            var row = ReportRow(RowKey(kind: .irq, number: number, name: "a\(number)"))
            row.add(tally, .duration)
            report.rows.append(row)
        }
        switch key {
        case .total, .`self`, .max, .mean:
            report.sort(by: key)
            #expect(report.rows.map(\.number) == [1, 3, 2])
            report.sort(by: key, reversed: true)
            #expect(report.rows.map(\.number) == [3, 1, 2])
        case .calls, .unhandled, .irq, .name:
            report.sort(by: key, reversed: true)
            #expect(report.rows.map(\.number) == [3, 2, 1])
        // These rows have no histogram, and interrupts do not wait: of all it is unknown.
        case .p50, .p90, .p99, .p999, .latency:
            report.sort(by: key, reversed: true)
            #expect(report.rows.map(\.number) == [1, 2, 3])
        }
    }

    @Test(arguments: [1, 2, 7, 16, 17, 64, 1152], [1, 2, 8])
    func foldingNeverSpansNodesWhileThereIsRoom(cpuCount: Int, nodeCount: Int) throws {
        let live = Box()
        let cpus = Array(0..<cpuCount)
        try LiveFixture.sample(live, cpus: cpus, rows: [], at: LiveFixture.second)
        let nodes = cpus.map { Int16($0 * nodeCount / cpuCount) }
        let used = Set(nodes).count
        var strip = HeatStrip()
        for width in 1...70 {
            strip.lay(live.interrupts, width: width, nodes: nodes, isFolded: true, first: 0)
            #expect(strip.cellCount <= width && strip.cellCount >= 1)
            #expect((0..<strip.cellCount).flatMap { Array(strip.columns($0)) } == cpus)
            for cell in 0..<strip.cellCount where used <= width {
                #expect(Set(strip.columns(cell).map { nodes[$0] }).count == 1, "\(width) cells")
            }
            for first in [0, 5, 9999] {
                strip.lay(live.interrupts, width: width, nodes: nodes, isFolded: false, first: first)
                #expect(strip.cellCount == min(width, cpuCount))
                #expect(strip.columns(strip.cellCount - 1).upperBound <= cpuCount)
            }
        }
    }

    private func take(_ keys: [TopKey], _ state: inout TopState) {
        for key in keys { state.take(key, rowCount: 30, pageCount: 10) { UInt32($0) + 100 } }
    }

    private func characters(_ text: String) -> [TopKey] { text.unicodeScalars.map { .character($0.value) } }

    @Test func keysDoWhatTheHelpSays() {
        var state = TopState()
        take([.end], &state)
        #expect(state.cursor == 29 && state.followed == 129)
        take([.pageUp, .up], &state)
        #expect(state.cursor == 18)
        take(characters("gkj"), &state)
        #expect(state.cursor == 1)
        take([.enter], &state)
        #expect(state.view == .detail && state.detailSerial == 101)
        take([.pageDown, .pageDown, .pageDown, .end], &state)
        #expect(state.firstLine == 20)
        take([.function(1)], &state)
        #expect(state.view == .help && state.firstLine == 0)
        take([.escape], &state)
        #expect(state.view == .detail)
        take([.escape], &state)
        #expect(state.view == .interrupts && state.cursor == 1 && state.followed == 101)
        take(characters("/ab"), &state)
        #expect(state.view == .interrupts && state.isTyping && state.filter == "ab")
        take([.backspace, .enter], &state)
        #expect(!state.isTyping && state.filter == "a")
        take([.escape], &state)
        #expect(state.filter.isEmpty && !state.isDone)
        take([.left] + Array(repeating: .right, count: 3), &state)
        #expect(state.firstColumn == 24)
        take(characters("q"), &state)
        #expect(state.isDone)
    }

    /// A key does what it does in the view that is shown, and nothing in another one.
    @Test func keysBelongToTheirView() {
        var state = TopState()
        take(characters("2/net"), &state)
        #expect(state.view == .softirqs && state.softirqFilter == "net" && state.filter.isEmpty)
        take([.enter] + characters("M"), &state)
        #expect(state.softirqOrder == .init(.max) && state.interruptOrder == .init(.rate))
        take([.enter], &state)
        #expect(state.view == .softirq && state.softirqRow == 100)
        take(characters("zfM"), &state)
        #expect(!state.hidesIdle && state.isFolded && !state.softirqOrder.isReversed)
        take([.escape] + characters("M"), &state)
        #expect(state.view == .softirqs && state.softirqOrder.isReversed)
        take(characters("3PM"), &state)
        #expect(state.view == .cpus && state.cpuOrder == .init(.rate))
        // The number is followed as it is typed, and nothing but digits is.
        take(characters("/1q7"), &state)
        #expect(state.prompt == .cpu && state.cpuText == "17" && state.followed == 17 && !state.isDone)
        take([.enter], &state)
        #expect(state.prompt == nil && state.view == .cpus && state.followed == 17)
        take([.enter], &state)
        #expect(state.view == .cpu && state.cpu == 100)
        take(characters("C1#5"), &state)
        #expect(state.servedOrder == .init(.cpu) && state.view == .cpus && state.followed == 5)
        take([.escape] + characters("xn "), &state)
        #expect(state.isForgetting && state.hidesNotes && state.isFrozen)
    }

    @Test func thePlanGoesBackToWhereItWasAskedFor() {
        var state = TopState()
        take([.down, .character(0x61)], &state)
        #expect(state.view == .plan && state.isPlanning && state.planSerial == 101)
        state.isPlanning = false
        take([.pageDown, .function(1), .escape], &state)
        #expect(state.view == .plan && !state.isPlanning)
        take([.escape], &state)
        #expect(state.view == .interrupts && state.cursor == 1 && state.followed == 101)
        take([.enter] + characters("a"), &state)
        #expect(state.view == .plan && state.isPlanning && state.planSerial == 101)
        take([.escape], &state)
        #expect(state.view == .detail)
        // There is no interrupt under the cursor of other tables.
        state.isPlanning = false
        take(characters("2a3a4a"), &state)
        #expect(state.view == .tasks && !state.isPlanning)
    }

    @Test func eachSortKeyHasItsView() {
        for keys in TopKeys.all {
            for (_, action) in keys.actions {
                guard case .sort(let key) = action else { continue }
                #expect(keys.views.contains { TopState.SortKey.keys(of: $0).contains(key) }, "\(key)")
            }
        }
        let reached = TopState.View.allCases.flatMap { TopState.SortKey.keys(of: $0) }
        #expect(Set(reached.map(\.rawValue)) == Set(TopState.SortKey.allCases.map(\.rawValue)))
    }

    @Test func randomKeysKeepItInBounds() {
        var random = SeededGenerator(seed: 7)
        var state = TopState()
        for _ in 0..<5_000 {
            let key: TopKey =
                [
                    .up, .down, .left, .right, .pageUp, .pageDown, .home, .end, .enter, .escape, .backspace,
                    .function(Int.random(in: 0...12, using: &random)), .character(UInt32.random(in: 0...0x1_1000, using: &random)),
                ].randomElement(using: &random) ?? .up
            take([key], &state)
            #expect((0..<30).contains(state.cursor) && (0...20).contains(state.firstLine))
            #expect((TopState.shortestInterval...TopState.longestInterval).contains(state.intervalNanoseconds))
            #expect(state.filter.unicodeScalars.count <= 64)
        }
    }

    // MARK: Marks, each just below and just above its limit

    /// The marks after `past` intervals of a rate and one with these deltas.
    private func marks(
        _ deltas: [UInt64], past: [UInt64] = [], nodes: [Int16] = [], _ learn: @escaping (inout InterruptDetails) -> Void = { _ in }
    ) throws -> RowMarks {
        let live = Box()
        live.nodes = nodes
        var counts = deltas.map { _ in UInt64(0) }
        for (time, step) in ([counts] + past.map { rate in deltas.indices.map { $0 == 0 ? rate : 0 } } + [deltas]).enumerated() {
            for index in counts.indices { counts[index] += step[index] }
            try LiveFixture.sample(
                live, cpus: Array(deltas.indices), rows: [("36", counts, "PCI-MSI 1-edge name")],
                at: UInt64(time + 1) * LiveFixture.second, learn: learn)
        }
        return live.marks[0]
    }

    @Test func suddenIsEightTimesThePast() throws {
        let five = Array(repeating: UInt64(200), count: 5)
        #expect(try marks([1600], past: five) == [] && marks([1601], past: five) == .suddenRate)
        #expect(try marks([999], past: [0, 0, 0, 0, 0]) == [] && marks([1000], past: [0, 0, 0, 0, 0]) == .suddenRate)
        #expect(try marks([5000], past: [0, 0, 0, 0]) == [])
    }

    @Test func outsideOfTheMaskIsOnePercentAndTen() throws {
        func on0(_ details: inout InterruptDetails) { details.affinity = CPUSet([0]) }
        #expect(try marks([10, 9], on0) == [] && marks([10, 10], on0) == .outsideMask)
        #expect(try marks([9900, 100], on0) == [] && marks([9899, 101], on0) == .outsideMask)
    }

    @Test func oneOfManyFrom5000() throws {
        // A device's only message has one target at a time: a wire could go elsewhere.
        func both(_ details: inout InterruptDetails) { (details.affinity, details.delivery) = (CPUSet([0, 1]), .wired) }
        #expect(try marks([4999, 0], both) == [] && marks([5000, 0], both) == .oneOfMany)
        #expect(try marks([9499, 501], both) == [] && marks([9500, 500], both) == .oneOfMany)
        #expect(try marks([9000, 0]) { $0.affinity = CPUSet([0]) } == [])
    }

    @Test func remoteIsMoreThanHalf() throws {
        func home(_ details: inout InterruptDetails) { (details.affinity, details.node) = (CPUSet([0, 1]), 0) }
        #expect(try marks([50, 50], nodes: [0, 1], home) == [] && marks([49, 51], nodes: [0, 1], home) == .remoteNode)
        #expect(try marks([0, 99], nodes: [0, 1], home) == [] && marks([0, 100], nodes: [0, 1], home) == .remoteNode)
    }

    @Test func unhandledIsAnyNewOne() throws {
        func new(_ count: UInt64, wakesThreads: Bool?) throws -> RowMarks {
            try marks([1]) { ($0.newlyUnhandled, $0.newlyJudged, $0.wakesThreads) = (count, 100, wakesThreads) }
        }
        #expect(try new(0, wakesThreads: false) == [] && new(1, wakesThreads: false) == .unhandled)
        #expect(try new(99, wakesThreads: true) == [] && new(100, wakesThreads: true) == .unhandled)
        #expect(try new(99, wakesThreads: nil) == [])
    }
}
