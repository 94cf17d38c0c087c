import IRQCore
import TestSupport
import Testing

@testable import TraceInput

/// A second format, of events that come one by one, goes through the door of all formats.
@Suite struct EventFormatTests {
    /// The content of `Samples` as events in memory, in the order of time.
    struct MemoryReader: RecordingReader, ~Copyable {
        static let kallsyms = Array("c0001000 T first\nc0002000 t do_work\t[mod]\nc0003000 T last\n".utf8)
        static let action = Array("eth0-rx".utf8)
        var cpus = [0, 1]
        var attached: [UInt8]?

        var source: RecordingSource {
            RecordingSource(
                format: "memory", clock: "mono", isClockNanoseconds: true, cpuCount: cpus.count, machine: nil, buffers: [""])
        }
        var notes: [String] { [] }
        var vectorNames: [String] { ["local_timer"] }
        var hasFunctions: Bool { true }
        var overrunEvents: UInt64? { nil }
        var attachment: [UInt8]? { attached }

        static var events: [(cpu: Int, event: TraceEvent)] {
            (0..<3).flatMap { index -> [(Int, TraceEvent)] in
                let start = UInt64(1_000_000 + index * 100_000)
                func event(_ kind: EventKind, _ time: UInt64, _ numbers: [UInt64], pid: Int32 = 42) -> TraceEvent {
                    TraceEvent(
                        kind, time: start + time, pid: pid, numbers: numbers,
                        textByteCount: kind == .irqEntry ? Self.action.count : 0)
                }
                return [
                    (0, event(.softirqRaise, 0, [3])), (0, event(.irqEntry, 100, [36])),
                    (0, event(.irqExit, 400, [36, 1])), (0, event(.softirqEntry, 500, [3])),
                    (0, event(.vectorEntry, 600, [0])), (0, event(.vectorExit, 650, [0])),
                    (0, event(.softirqExit, 1500, [3])), (0, event(.workQueue, 1600, [0xC100, 0xC000_2000])),
                    (1, event(.workStart, 2600, [0xC100, 0xC000_2000], pid: 77)),
                    (1, event(.workEnd, 4600, [0xC100], pid: 77)),
                ]
            }
        }

        mutating func firstTime(_ file: borrowing MappedFile) -> UInt64? { Self.events.first?.event.time }

        func analyze(_ file: borrowing MappedFile, _ options: AnalysisOptions) -> [BufferResult] {
            var feed = EventFeed(options, buffer: "")
            let text = Self.action.span
            for (cpu, event) in Self.events { feed.event(event, text: text.bytes, cpu: cpu) }
            return [feed.finish(vectorNames: vectorNames)]
        }

        mutating func kallsyms(_ file: borrowing MappedFile) throws(FormatProblem) -> Blob? {
            .unpacked(Self.kallsyms, Self.kallsyms.indices, origin: 0)
        }

        func taskNames(_ file: borrowing MappedFile) throws(FormatProblem) -> [Int32: String] {
            [42: "nginx: worker", 77: "kworker/1:0"]
        }
    }

    static func events(_ options: ReadOptions = ReadOptions(), attached: [UInt8]? = nil) throws -> Report {
        let bytes: [UInt8] = [1]
        let span = bytes.span
        let file = try MappedFile.copying(span.bytes, path: "memory")
        return try ReportBuilder.report(MemoryReader(attached: attached), file, options)
    }

    static func pages(_ options: ReadOptions = ReadOptions()) throws -> Report {
        try Samples.report(Samples.recording { $0.cmdlines = "42 nginx: worker\n77 kworker/1:0\n" }, options)
    }

    /// All that both tell, in words.
    static func words(_ report: Report) -> [String] {
        report.rows.map {
            "\($0.kind) \($0.number) \($0.name) \($0.module ?? "") \($0.calls) \($0.handled) \($0.wokeThread) \($0.cpus) "
                + Self.measures($0)
        } + report.slowest.map { "\($0)" } + report.storms.map { "\($0)" }
            + ["\(report.startNanoseconds ?? 0)-\(report.endNanoseconds ?? 0)"]
    }

    private static func measures(_ row: ReportRow) -> String {
        Measure.allCases.map { "\(row[$0])" }.joined(separator: " ")
    }

    @Test func eventsGiveTheReportOfPages() throws {
        let report = try Self.events()
        #expect(report.source.format == "memory" && report.source.file == "memory")
        #expect(report.source.byteOrder == nil && report.source.longByteCount == nil && report.source.pageByteCount == nil)
        #expect(try Self.words(report) == Self.words(Self.pages()))
        #expect(report[.work].first?.name == "do_work" && report[.work].first?.duration.totalNanoseconds == 6000)
    }

    @Test func windowSelectionAndTasksAreTheSame() throws {
        var options = ReadOptions()
        options.analysis.slowCount = 5
        #expect(try Self.words(Self.events(options)) == Self.words(Self.pages(options)))
        options.selection.isNameWanted = { $0.hasPrefix("do_") }
        let slowest = try Self.events(options).slowest
        #expect(try Self.words(Self.events(options)) == Self.words(Self.pages(options)))
        #expect(slowest.map(\.task) == ["kworker/1:0", "kworker/1:0", "kworker/1:0"])
        options.from = .sinceStart(100_000)
        options.to = .absolute(1_200_000)
        #expect(try Self.words(Self.events(options)) == Self.words(Self.pages(options)))
        #expect(try Self.events(options)[.irq].first?.calls == 1)
    }

    @Test func attachmentIsTakenUp() throws {
        var attachment = SnapshotAttachment()
        attachment.addMissing([(1, 5)])
        #expect(try Self.events(attached: attachment.bytes).ledger.lostEvents == 5)
    }

    /// What triggered is in ASCII in the recording, and has the units of all sentences in the report.
    @Test func triggerIsToldInTheUnitsOfAll() throws {
        var attachment = SnapshotAttachment()
        attachment.addTrigger("IRQ 36 (a us on) took 72.0 us on CPU 0", at: 5)
        let notes = try Self.events(attached: attachment.bytes).notes
        #expect(notes.contains("the recording was written because IRQ 36 (a us on) took 72.0 µs on CPU 0"), "\(notes)")
    }

    /// Looking a function up costs no pass over the text, however many are not found.
    @Test func symbolsAreLookedUpOneByOne() {
        var text = (0..<200_000).map { "ffffffff\(String(0x8100_0000 + $0 * 64, radix: 16)) t f\($0)\n" }.joined()
        text += "ffffffff81000000 t second\nffffffff80000000 t early\nffffffffc0000000 t late\t[m]\n"
        let bytes = Array(text.utf8)
        let span = bytes.span
        let table = SymbolTable(copying: span.bytes)
        #expect(table.symbol(at: 0xffff_ffff_8100_0000)?.name == "f0")
        #expect(table.symbol(at: 0xffff_ffff_8100_0050)?.name == "f1" && table.symbol(at: 0xffff_ffff_8100_0060) == nil)
        #expect(table.symbol(at: 0xffff_ffff_8000_0008)?.name == "early")
        #expect(table.symbol(at: 0xffff_ffff_c000_0000) == FunctionSymbol(name: "late", module: "m"))
        #expect(table.symbol(at: 0) == nil && table.symbol(at: .max) == nil)
        // A pass takes tens of milliseconds; so many would take an hour.
        for address in 0..<100_000 as Range<UInt64> where table.symbol(at: address) != nil { Issue.record("\(address)") }
        let addresses = Set((0..<1000).map { 0xffff_ffff_8100_0000 + UInt64($0) * 33 })
        let found = SymbolNames.find(addresses, in: span.bytes)
        for address in addresses { #expect(found[address] == table.symbol(at: address)) }
    }

    /// Tasklets are functions too.
    @Test func taskletsAreSelectedByTheirNames() throws {
        var options = ReadOptions()
        options.analysis.slowCount = 1000
        let path = Places.recording("amd64-tasklets")
        let name = try #require(report(onRecording: path, options: options)[.tasklet].first?.name)
        options.selection.isNameWanted = { $0 == name }
        let slowest = try report(onRecording: path, options: options).slowest
        #expect(!name.hasPrefix("0x") && !slowest.isEmpty && slowest.allSatisfy { $0.row.name == name })
    }
}
