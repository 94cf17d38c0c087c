import Foundation
import TestSupport
import Testing

@testable import IRQCore
@testable import TraceInput

/// Traces of Perfetto, made of what trace-cmd prints of a recording: their numbers are those of the recording.
@Suite struct PerfettoTests {
    /// One with few events, and one with events of all kinds.
    private static let small = "amd64-empty", large = "amd64-v7"

    private static func path(_ recording: String) -> String {
        Places.repository.appendingPathComponent("Fixtures/recordings/\(recording).dat").path
    }

    static func trace(_ form: String, of recording: String = small) throws -> [UInt8] {
        let script = Places.repository.appendingPathComponent("Tests/oracle/make-perfetto.py").path
        let text = try run("/usr/bin/trace-cmd", ["report", "-t", "-R", path(recording)])
        let result = try run("/usr/bin/python3", [script, form], input: text.output)
        #expect(result.status == 0 && !result.output.isEmpty, "\(result.errors)")
        return [UInt8](result.output)
    }

    /// `addresses` has none of the names of functions, as it has no symbols.
    @Test(arguments: ["plain", "zlib", "compact", "described", "addresses"])
    func numbersAreThoseOfTheRecording(form: String) throws {
        let recording = form == "described" ? Self.large : Self.small
        let ours = try Samples.report(Self.trace(form, of: recording))
        let theirs = try TraceInput.report(onRecording: Self.path(recording))
        #expect(ours.source.format == "perfetto" && ours.source.machine == "Linux 6.1-test" && ours.overrunEvents == 7)
        #expect(ours.source.clock == "boot" && ours.source.byteOrder == nil && ours.source.hasRawResults)
        #expect(ours.ledger.gaps == theirs.ledger.gaps)
        #expect(ours.ledger.malformedEvents == 0 && ours.ledger.unmatchedWorkEnds == theirs.ledger.unmatchedWorkEnds)
        for kind in [RowKind.irq, .softirq, .vector, .work] {
            let rows = ours[kind].map { Self.text($0, isNamed: form != "addresses") }.sorted()
            #expect(rows == theirs[kind].map { Self.text($0, isNamed: form != "addresses") }.sorted())
            let (waits, all) = (ours[kind].map(\.latency.count).reduce(0, +), theirs[kind].map(\.latency.count).reduce(0, +))
            #expect(waits <= all && waits + 3 >= all)
            #expect(!rows.isEmpty || kind == .vector && recording == Self.small)
        }
    }

    private static func text(_ row: ReportRow, isNamed: Bool) -> String {
        // Perfetto does not tell modules. A wait that reaches from one reading to the next is left out with indexes.
        let name = row.key.kind != .work ? "\(row.name) \(row.number)" : isNamed ? row.name.prefix { $0 != " " } : ""
        let (duration, latency) = (row.duration, row.latency)
        return "\(name) \(row.calls) \(row.unhandled) \(row.cpus.map(\.calls)) "
            + "\(duration.totalNanoseconds) \(duration.selfNanoseconds) \(duration.histogram) "
            + (row.key.kind == .work && isNamed ? "" : "\(latency.count) \(latency.totalNanoseconds)")
    }

    /// Without names of functions their work is one row, for Perfetto writes no addresses; that is said.
    @Test func functionsWithoutNamesAreOneRow() throws {
        let report = try Samples.report(Self.trace("unnamed"))
        #expect(report[.work].map(\.name) == ["unknown"])
        #expect(report.notes.contains { $0.contains("symbolize_ksyms") })
    }

    // MARK: - What only Perfetto has

    /// A thread's work ends with another index than it began with; an item of another reading has the same index.
    @Test func indexesHoldForOneReading() throws {
        var trace = PerfettoBuilder()
        func reading(_ build: (inout ProtoBuilder) -> Void, names: [String]) {
            trace.packet {
                $0.add(1, build)
                $0.add(12) {
                    for (place, name) in names.enumerated() {
                        $0.add(26) {
                            $0.add(1, UInt64(place + 1))
                            $0.add(2, name)
                        }
                    }
                }
                $0.add(13, 1)
            }
        }
        func event(_ bundle: inout ProtoBuilder, _ time: UInt64, _ field: Int, work: UInt64, function: UInt64) {
            bundle.event(time, pid: 50, field) {
                $0.add(1, work)
                $0.add(2, function)
            }
        }
        reading(
            { bundle in
                bundle.add(1, 0)
                event(&bundle, 100, 58, work: 2, function: 1)
                event(&bundle, 150, 59, work: 3, function: 1)
            }, names: ["first"])
        reading(
            { bundle in
                bundle.add(1, 0)
                event(&bundle, 1100, 57, work: 2, function: 1)
                event(&bundle, 1200, 58, work: 3, function: 1)
                event(&bundle, 1300, 57, work: 3, function: 1)
            }, names: ["second"])
        let report = try Samples.report(trace.trace.bytes)
        let rows = report[.work].map { "\($0.name) \($0.duration.totalNanoseconds) \($0.latency.count)" }
        #expect(rows.sorted() == ["first 1000 0", "second 100 0"])
    }

    /// Lost events, lost packets and pages that could not be read: no duration reaches over them.
    @Test(arguments: ["lost_events", "previous_packet_dropped", "error", "damaged packet"])
    func gapsMakeNoDurations(kind: String) throws {
        var trace = PerfettoBuilder()
        trace.packet { $0.add(42, 1) }
        trace.bundle(cpu: 0) { bundle in
            bundle.irqEntry(100)
            bundle.irqExit(110)
            bundle.irqEntry(200)
            if kind == "error" {
                bundle.irqEntry(300)
                bundle.add(8) {
                    $0.add(1, 250)
                    $0.add(2, 8)
                }
            }
        }
        if kind == "damaged packet" { trace.packet { $0.add(1, bytes: [0x08, 0x00, 0x12, 0x7F]) } }
        trace.packet {
            if kind == "previous_packet_dropped" { $0.add(42, 1) }
            $0.add(1) {
                $0.add(1, 0)
                if kind == "lost_events" { $0.add(3, 1) }
                $0.irqExit(900)
                $0.irqEntry(1000)
                $0.irqExit(1030)
            }
        }
        let report = try Samples.report(trace.trace.bytes)
        #expect(report[.irq].map(\.duration.totalNanoseconds) == [40] && report[.irq].map(\.duration.count) == [2])
        #expect(report.ledger.gaps == 1 && report.ledger.gapsOfUnknownSize == 1)
        #expect(report.overrunEvents == nil)
        #expect(report.notes.contains { $0.contains("could not read 1 pages") } == (kind == "error"))
        #expect(report.notes.contains { $0.contains("1 packets are damaged") } == (kind == "damaged packet"))
    }

    /// Two data sources may record the same events: they are not added up.
    @Test func sequencesAreBuffersOfTheirOwn() throws {
        var trace = PerfettoBuilder()
        for sequence: UInt64 in [3, 9] {
            trace.bundle(cpu: 1, sequence: sequence) {
                $0.irqEntry(100)
                $0.irqExit(110)
            }
        }
        let report = try Samples.report(trace.trace.bytes)
        #expect(report.source.buffers == ["", "sequence 9"] && report[.irq].map(\.calls) == [1, 1])
        var options = ReadOptions()
        options.buffer = "sequence 9"
        #expect(try Samples.report(trace.trace.bytes, options)[.irq].map(\.calls) == [1])
        options.buffer = "x"
        let error = #expect(throws: RecordingError.self) { try Samples.report(trace.trace.bytes, options) }
        #expect(error?.advice == "this trace of Perfetto has: top, sequence 9")
    }

    static let clockNames: [(UInt64?, String?)] = [
        (nil, "boot"), (0, "boot"), (1, nil), (2, "global"), (3, "local"), (4, "mono_raw"), (9, nil),
    ]

    @Test(arguments: clockNames) func clocks(value: UInt64?, name: String?) throws {
        var trace = PerfettoBuilder()
        trace.bundle(cpu: 0) {
            if let value { $0.add(5, value) }
            $0.irqEntry(100)
        }
        #expect(try Samples.report(trace.trace.bytes).source.clock == name)
    }
}
