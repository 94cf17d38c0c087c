import Testing
import TestSupport

@testable import IRQCore

/// The two entries of the analysis, for pages and for single events: the same events give the same result.
@Suite struct PagesAndEventsTests {
    static let layout = PageLayout(subBufferByteCount: 4096, commitByteCount: 8, byteOrder: .little)!

    /// The number of an event in the pages that `payload` writes.
    static func id(_ kind: EventKind, _ vector: Int) -> Int { 100 + Int(kind.rawValue) + 32 * vector }

    /// The size of a kind's numbers: four bytes are read the quick way, eight the slow one.
    static func numberByteCount(_ kind: EventKind) -> Int {
        switch kind {
        case .workQueue, .workStart, .workEnd, .taskletEntry, .taskletExit: 8
        default: 4
        }
    }

    static func formats() -> EventFormats {
        var formats = EventFormats()
        let pid = NumberField(offset: 4, byteCount: 4, isSigned: true)
        let isAdded = EventKind.allCases.allSatisfy { kind in
            if kind == .vectorEntry || kind == .vectorExit {
                return ["a", "b"].allSatisfy { name in
                    let index = formats.vectorIndex(of: name)!
                    return formats.add(EventFormat(kind: kind, pid: pid, vectorIndex: index), id: id(kind, Int(index)))
                }
            }
            let size = numberByteCount(kind)
            let numbers = (0..<2).map { NumberField(offset: 8 + size * $0, byteCount: size, isSigned: kind == .irqEntry) }
            let text = TextField(offset: 8 + 2 * size, byteCount: 4, encoding: .dataLocation)
            return formats.add(
                EventFormat(kind: kind, pid: pid, numbers: numbers, text: kind == .irqEntry ? text : nil), id: id(kind, 0))
        }
        #expect(isAdded)
        return formats
    }

    static func payload(_ step: Step, _ kind: EventKind) -> [UInt8] {
        var writer = ByteWriter(.little)
        let isVector = kind == .vectorEntry || kind == .vectorExit
        writer.put(UInt16(id(kind, isVector ? Int(step.numbers[0]) : 0)))
        writer.put(UInt16(0))
        writer.put(step.pid)
        if isVector { return writer.bytes }
        let size = numberByteCount(kind)
        for number in step.numbers + [UInt64](repeating: 0, count: 2 - step.numbers.count) {
            writer.put(long: number, byteCount: size)
        }
        writer.put(UInt32(8 + 2 * size + 4) | UInt32(step.text.utf8.count + 1) << 16)
        writer.put(step.text + "\0")
        return writer.bytes
    }

    /// A CPU's events: some open more than they close, tasks interleave, and here and there some are missing.
    static func randomSteps(_ random: inout SeededGenerator) -> Steps {
        var steps: Steps = []
        var time = UInt64.random(in: 1_000...2_000, using: &random)
        for _ in 0..<Int.random(in: 0...400, using: &random) {
            time += UInt64.random(in: 0...300, using: &random)
            if Int.random(in: 0..<60, using: &random) == 0 {
                let count = UInt64.random(in: 0...9, using: &random)
                steps.append((time, .gap(count == 0 ? nil : count)))
            }
            let kind = EventKind.allCases.randomElement(using: &random)!
            let pid = Int32.random(in: 0...3, using: &random)
            let number = UInt64.random(in: 0...1, using: &random)
            var step = Step(kind: kind, numbers: [number], pid: pid)
            switch kind {
            case .irqEntry: step.text = ["", "eth0", "nvme0q17", "a name of some length"].randomElement(using: &random)!
            case .irqExit: step.numbers.append(UInt64.random(in: 0...3, using: &random))
            case .softirqEntry: step.numbers = [UInt64.random(in: 0...33, using: &random) / 11]
            case .workQueue, .workStart: step = .work(kind, 0xFFFF_8000_0000_0100 + number, pid: pid, function: 7 + number)
            case .workEnd: step = .work(kind, 0xFFFF_8000_0000_0100 + number, pid: pid)
            case .taskletEntry, .taskletExit: step.numbers = [1, 0xFFFF_FFFF_8100_0000 + number]
            default: break
            }
            steps.append((time, step))
        }
        return steps
    }

    /// The pages that hold the steps; a gap stands at the head of one.
    static func pages(_ steps: Steps) -> [[UInt8]] {
        var pages: [PageBuilder] = []
        var missed: MissedEvents?
        for (time, step) in steps {
            guard let kind = step.kind else {
                missed = step.missed
                continue
            }
            if pages.isEmpty || missed != nil || pages[pages.count - 1].room < 200 {
                pages.append(PageBuilder(layout, start: time))
                if case .counted(let count)? = missed { pages[pages.count - 1].missed(count) }
                if case .unknown? = missed { pages[pages.count - 1].missed(nil) }
                missed = nil
            }
            pages[pages.count - 1].event(at: time, payload(step, kind))
        }
        return pages.map { $0.bytes() }
    }

    /// All that a result tells, in an order of its own.
    static func text(_ result: BufferResult) -> [String] {
        let rows = result.namedRows([:]).map { row in
            "\(row.key) \(row.calls) \(row.unhandled) \(row.wokeThread) \(row.cpus) \(row.duration) \(row.latency)"
        }
        let times = "\(String(describing: result.firstTime)) \(String(describing: result.lastTime))"
        return rows.sorted() + result.slowest.map { "\($0)" }.sorted() + result.storms.map { "\($0)" } + [times]
    }

    @Test func pagesAndEventsGiveTheSameResult() {
        let seed = UInt64.random(in: 0..<1 << 32)
        var random = SeededGenerator(seed: seed)
        let formats = Self.formats()
        var callCount: UInt64 = 0
        for _ in 0..<40 {
            let cpus = (0..<Int.random(in: 1...4, using: &random)).map { _ in Self.randomSteps(&random) }
            var options = AnalysisOptions()
            options.slowCount = 20
            options.fromNanoseconds = 3_000
            options.storm = StormCriteria(ratePerSecond: 100, durationNanoseconds: 0)
            var byPages = BufferAnalysis(shardCount: cpus.count, options: options)
            for (cpu, steps) in cpus.enumerated() {
                byPages.withShard(cpu) { shard in
                    let slot = shard.addCPU(cpu)
                    for bytes in Self.pages(steps) {
                        let span = bytes.span
                        shard.feed(page: span.bytes, slot: slot, decoder: PageDecoder(layout: Self.layout), formats: formats)
                    }
                }
            }
            var byEvents = BufferAnalysis(shardCount: cpus.count, options: options)
            let slots = cpus.indices.map { cpu in byEvents.withShard(cpu) { $0.addCPU(cpu) } }
            // Half of the time, and the rest: what was queued in one part is run in the other.
            let half = cpus.compactMap(\.last?.0).max().map { $0 / 2 } ?? 0
            for isEarly in [true, false] {
                for (cpu, steps) in cpus.enumerated() {
                    byEvents.withShard(cpu) { shard in
                        for (time, step) in steps where (time < half) == isEarly {
                            step.feed(&shard, at: time, slot: slots[cpu])
                        }
                    }
                }
                byEvents.mergeCPUs(before: half)
                byPages.mergeCPUs(before: half)
            }
            let ours = byPages.finish(buffer: "", vectorNames: formats.vectorNames)
            let theirs = byEvents.finish(buffer: "", vectorNames: formats.vectorNames)
            #expect(ours.ledger == theirs.ledger, "seed \(seed)")
            #expect(Self.text(ours) == Self.text(theirs), "seed \(seed)")
            callCount += ours.namedRows([:]).reduce(0) { $0 + $1.calls }
        }
        #expect(callCount > 1_000)
    }
}
