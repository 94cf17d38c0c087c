import Foundation
import IRQCore
import Testing
import TestSupport

@testable import TraceInput

/// perf.data: damaged, hostile and cut files give a clear error with a place, or a report that says what is missing.
@Suite struct PerfBadInputTests {
    static let cutForms: [PerfDataTests.Form] = [
        .init(byteOrder: .little, isPipe: false, packing: .none), .init(byteOrder: .little, isPipe: true, packing: .none),
        .init(byteOrder: .big, isPipe: true, packing: .compressed2),
    ]

    @Test(arguments: cutForms) func truncationAtEveryByteIsAnErrorOrANote(form: PerfDataTests.Form) throws {
        let bytes = PerfSamples.recording(form.byteOrder) {
            $0.isPipe = form.isPipe
            $0.packing = form.packing
        }
        let formats = try #require(Data(bytes).range(of: Data(Array("tracing0.6".utf8))))
        let texts = formats.upperBound..<formats.upperBound + PerfSamples.builder(form.byteOrder).parts.tracingData().count
        // Every byte; of the formats, which are long and have tests of their own, one of 29.
        let start = form.packing == .none ? 16 : texts.upperBound
        for length in start..<bytes.count where !texts.contains(length) || length % 29 == 0 {
            do {
                let report = try Samples.report(Array(bytes.prefix(length)))
                // A pipe has no end that could be missing: what came before the cut counts.
                let isWhole = PerfSamples.check(report).isEmpty || (form.isPipe && report.ledger.events < 33)
                if !isWhole { #expect(!report.notes.isEmpty, "cut at \(length)") }
                if form.packing == .none, !form.isPipe { #expect(report.ledger.events == 33) }
            } catch {
                #expect(!error.problem.isEmpty && !error.advice.isEmpty)
                #expect((error.offset ?? 0) <= bytes.count, "cut at \(length): \(error)")
            }
        }
    }

    @Test(arguments: PerfDataTests.forms) func randomDamageNeverTraps(form: PerfDataTests.Form) {
        let bytes = PerfSamples.recording(form.byteOrder) {
            $0.isPipe = form.isPipe
            $0.packing = form.packing
        }
        let seed = UInt64.random(in: 0..<1 << 32)
        var random = SeededGenerator(seed: seed)
        print("seed \(seed)")
        for _ in 0..<40 {
            var copy = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                copy[Int.random(in: 0..<copy.count, using: &random)] =
                    [0, 0xFF, 0x7F, UInt8.random(in: 0...255, using: &random)][Int.random(in: 0..<4, using: &random)]
            }
            _ = try? Samples.report(copy)
        }
    }

    @Test func recordsThatLieEndTheReadingWithTheirPlace() throws {
        func notes(_ change: (inout PerfBuilder) -> Void) throws -> String {
            var perf = PerfSamples.builder()
            PerfSamples.addEvents(&perf)
            change(&perf)
            let report = try Samples.report(perf.build())
            #expect(report.ledger.events == 33)
            return report.notes.joined()
        }
        #expect(try notes { $0.add(raw: [9, 0, 0, 0, 0, 0, 4, 0]) }.hasPrefix("a record has a size of 4 bytes, at byte "))
        #expect(try notes { $0.add(raw: [9, 0, 0, 0, 0, 0, 80, 0]) }.hasPrefix("the file ends inside a record, at byte "))
        // Data beside the record that would reach far beyond the file.
        #expect(
            try notes { $0.record(71, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]) }
                .hasPrefix("a record says that more data follow than can be"))
        #expect(try notes { $0.record(71, [0xFF, 0xFF, 0, 0, 0, 0, 0, 0]) }.hasPrefix("the file ends inside a record"))
        #expect(try notes { $0.record(81, [1, 2, 3, 4, 5, 6, 7, 8]) }.contains("cannot be unpacked"))
        // Unknown records, and data beside a record, are passed over.
        #expect(try notes { $0.record(16_000, [1, 2, 3, 4, 5, 6, 7, 8]) }.isEmpty)
        #expect(
            try notes {
                $0.record(71, [16, 0, 0, 0, 0, 0, 0, 0])
                $0.add(raw: [UInt8](repeating: 0, count: 16))
            }.isEmpty)
    }

    @Test func theFirstOfTwoFilesIsReadAndTheOtherNamed() throws {
        let first = PerfSamples.recording()
        for (other, name) in [(first, "perf.data"), (Samples.recording(), "trace.dat")] {
            let report = try Samples.report(first + other)
            #expect(report.ledger.events == 33)
            #expect(report.notes.joined().contains("follow the recording") && report.notes.joined().contains(name))
        }
        let pipe = PerfSamples.recording { $0.isPipe = true }
        let report = try Samples.report(pipe + pipe)
        #expect(report.ledger.events == 33 && report.notes.joined().contains("another file begins (it looks like perf.data)"))
    }

    @Test func recordingsWithoutInterruptEventsSayWhatTheyHave() throws {
        var perf = PerfSamples.builder()
        perf.names = ["sched_stat_runtime"]
        perf.hasTracingData = false
        let error = Samples.error(perf.build())
        #expect(error?.problem.contains("number (314)") == true)
        perf.names = []
        perf.comm("x", task: 1)
        let report = try Samples.report(perf.build())
        #expect(report.notes.count == 1)
        #expect(report.notes[0].hasPrefix("the recording describes no interrupt events (it has perf event type 1 config 9)"))
    }

    @Test func controlCharactersInNamesReachNoMessageRaw() throws {
        var options = ReadOptions()
        options.buffer = "x\u{1B}"
        let error = #expect(throws: RecordingError.self) { try Samples.report(PerfSamples.recording(), options) }
        #expect(error?.description.contains("\u{1B}") == false)
    }
}
