import Foundation
import IRQCore
import Testing
import TestSupport

@testable import TraceInput

/// perf.data in all its forms: the same events give the same numbers.
@Suite struct PerfDataTests {
    struct Form: Sendable, CustomTestStringConvertible {
        var byteOrder: ByteOrder
        var isPipe: Bool
        var packing: PerfBuilder.Packing
        var testDescription: String { "\(byteOrder) \(isPipe ? "pipe" : "file") \(packing)" }
    }

    static let forms = [ByteOrder.little, .big].flatMap { byteOrder in
        [false, true].flatMap { isPipe in
            PerfBuilder.Packing.allCases.map { Form(byteOrder: byteOrder, isPipe: isPipe, packing: $0) }
        }
    }

    @Test(arguments: forms) func everyFormGivesTheSameNumbers(form: Form) throws {
        let bytes = PerfSamples.recording(form.byteOrder) {
            $0.isPipe = form.isPipe
            $0.packing = form.packing
        }
        let report = try Samples.report(bytes)
        #expect(PerfSamples.check(report) == [])
        #expect(report.source.byteOrder == form.byteOrder && report.source.clock == "perf")
        #expect(report.source.machine == "Linux box 6.1 riscv64")
        #expect(report.unusedEvents.map { "\($0.name ?? "") \($0.count)" } == ["sched:sched_stat_runtime 3"])
    }

    /// Bits of sample_type before RAW, and READ with each read_format: the fields lie elsewhere, the numbers are the same.
    @Test func everySampleTypeGivesTheSameNumbers() throws {
        let needed: UInt64 = 1 << 2 | 1 << 7 | 1 << 10
        for others: UInt64 in stride(from: 0, to: 256, by: 5) {
            // IDENTIFIER or ID, then IP, TID, ADDR, READ, CALLCHAIN, STREAM_ID, PERIOD.
            let bits: [UInt64] = [16, 0, 1, 3, 4, 5, 9, 8]
            var type = bits.enumerated().reduce(needed) { $0 | (others >> UInt64($1.offset) & 1) << $1.element }
            if type >> 16 & 1 == 0 { type |= 1 << 6 }
            let bytes = PerfSamples.recording {
                $0.sampleType = type
                $0.readFormat = UInt64(others) & 31
                // Events of another type have their id at the same place only with IDENTIFIER.
                $0.isPipe = others & 1 == 0
            }
            #expect(PerfSamples.check(try Samples.report(bytes)) == [], "sample_type \(String(type, radix: 16))")
        }
    }

    @Test(arguments: [64, 72, 80, 96, 104, 112, 120, 128, 136, 144, 400])
    func attributesOfAnySizeAreRead(byteCount: Int) throws {
        for isPipe in [false, true] {
            let bytes = PerfSamples.recording {
                $0.attributeByteCount = byteCount
                $0.isPipe = isPipe
            }
            #expect(PerfSamples.check(try Samples.report(bytes)) == [])
        }
    }

    @Test(arguments: [ByteOrder.little, .big]) func overwrittenBuffersArePutInOrder(byteOrder: ByteOrder) throws {
        for packing in PerfBuilder.Packing.allCases {
            let bytes = PerfSamples.recording(byteOrder, isBackward: true) {
                $0.flags = 1 << 27
                $0.packing = packing
            }
            let report = try Samples.report(bytes)
            #expect(PerfSamples.check(report).filter { !$0.hasPrefix("notes") } == [])
            #expect(report.notes.count == 1 && report.notes[0].contains("--overwrite"))
        }
    }

    /// With a buffer for each thread a CPU's events come from several: nothing in the file says so.
    @Test func eventsOutOfOrderArePutInOrder() throws {
        var perf = PerfSamples.builder()
        let events = perf.events
        for round in 0..<200 {
            let start = UInt64(1_000_000 + 10_000 * round)
            // Two buffers, each in order, over the same time.
            perf.sample(events.irqEntry(36, "eth0"), time: start + 100, cpu: 0)
            perf.sample(events.softirq("exit", 3), time: start + 900, cpu: 0)
            perf.sample(events.irqExit(36, ret: 1), time: start + 400, cpu: 0)
            perf.sample(events.softirq("entry", 3), time: start + 500, cpu: 0)
            perf.finishedRound()
        }
        let report = try Samples.report(perf.build())
        #expect(report[.irq].first?.duration.count == 200 && report[.irq].first?.duration.totalNanoseconds == 60_000)
        #expect(report[.softirq].first?.duration.totalNanoseconds == 80_000)
        #expect(report.ledger.unmatchedExits == 0 && report.ledger.unmatchedEntries == 0 && report.notes.isEmpty)
    }

    /// An interrupt between the moment when the kernel takes an event's time and that when it takes room for it, as one in some
    /// 500,000 events has it: no more than a look at what lies near is needed.
    @Test(arguments: [ByteOrder.little, .big]) func anEventBehindThoseThatInterruptedItIsPutBeforeThem(
        byteOrder: ByteOrder
    ) throws {
        var perf = PerfSamples.builder(byteOrder)
        let events = perf.events
        for index in 0..<3000 {
            let start = UInt64(1_000_000 + 10_000 * index)
            perf.sample(events.softirq("raise", 3), time: start, cpu: 0)
            if index % 1000 == 500 {
                perf.sample(events.irqEntry(36, "eth0"), time: start + 300, cpu: 0)
                perf.sample(events.irqExit(36, ret: 1), time: start + 400, cpu: 0)
                perf.sample(events.softirq("entry", 3), time: start + 200, cpu: 0)
            } else {
                perf.sample(events.softirq("entry", 3), time: start + 200, cpu: 0)
            }
            perf.sample(events.softirq("exit", 3), time: start + 500, cpu: 0)
        }
        let report = try Samples.report(perf.build())
        #expect(report[.softirq].first?.duration.totalNanoseconds == 900_000)
        #expect(report[.softirq].first?.duration.selfNanoseconds == 900_000 - 300)
        #expect(report[.softirq].first?.latency.totalNanoseconds == 600_000)
        #expect(report.ledger.unmatchedEntries == 0 && report.notes.isEmpty)
    }

    /// Random events of four CPUs, interleaved as perf does it, in rounds: as they come and through the queue they give the same.
    @Test func theQueueGivesWhatTheDirectWayGives() throws {
        let seed = UInt64.random(in: 0..<1 << 32)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var perf = PerfSamples.builder()
        perf.cpuCount = 4
        let events = perf.events
        var times = [UInt64](repeating: 1_000_000, count: 4)
        for round in 0..<40 {
            for cpu in 0..<4 {
                times[cpu] = max(times[cpu], 1_000_000 + UInt64(round) * 100_000)
                for _ in 0..<Int.random(in: 0...30, using: &random) {
                    times[cpu] += UInt64.random(in: 0...2000, using: &random)
                    perf.sample(Self.randomEvent(events, &random), time: times[cpu], cpu: cpu)
                }
                if Int.random(in: 0..<20, using: &random) == 0 { perf.lost(3, time: times[cpu], cpu: cpu) }
            }
            perf.finishedRound()
        }
        let plain = try Samples.report(perf.build())
        perf.flags = 1 << 27
        let sorted = try Samples.report(perf.build())
        #expect(plain.ledger == sorted.ledger)
        for kind in RowKind.allCases {
            let (left, right) = (plain[kind], sorted[kind])
            #expect(left.map(\.key) == right.map(\.key) && left.map(\.calls) == right.map(\.calls))
            #expect(left.map(\.duration.totalNanoseconds) == right.map(\.duration.totalNanoseconds))
            #expect(left.map(\.latency.totalNanoseconds) == right.map(\.latency.totalNanoseconds))
        }
    }

    static func randomEvent(_ events: EventBuilder, _ random: inout SeededGenerator) -> [UInt8] {
        let irq = Int32.random(in: 30...33, using: &random)
        let vector = UInt32.random(in: 0...9, using: &random)
        let work = UInt64.random(in: 1...4, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return events.irqEntry(irq, "line\(irq)")
        case 1: return events.irqExit(irq, ret: 1)
        case 2: return events.softirq("raise", vector)
        case 3: return events.softirq("entry", vector)
        case 4: return events.softirq("exit", vector)
        case 5: return events.work("queue_work", work, 0xC000_2000)
        case 6: return events.work("execute_start", work, 0xC000_2000, pid: Int32(70 + work))
        default: return events.work("execute_end", work, 0xC000_2000, pid: Int32(70 + work))
        }
    }

    /// perf 6.16 to 7.2 wrote many packed pieces under one head, whose size has 16 bits.
    @Test func packedPiecesUnderOneWrappedHeadAreRead() throws {
        var random = SeededGenerator(seed: 3)
        // The packed bytes fill one head, two, several; sizes that wrap to a small number are among them.
        for count in [300, 330, 350, 700, 1500] {
            let bytes = PerfSamples.recording {
                $0.packing = .wrapped
                for _ in 0..<count {
                    $0.record(16_000, (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) })
                }
            }
            #expect(bytes.count > count * 200)
            #expect(PerfSamples.check(try Samples.report(bytes)) == [], "\(count) records")
        }
    }

    @Test func clocksHaveTheNamesOfFtrace() throws {
        for (id, name) in [(Int32(1), "mono"), (4, "mono_raw"), (7, "boot"), (11, "tai"), (0, "realtime")] {
            for byteOrder in [ByteOrder.little, .big] {
                let bytes = PerfSamples.recording(byteOrder) {
                    $0.flags = 1 << 25
                    $0.clockID = id
                }
                #expect(try Samples.report(bytes).source.clock == name)
            }
        }
    }

    @Test func tasksHaveTheirNames() throws {
        for isPipe in [false, true] {
            let bytes = PerfSamples.recording {
                $0.isPipe = isPipe
                $0.parts.cmdlines = "42 first\n77 kworker/0:1\n"
                $0.comm("a b: [0]-1 <c", task: 42)
            }
            var options = ReadOptions()
            options.analysis.slowCount = 100
            let report = try Samples.report(bytes, options)
            #expect(Set(report.slowest.map(\.task)) == ["a b: [0]-1 <c", "kworker/0:1"])
        }
    }
}
