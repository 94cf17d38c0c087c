import TestSupport
import Testing

@testable import IRQCore

/// Intervals of a live trace against the report of the same pages.
@Suite struct LiveDurationsTests {
    static let e = PageEvents.builder
    static let layout = PageEvents.layout

    static func page(_ events: [(UInt64, [UInt8])], missed: Bool = false) -> [UInt8] {
        var builder = PageBuilder(layout, start: events.first?.0 ?? 0)
        if missed { builder.missed(7) }
        for (time, payload) in events { builder.event(at: time, payload) }
        return builder.bytes()
    }

    static func feed(_ durations: inout LiveDurations, _ page: [UInt8], cpu: Int) {
        let formats = PageEvents.formats()
        let span = page.span
        durations.feed(page: span.bytes, cpu: cpu, decoder: PageDecoder(layout: layout), formats: formats)
    }

    /// Random handlers and softirqs of a CPU, in pages.
    static func pages(seed: UInt64) -> [[UInt8]] {
        var generator = SeededGenerator(seed: seed)
        var (time, pages): (UInt64, [[UInt8]]) = (1000, [])
        for _ in 0..<40 {
            var own: [(UInt64, [UInt8])] = []
            for _ in 0..<Int.random(in: 1...15, using: &generator) {
                let irq = Int32.random(in: 1...4, using: &generator)
                let took = UInt64.random(in: 50...200_000, using: &generator)
                if Bool.random(using: &generator) {
                    own.append((time, e.irqEntry(irq, irq == 2 ? ["a", "b"].randomElement(using: &generator)! : "x")))
                    own.append((time + took, e.irqExit(irq, ret: Int32.random(in: 0...2, using: &generator))))
                } else {
                    let vector = UInt32.random(in: 1...3, using: &generator)
                    own.append((time, e.softirq("raise", vector)))
                    own.append((time + 20, e.softirq("entry", vector)))
                    own.append((time + 20 + took, e.softirq("exit", vector)))
                }
                time += took + 500
            }
            pages.append(page(own))
        }
        return pages
    }

    @Test(arguments: 1...5) func intervalsAddUpToTheReport(seed: Int) {
        let cpus = [Self.pages(seed: UInt64(seed)), Self.pages(seed: UInt64(seed) + 100)]
        let report = PageEvents.analyze(cpus)
        let rows = report.namedRows([:])
        var durations = LiveDurations()
        var sums: [String: (calls: UInt64, count: UInt64, total: UInt64, maximum: UInt64, unhandled: UInt64)] = [:]
        func take(_ name: String, _ interval: SpanInterval?) {
            guard let interval else { return }
            var sum = sums[name] ?? (0, 0, 0, 0, 0)
            sum.calls += interval.calls
            sum.count += interval.count
            sum.total += interval.totalNanoseconds
            sum.unhandled += interval.unhandled
            sum.maximum = max(sum.maximum, interval.maximumNanoseconds)
            sums[name] = sum
            #expect((interval.p50Nanoseconds == nil) == (interval.count == 0))
            if let p50 = interval.p50Nanoseconds, let p99 = interval.p99Nanoseconds {
                #expect(p50 <= p99 && p99 <= interval.maximumNanoseconds)
            }
        }
        var events: UInt64 = 0
        for index in 0..<40 {
            for cpu in 0..<2 { Self.feed(&durations, cpus[cpu][index], cpu: cpu) }
            if index % 3 != 0, index != 39 { continue }
            durations.endInterval()
            events += durations.events
            let losses = (durations.lost, durations.gaps)
            #expect(losses == (0, 0))
            for irq in 1...4 { take("irq \(irq)", durations.irq(irq)) }
            for vector in 1...3 {
                take("softirq \(vector)", durations.softirq(vector))
                take("raise \(vector)", durations.raiseLatency(vector))
            }
        }
        let total = durations.totalEvents
        #expect(events == total && events == report.ledger.events)
        for irq in 1...4 {
            let mine = rows.filter { $0.kind == .irq && $0.number == Int64(irq) }
            let sum = sums["irq \(irq)"] ?? (0, 0, 0, 0, 0)
            #expect(sum.calls == mine.reduce(0) { $0 + $1.calls } && sum.count == mine.reduce(0) { $0 + $1.duration.count })
            #expect(sum.total == mine.reduce(0) { $0 + $1.duration.totalNanoseconds })
            #expect(sum.unhandled == mine.reduce(0) { $0 + $1.unhandled })
            let shape = (0..<LiveDurations.log2BucketCount).reduce(UInt64(0)) { $0 + durations.log2Histogram(irq: irq, power: $1) }
            #expect(shape == sum.count)
        }
        for vector in 1...3 {
            let mine = rows.first { $0.kind == .softirq && $0.number == Int64(vector) }
            #expect(sums["softirq \(vector)"]?.total == mine?.duration.totalNanoseconds)
            #expect(sums["raise \(vector)"]?.count == sums["softirq \(vector)"]?.count)
        }
    }

    @Test func percentilesAreThoseOfSortedDurations() throws {
        var generator = SeededGenerator(seed: 9)
        for count in [1, 2, 3, 99, 100, 101, 1000] {
            var durations = LiveDurations()
            var took: [UInt64] = []
            var time: UInt64 = 1
            for _ in 0..<count {
                let value = UInt64.random(in: 100...3_000_000, using: &generator)
                took.append(value)
                let events = [(time, Self.e.irqEntry(5, "x")), (time + value, Self.e.irqExit(5, ret: 1))]
                Self.feed(&durations, Self.page(events), cpu: 0)
                time += value + 10
            }
            durations.endInterval()
            took.sort()
            let found = durations.irq(5)
            let interval = try #require(found)
            for (percentile, value) in [(50, interval.p50Nanoseconds), (99, interval.p99Nanoseconds)] {
                let exact = Double(took[(count * percentile + 99) / 100 - 1])
                #expect(abs(Double(try #require(value)) - exact) <= 0.01 * exact, "p\(percentile) of \(count)")
            }
            #expect(interval.maximumNanoseconds == took.last && interval.totalNanoseconds == took.reduce(0, +))
        }
    }

    /// What an interval of IRQ 5 was: calls, spans, their sum.
    static func irq5(_ durations: borrowing LiveDurations) -> [UInt64?] {
        let interval = durations.irq(5)
        return [interval?.calls, interval?.count, interval?.totalNanoseconds, interval?.p50Nanoseconds.map { _ in 1 }]
    }

    static func losses(_ durations: borrowing LiveDurations) -> [UInt64] {
        [durations.gaps, durations.lost, durations.totalLost]
    }

    @Test func spanCountsWhereItEnds() {
        var durations = LiveDurations()
        var intervals: [[UInt64?]] = []
        Self.feed(&durations, Self.page([(100, Self.e.irqEntry(5, "x"))]), cpu: 0)
        durations.endInterval()
        intervals.append(Self.irq5(durations))
        durations.endInterval()
        intervals.append(Self.irq5(durations))
        Self.feed(&durations, Self.page([(1100, Self.e.irqExit(5, ret: 1))]), cpu: 0)
        durations.endInterval()
        intervals.append(Self.irq5(durations))
        durations.endInterval()
        intervals.append(Self.irq5(durations))
        #expect(intervals == [[1, 0, 0, nil], [0, 0, 0, nil], [0, 1, 1000, 1], [0, 0, 0, nil]])
        let unseen = (durations.irq(6) == nil, durations.softirq(5) == nil)
        #expect(unseen == (true, true))
    }

    @Test func lossesAreCountedByInterval() {
        var durations = LiveDurations()
        Self.feed(&durations, Self.page([(100, Self.e.irqEntry(5, "x"))]), cpu: 0)
        Self.feed(&durations, Self.page([(900, Self.e.irqExit(5, ret: 1))], missed: true), cpu: 0)
        durations.endInterval()
        let first = Self.losses(durations)
        let spans = Self.irq5(durations)
        durations.endInterval()
        let second = Self.losses(durations)
        #expect(first == [1, 7, 7] && second == [0, 0, 7] && spans[1] == 0)
    }

    // MARK: Since the start

    /// A page of one handler of IRQ 5 on a CPU.
    static func feed(_ durations: inout LiveDurations, from start: UInt64, took: UInt64, cpu: Int = 0) {
        feed(&durations, page([(start, e.irqEntry(5, "x")), (start + took, e.irqExit(5, ret: 1))]), cpu: cpu)
    }

    static func longest(_ durations: borrowing LiveDurations) -> [UInt64]? {
        durations.place(irq: 5).flatMap { durations.longest($0) }.map { [$0.nanoseconds, $0.timeNanoseconds] }
    }

    @Test func anOutlierDoesNotVanishWithItsInterval() {
        var durations = LiveDurations()
        Self.feed(&durations, from: 1000, took: 700)
        durations.endInterval(wallOffset: 1_000_000)
        Self.feed(&durations, from: 5000, took: 90)
        Self.feed(&durations, from: 6000, took: 700, cpu: 1)
        durations.endInterval(wallOffset: 2_000_000)
        let now = durations.irq(5)?.maximumNanoseconds
        // The first of two that took as long, at the time that was right then.
        let longest = Self.longest(durations)
        #expect(now == 700 && longest == [700, 1_001_000])
        durations.endInterval()
        let later = Self.longest(durations)
        let total = durations.place(irq: 5).map { durations.total($0).spans }
        #expect(later == longest && total?.calls == 3 && total?.totalNanoseconds == 1490)
        // Percentiles are within 0.8 %.
        #expect((695...700).contains(total?.p50Nanoseconds ?? 0) && (695...700).contains(total?.p99Nanoseconds ?? 0))
    }

    /// The middle of a bucket may lie beside all that is in it.
    @Test(arguments: [2048, 2063, 123_456] as [UInt64]) func percentilesLieBetweenTheExtremes(_ nanoseconds: UInt64) {
        var durations = LiveDurations()
        Self.feed(&durations, from: 1000, took: nanoseconds)
        Self.feed(&durations, from: 1_000_000, took: nanoseconds)
        durations.endInterval()
        let interval = durations.irq(5)
        let total = durations.place(irq: 5).map { durations.total($0).spans }
        for spans in [interval, total] {
            #expect(spans?.p50Nanoseconds == nanoseconds && spans?.p99Nanoseconds == nanoseconds)
        }
    }

    /// What came before the key, in the same interval too, does not come back after it.
    @Test func forgottenTotalsBeginWithTheNextInterval() {
        var durations = LiveDurations()
        Self.feed(&durations, from: 1000, took: 700)
        durations.endInterval()
        Self.feed(&durations, from: 5000, took: 800)
        durations.forgetTotals()
        let atOnce = Self.longest(durations)
        durations.endInterval()
        let (interval, afterwards) = (durations.irq(5)?.maximumNanoseconds, Self.longest(durations))
        #expect(atOnce == nil && interval == 800 && afterwards == nil)
        Self.feed(&durations, from: 9000, took: 60)
        durations.endInterval(wallOffset: 7)
        let anew = Self.longest(durations)
        let shape = (0..<LiveDurations.log2BucketCount).map { durations.log2Histogram(irq: 5, power: $0) }
        #expect(anew == [60, 9007] && shape.reduce(0, +) == 1 && shape[5] == 1)
    }

    @Test func powersOfTwoAreThoseOfTheDurations() {
        var durations = LiveDurations()
        var time: UInt64 = 1
        let lengths: [UInt64] = [0, 1, 2, 3, 63, 64, 127, 128, 1023, 1024, 1 << 38, 1 << 39, 1 << 40]
        for length in lengths {
            Self.feed(&durations, from: time, took: length)
            time += length + 1
        }
        durations.endInterval()
        var expected = Array(repeating: UInt64(0), count: LiveDurations.log2BucketCount)
        for length in lengths { expected[min(length == 0 ? 0 : 63 - length.leadingZeroBitCount, 39)] += 1 }
        let shape = (0..<LiveDurations.log2BucketCount).map { durations.log2Histogram(irq: 5, power: $0) }
        #expect(shape == expected)
    }

    // MARK: By CPU

    @Test(arguments: 1...3) func cpusAddUpToTheInterval(seed: Int) {
        let cpus = [Self.pages(seed: UInt64(seed)), Self.pages(seed: UInt64(seed) + 100)]
        var durations = LiveDurations()
        for index in 0..<40 {
            for cpu in 0..<2 { Self.feed(&durations, cpus[cpu][index], cpu: cpu) }
            if index % 7 != 0 { continue }
            durations.endInterval()
            var irqTotal: UInt64 = 0
            for irq in 1...4 {
                guard let place = durations.place(irq: irq) else { continue }
                let whole = durations.interval(place)
                let parts = (0..<3).map { durations.interval(place, cpu: $0) }
                irqTotal += whole.totalNanoseconds
                let isAbsent = parts[2] == nil
                #expect(parts.reduce(0) { $0 + ($1?.totalNanoseconds ?? 0) } == whole.totalNanoseconds && isAbsent)
                #expect(parts.reduce(0) { $0 + ($1?.calls ?? 0) } == whole.calls)
                #expect(parts.map { $0?.maximumNanoseconds ?? 0 }.max() == whole.maximumNanoseconds)
            }
            let times = (0..<3).map { durations.time(cpu: $0) }
            // These handlers are not nested: their time is all their own.
            #expect(times.reduce(0) { $0 + $1.irqNanoseconds } == irqTotal && times[2].irqNanoseconds == 0)
        }
    }

    /// The kernel counts call_function and call_function_single in one row, CAL.
    @Test func vectorsThatShareARow() {
        var homes = Array(0..<64)
        homes[0] = 3
        var durations = LiveDurations(vectorAliases: homes)
        Self.feed(&durations, Self.page([(100, Self.e.timer("entry")), (150, Self.e.timer("exit"))]), cpu: 0)
        durations.endInterval()
        let totals = [durations.vector(0), durations.vector(1), durations.vector(3)].map { $0?.totalNanoseconds }
        #expect(totals == [50, nil, 50])

        var tracing = LiveTracing()
        tracing.start(vectorNames: ["call_function", "local_timer", "call_function_single", "odd"], missingEvents: ["x:y"])
        let before = (tracing.isOn, tracing.missingEvents, tracing.share(1))
        #expect(before.0 && before.1 == ["x:y"] && before.2 == nil)
        tracing.endInterval(nanoseconds: 1000)
        let share = tracing.share(250)
        #expect(share == 0.25)
        tracing.stop(reason: "why")
        let after = (tracing.isOn, tracing.reason)
        #expect(!after.0 && after.1 == "why")
    }
}

extension LiveDurations {
    func irq(_ number: Int) -> SpanInterval? { place(irq: number).map { interval($0) } }
    func softirq(_ vector: Int) -> SpanInterval? { place(softirq: vector).map { interval($0) } }
    func raiseLatency(_ vector: Int) -> SpanInterval? { place(raiseLatency: vector).map { interval($0) } }
    func vector(_ index: Int) -> SpanInterval? { place(vector: index).map { interval($0) } }

    func log2Histogram(irq number: Int, power: Int) -> UInt64 {
        place(irq: number).map { log2Histogram($0, power: power) } ?? 0
    }
}

/// Older events cut off a page.
@Suite struct PageCutTests {
    static func times(_ page: [UInt8]) throws -> [UInt64] {
        let decoder = PageDecoder(layout: LiveDurationsTests.layout)
        let formats = PageEvents.formats()
        var times: [UInt64] = []
        let span = page.span
        var cursor = try decoder.open(span.bytes)
        try decoder.decode(span.bytes, from: &cursor, formats: formats) { event, _ in times.append(event.time) }
        return times
    }

    /// What PageBuffer.cut does, in plain words.
    static func apply(_ cut: PageCut, _ page: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(.little)
        writer.put(cut.time)
        writer.put(UInt64(cut.end - cut.offset))
        writer.put(raw: Array(page[cut.offset..<cut.end]))
        writer.pad(to: page.count)
        return writer.bytes
    }

    @Test func everyLimitKeepsExactlyTheYounger() throws {
        var builder = PageBuilder(LiveDurationsTests.layout, start: 1000)
        var times: [UInt64] = []
        let e = PageEvents.builder
        for (index, time) in [1000, 1000, 1500, 200_000_000_000, 200_000_000_001, 200_000_000_700].enumerated() {
            builder.event(at: UInt64(time), index % 2 == 0 ? e.irqEntry(5, "x") : e.irqExit(5, ret: 1))
            if index == 2 { builder.discarded(delta: 3, byteCount: 12) }
            times.append(UInt64(time))
        }
        let page = builder.bytes()
        #expect(try Self.times(page) == times)
        let decoder = PageDecoder(layout: LiveDurationsTests.layout)
        let formats = PageEvents.formats()
        for limit in [0, 999, 1000, 1001, 1499, 1500, 1501, 200_000_000_000, 200_000_000_700, 200_000_000_701, UInt64.max] {
            let span = page.span
            let found = decoder.cut(span.bytes, before: limit, formats: formats)
            let cut = try #require(found)
            let rest = times.filter { $0 >= limit }
            #expect(cut.isEmpty == rest.isEmpty)
            #expect(try Self.times(Self.apply(cut, page)) == rest, "from \(limit) on")
        }
    }

    @Test func damagedPageIsKept() {
        var page = LiveDurationsTests.page([(100, PageEvents.builder.irqEntry(5, "x"))])
        page[8] = 0xFF
        page[9] = 0xFF
        let decoder = PageDecoder(layout: LiveDurationsTests.layout)
        let formats = PageEvents.formats()
        let span = page.span
        let cut = decoder.cut(span.bytes, before: 0, formats: formats)
        #expect(cut == nil)
    }
}
