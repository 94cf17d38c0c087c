import Foundation
import IRQCore
import Testing
import TestSupport

@testable import TraceInput

/// perf.data: what perf could not record, and what is left out.
@Suite struct PerfLossTests {
    /// An interrupt that is open where events are lost on its CPU has no duration; that of another CPU has.
    @Test func lossesMakeGapsOnTheirCPU() throws {
        for byteOrder in [ByteOrder.little, .big] {
            for type: UInt64 in [0x10587, 0x587 | 1 << 6, 0x587 | 1 << 6 | 1 << 9] {
                var perf = PerfSamples.builder(byteOrder)
                perf.sampleType = type
                let events = perf.events
                for cpu in 0..<2 {
                    perf.sample(events.irqEntry(36, "eth0"), time: 1000, cpu: cpu)
                    if cpu == 1 { perf.lost(7, time: 1500, cpu: 1) }
                    perf.sample(events.irqExit(36, ret: 1), time: 2000, cpu: cpu)
                }
                // Since perf 6.1 the same losses once more.
                perf.lostSamples(4, cpu: 0)
                perf.lostSamples(3, cpu: 1)
                perf.isPipe = type != 0x10587
                let report = try Samples.report(perf.build())
                #expect(report.ledger.lostEvents == 7 && report.ledger.gaps == 1)
                #expect(report.ledger.gapsOfUnknownSize == 0 && report.ledger.spansDroppedAtGaps == 1)
                #expect(report[.irq].first?.calls == 2 && report[.irq].first?.duration.count == 1)
                #expect(report.notes.isEmpty, "\(report.notes)")
            }
        }
    }

    /// The record of a loss has a later time than the sample behind it, and samples may come late: whichever way they are read,
    /// no span reaches over the gap.
    @Test(arguments: [(0, 1500), (0, 2010), (1 << 27, 1500), (1 << 27, 2010), (1 << 27, 2000)])
    func lossesAreAheadOfTheSampleThatFollows(flags: UInt64, told: UInt64) throws {
        for isLate in [false, true] {
            var perf = PerfSamples.builder()
            perf.flags = flags
            let events = perf.events
            func handler(_ irq: Int32, _ start: UInt64, _ end: UInt64) {
                perf.sample(events.irqEntry(irq, "eth0"), time: start, cpu: 1)
                perf.sample(events.irqExit(irq, ret: 1), time: end, cpu: 1)
            }
            handler(36, 500, 600)
            perf.sample(events.irqEntry(36, "eth0"), time: 1000, cpu: 1)
            // While the kernel wrote this, another interrupt came, whose samples stand before it.
            if isLate {
                handler(37, 1400, 1450)
                perf.sample(events.softirq("raise", 3), time: 1395, cpu: 1)
            }
            perf.lost(7, time: told, cpu: 1)
            perf.sample(events.irqExit(36, ret: 1), time: 2000, cpu: 1)
            handler(36, 3000, 3100)
            // A CPU on which nothing is lost.
            perf.sample(events.irqEntry(36, "eth0"), time: 1000, cpu: 0)
            perf.sample(events.irqExit(36, ret: 1), time: 5000, cpu: 0)
            let report = try Samples.report(perf.build())
            #expect(report.ledger.lostEvents == 7 && report.ledger.gaps == 1 && report.ledger.spansDroppedAtGaps == 1)
            let row = try #require(report[.irq].first { $0.number == 36 })
            #expect(row.calls == 4 && row.duration.count == 3 && row.duration.totalNanoseconds == 4200)
            #expect(report[.irq].filter { $0.number == 37 }.map(\.duration.totalNanoseconds) == (isLate ? [50] : []))
        }
    }

    @Test func lossesWithoutAPlaceAreCountedAndSaid() throws {
        let report = try Samples.report(PerfSamples.recording { $0.lostSamples(9) })
        #expect(report.ledger.lostEvents == 9 && report.ledger.gaps == 1)
        #expect(report.notes.contains { $0.hasPrefix("9 events were lost at places") })
        let filtered = try Samples.report(PerfSamples.recording { $0.lostSamples(9, misc: 1 << 15) })
        #expect(filtered.ledger.lostEvents == 0 && filtered.ledger.gaps == 0)
        #expect(filtered.notes == ["9 events were left out by a BPF filter, as it was asked to"])
    }

    @Test func guestsAndUnknownEventsAreLeftOutAndCounted() throws {
        let report = try Samples.report(
            PerfSamples.recording {
                let events = $0.events
                $0.sample(events.irqEntry(99, "guest"), time: 10, cpu: 0, misc: 4)
                $0.sample(events.irqEntry(99, "guest"), time: 20, cpu: 0, misc: 5)
                $0.sample(events.irqEntry(98, "nobody"), time: 30, cpu: 0, id: 9999)
            })
        #expect(PerfSamples.check(report).filter { !$0.hasPrefix("notes") } == [])
        try #require(report.notes.count == 2)
        #expect(report.notes[0].hasPrefix("2 samples of guests"))
        #expect(report.notes[1].hasPrefix("1 samples are of no event"))
    }

    @Test func samplesOfOtherEventsAreCountedByName() throws {
        let report = try Samples.report(
            PerfSamples.recording {
                let events = $0.events
                $0.sample(events.irqEntry(99, "x"), time: 10, cpu: 0, id: $0.id($0.names.count, cpu: 0))
            })
        #expect(report[.irq].count == 1)
        #expect(report.unusedEvents.contains { $0.name == "perf event type 1 config 9" && $0.count == 1 })
    }

    /// Every hundredth entry and every hundredth exit belong to different interrupts.
    @Test(arguments: [(100, 0), (4000, 1 << 10)]) func sampledEventsAreNotPaired(period: Int, flag: Int) throws {
        let bytes = PerfSamples.recording {
            $0.period = UInt64(period)
            $0.flags = UInt64(flag)
        }
        let report = try Samples.report(bytes)
        #expect(report.rows.isEmpty && report.ledger.events == 33 && report.ledger.usedEvents == 0)
        #expect(report.notes.contains { $0.contains("only some of the events were recorded") })
    }

    @Test func groupsOfALeaderSayWhatTheyCounted() throws {
        let bytes = PerfSamples.recording {
            $0.sampleType |= 1 << 4
            $0.readFormat = 8 | 4
            $0.period = 0
        }
        #expect(try Samples.report(bytes).notes.contains { $0.contains("the group's leader stands for it") })
    }

    @Test func samplesWithoutATimeAreNotPaired() throws {
        for bit: UInt64 in [2, 7, 10] {
            let report = try Samples.report(PerfSamples.recording { $0.sampleType &= ~(1 << bit) })
            #expect(report.rows.isEmpty)
            #expect(report.notes.contains { $0.contains("recorded without time, CPU or data") })
        }
    }

    @Test func aKilledPerfNeedsTheFormatsOfItsKernel() throws {
        let bytes = PerfSamples.recording { $0.isUnfinished = true }
        let error = try #require(Samples.error(bytes))
        #expect(error.problem.hasPrefix("perf was killed before it wrote the formats of its events"))
        #expect(error.problem.contains("119, 120, 146") && error.advice.contains("--formats live"))
        let texts = FormatTexts()
        var options = ReadOptions()
        options.formats = GivenFormats(
            origin: "elsewhere",
            texts: FormatTexts.ids.map { .init(system: $0.system, bytes: Array(texts.text($0.name).utf8)) })
        let report = try Samples.report(bytes, options)
        // It is not known how many CPUs the machine has.
        #expect(PerfSamples.check(report).filter { !$0.hasPrefix("notes") } == [])
        #expect(report.notes.count == 2)
        options.formats = GivenFormats(
            origin: "elsewhere",
            texts: [.init(system: "irq", bytes: Array(texts.text("irq_handler_entry").utf8).map { $0 == 0x31 ? 0x32 : $0 })])
        let other = #expect(throws: RecordingError.self) { try Samples.report(bytes, options) }
        #expect(other?.problem.hasPrefix("none of its events") == true)
    }
}
