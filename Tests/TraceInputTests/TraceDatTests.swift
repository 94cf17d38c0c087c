import IRQCore
import Testing
import TestSupport

@testable import TraceInput

/// One content, in every form a trace.dat can have.
@Suite struct TraceDatTests {
    struct Form: CustomTestStringConvertible, Sendable {
        let version: Int
        let byteOrder: ByteOrder
        let long: Int
        let page: Int
        let compression: String
        var testDescription: String { "v\(version) \(byteOrder) long \(long) page \(page) \(compression)" }
    }

    static let forms: [Form] = [6, 7].flatMap { version in
        [ByteOrder.little, .big].flatMap { byteOrder in
            [4, 8].flatMap { long in
                [4096, 16384, 65536].flatMap { page in
                    (version == 6 ? ["none"] : ["none", "zstd", "zlib"]).map {
                        Form(version: version, byteOrder: byteOrder, long: long, page: page, compression: $0)
                    }
                }
            }
        }
    }

    @Test(arguments: forms) func everyFormGivesTheSameNumbers(form: Form) throws {
        let bytes = Samples.recording(
            version: form.version, byteOrder: form.byteOrder, long: form.long, page: form.page,
            compression: form.compression)
        let report = try Samples.report(bytes)
        #expect(Samples.check(report) == [])
        #expect(report.source.byteOrder == form.byteOrder && report.source.longByteCount == form.long)
        #expect(report.source.pageByteCount == form.page && report.source.version == form.version)
    }

    @Test(arguments: FormatTexts.NameField.allCases, [0, 4, 8])
    func fieldsAreFoundWhereTheRecordingSays(nameField: FormatTexts.NameField, extra: Int) throws {
        let texts = FormatTexts(extraCommonByteCount: extra, nameField: nameField)
        #expect(Samples.check(try Samples.report(Samples.recording(texts: texts))) == [])
    }

    @Test(arguments: [1, 2, 3, 8]) func anyNumberOfThreadsGivesTheSame(workers: Int) throws {
        var options = ReadOptions()
        options.workerCount = workers
        #expect(Samples.check(try Samples.report(Samples.recording(compression: "zstd"), options)) == [])
    }

    @Test(arguments: [6, 7]) func instancesStayApart(version: Int) throws {
        let bytes = Samples.recording(version: version) { recording in
            recording.buffers.append(("second", recording.buffers[0].pages))
        }
        let report = try Samples.report(bytes)
        #expect(report.source.buffers == ["", "second"])
        #expect(report[.irq].map(\.buffer).sorted() == ["", "second"])
        #expect(report[.irq].map(\.duration.totalNanoseconds) == [900, 900])
        var options = ReadOptions()
        options.buffer = "second"
        let second = try Samples.report(bytes, options)
        #expect(second.source.buffers == ["second"] && second[.irq].count == 1)
        #expect(Samples.check(second) == [])
        options.buffer = "third"
        #expect(throws: RecordingError.self) { try Samples.report(bytes, options) }
    }

    @Test func emptyCPUsAndUnknownOptionsAreNoMatter() throws {
        let bytes = Samples.recording { recording in
            recording.extraOptions = [(99, [1, 2, 3]), (10, Array("maps\0".utf8)), (6, [])]
            recording.buffers[0].pages.append((2, []))
        }
        #expect(Samples.check(try Samples.report(bytes)) == [])
    }

    @Test func timesAreScaledAndShiftedAsRecorded() throws {
        let bytes = Samples.recording { recording in
            var scale = ByteWriter(recording.byteOrder)
            scale.put(UInt32(1 << 11))
            scale.put(UInt32(10))
            scale.put(UInt64(0))
            recording.extraOptions = [(14, scale.bytes), (7, Array("0x10\0".utf8))]
            recording.clock = "x86-tsc"
        }
        let report = try Samples.report(bytes)
        #expect(report[.irq].first?.duration.totalNanoseconds == 1800)
        #expect(report.startNanoseconds == 2_000_016)
        #expect(report.source.isClockNanoseconds)
        let ticks = try Samples.report(Samples.recording { $0.clock = "x86-tsc" })
        #expect(!ticks.source.isClockNanoseconds && ticks.notes.count == 1)
    }

    @Test func overrunsOfTheKernelAreSummed() throws {
        let bytes = Samples.recording { recording in
            recording.extraOptions = [
                "CPU: 0\nentries: 5\noverrun: 7\ndropped events: 1\n\0", "CPU: 1\noverrun: 2\n\0",
            ]
            .map { (2, Array($0.utf8)) }
        }
        #expect(try Samples.report(bytes).overrunEvents == 10)
        #expect(try Samples.report(Samples.recording()).overrunEvents == nil)
    }

    @Test func windowCountsFromTheStartOrTheClock() throws {
        for compression in ["none", "zstd"] {
            let bytes = Samples.recording(compression: compression)
            var options = ReadOptions()
            options.from = .sinceStart(100_000)
            options.to = .absolute(1_200_000)
            let report = try Samples.report(bytes, options)
            #expect(report[.irq].first?.calls == 1)
            #expect(report.startNanoseconds == 1_100_000 && report.endNanoseconds == 1_200_000)
        }
    }

    @Test func slowestSpansKnowTheirTask() throws {
        var options = ReadOptions()
        options.analysis.slowCount = 4
        let slowest = try Samples.report(
            Samples.recording { $0.cmdlines = "42 nginx: worker\n77 kworker/1:0\n" }, options
        ).slowest
        #expect(slowest.map(\.durationNanoseconds) == [2000, 2000, 2000, 1000])
        #expect(slowest.first?.task == "kworker/1:0" && slowest.last?.task == "nginx: worker")
        #expect(slowest.first?.row.name == "do_work")
    }

    @Test func dateIsInMicroseconds() throws {
        let bytes = Samples.recording { $0.extraOptions = [(1, Array("0x10\0".utf8))] }
        #expect(try Samples.report(bytes).startNanoseconds == 1_016_000)
    }

    @Test func symbolsAreFoundInAnyOrder() {
        let text = "ffff8000 t b\nffff7000 T a\n0 A zero\nffff9000 t c\t[m]\nnonsense\n"
        let bytes = Array(text.utf8)
        let span = bytes.span
        let found = SymbolNames.find([0xffff_7000, 0xffff_8008, 0xffff_8fff, 0xffff_9001, 0x10], in: span.bytes)
        #expect(found[0xffff_7000]?.name == "a" && found[0xffff_8008]?.name == "b")
        // What lies far behind a symbol is not in it.
        #expect(found[0xffff_8fff] == nil)
        #expect(found[0xffff_9001] == FunctionSymbol(name: "c", module: "m"))
        #expect(found[0x10] == nil)
    }

    /// The recorder's page size and header_page's may differ; the pages decide.
    @Test(arguments: [(4096, 4096, 16384), (4096, 16384, 4096), (16384, 4096, 16384), (16384, 16384, 4096)], ["none", "zstd"])
    func pageSizeIsThatOfThePages(sizes: (real: Int, noted: Int, described: Int), compression: String) throws {
        var recording = Samples.builder(page: sizes.real, compression: compression) { recording in
            recording.buffers[0].pages = [0, 1].map { ($0, Samples.pages(recording, cpu: $0, pageCount: 8)) }
            recording.chunkPageCount = 8
        }
        let expected = try Samples.report(recording.build())
        recording.pageByteCount = sizes.noted
        recording.headerPage = RecordingBuilder.headerPage(sizes.described, long: 8)
        let report = try Samples.report(recording.build())
        #expect(report.ledger == expected.ledger && report.source.pageByteCount == sizes.real)
    }
}
