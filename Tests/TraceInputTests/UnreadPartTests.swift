import IRQCore
import TestSupport
import Testing

@testable import TraceInput

/// What is cut, damaged or left out of a recording is counted: none of these reports may say that nothing was lost.
@Suite struct UnreadPartTests {
    /// True if it says that it lacks something, and that nobody knows how much.
    private static func isUnknown(_ report: Report) -> Bool { !report.isWhole && report.isLossUnknown }

    // MARK: perf.data

    @Test func aPerfDataThatEndsInsideARecordHasAGap() throws {
        func report(_ raw: [UInt8]) throws -> Report {
            var perf = PerfSamples.builder()
            PerfSamples.addEvents(&perf)
            perf.add(raw: raw)
            return try Samples.report(perf.build())
        }
        #expect(try report([]).isWhole)
        for raw: [UInt8] in [[9, 0, 0, 0, 0, 0, 80, 0], [9, 0, 0, 0, 0, 0, 4, 0]] {
            let damaged = try report(raw)
            #expect(damaged.ledger.gaps == 1 && damaged.ledger.gapsOfUnknownSize == 1 && Self.isUnknown(damaged))
        }
    }

    @Test func aPerfDataThatIsCutHasOneGap() throws {
        let bytes = PerfSamples.recording { $0.isPipe = true }
        let report = try Samples.report(Array(bytes.dropLast(5)))
        #expect(report.ledger.gaps == 1 && Self.isUnknown(report))
    }

    @Test func samplesThatCannotBeReadAreCounted() throws {
        var perf = PerfSamples.builder()
        PerfSamples.addEvents(&perf)
        // A sample of a size that no field fits in, of no event.
        perf.add(raw: [9, 0, 0, 0, 0, 0, 16, 0] + [UInt8](repeating: 0xEE, count: 8))
        let report = try Samples.report(perf.build())
        #expect(report.ledger.malformedEvents + report.ledger.undescribedEvents == 1 && !report.isWhole)
    }

    @Test func aFileBehindAPerfDataIsCounted() throws {
        let first = PerfSamples.recording()
        let pipe = PerfSamples.recording { $0.isPipe = true }
        for bytes in [first + first, first + Samples.recording(), pipe + pipe] {
            let report = try Samples.report(bytes)
            #expect(report.ledger.unreadParts == 1 && report.ledger.gaps == 0 && Self.isUnknown(report))
        }
    }

    // MARK: Perfetto

    @Test func aTraceOfPerfettoThatIsCutHasAGap() throws {
        let whole = PerfettoBadInputTests.small
        #expect(try Samples.report(whole).ledger.unreadParts == 0)
        let cut = try Samples.report(Array(whole.dropLast(3)))
        #expect(cut.ledger.gaps == 1 && Self.isUnknown(cut))
        let followed = try Samples.report(whole + TraceDatReader.magic + Array("6".utf8) + [0])
        #expect(followed.ledger.unreadParts == 1 && Self.isUnknown(followed))
    }

    // MARK: trace.dat

    @Test(arguments: [6, 7]) func aTraceDatBehindAnotherIsCounted(version: Int) throws {
        let first = Samples.recording(version: version)
        #expect(try Samples.report(first).isWhole)
        for (second, name) in [(first, "trace.dat"), (PerfSamples.recording(), "perf.data")] {
            let report = try Samples.report(first + second)
            #expect(Samples.check(report).allSatisfy { $0.hasPrefix("notes ") })
            #expect(report.ledger.unreadParts == 1 && Self.isUnknown(report))
            #expect(
                report.notes == ["at byte \(first.count) another recording begins (it looks like \(name)), which is not read"])
        }
    }

    /// Ahead of the pages, among them, and behind them.
    @Test(arguments: [0, 1, 3]) func pagesOfZerosAreDamaged(place: Int) throws {
        let zeros = [UInt8](repeating: 0, count: 4096)
        let report = try Samples.report(
            Samples.recording(version: 6) {
                $0.buffers[0].pages[0].pages.insert(contentsOf: [zeros, zeros], at: place)
            })
        #expect(report.ledger.damagedPages == 2 && report.ledger.gaps > 0 && Self.isUnknown(report))
    }

    /// A CPU that recorded nothing lacks nothing.
    @Test func pagesOfZerosAloneAreOfAnIdleCPU() throws {
        let report = try Samples.report(
            Samples.recording(version: 6) {
                $0.buffers[0].pages.append((2, [[UInt8](repeating: 0, count: 4096)]))
            })
        #expect(report.isWhole && Samples.check(report) == [])
    }

    // MARK: Text

    /// A trace of tracefs with the kernel's count in its head.
    private static func text(_ count: Int, of counted: Int, from first: Int = 1, cpus: Int = 1) -> String {
        let head = "# tracer: nop\n#\n# entries-in-buffer/entries-written: \(counted)/\(counted)   #P:\(cpus)\n#\n"
        let lines = (0..<count).map { number in
            let time = "1234.00\(1000 + 10 * (first + number))"
            let what = number % 2 == 0 ? "irq_handler_entry: irq=5 name=x" : "irq_handler_exit: irq=5 ret=handled"
            return "          <idle>-0       [001] d.h..  \(time): \(what)\n"
        }
        return head + lines.joined()
    }

    private static func report(_ text: String) throws -> Report { try Samples.report(Array(text.utf8)) }

    @Test func anotherTraceBehindATextIsCounted() throws {
        let text = Self.text(4, of: 4)
        #expect(try Self.report(text).isWhole)
        let twice = try Self.report(text + text)
        #expect(twice.ledger.events == 4 && twice.ledger.unreadParts == 1 && twice.ledger.gaps == 0)
        #expect(Self.isUnknown(twice) && twice.overrunEvents == 0)
        let foreign = "irq/36-eth0   42 [001]  1234.002000: irq:irq_handler_entry: irq=5 name=x\n"
        #expect(try Self.report(text + foreign).ledger.unreadParts == 1)
    }

    @Test func theKernelsCountTellsWhereATextWasCut() throws {
        let cut = try Self.report(String(Self.text(6, of: 10).dropLast(20)))
        #expect(cut.ledger.gaps == 1 && !cut.isWhole)
        #expect(cut.ledger.events + cut.ledger.lostEvents == 10 && !cut.isLossUnknown)
        #expect(cut.notes.contains { $0.hasPrefix("the kernel counted 10 events in this trace, and ") })
        // Lines that are missing between whole ones may have been filtered out.
        let filtered = try Self.report(Self.text(6, of: 10))
        #expect(filtered.isWhole && filtered.notes.contains { $0.contains("10 events in this trace, and 6 are here") })
    }

    /// A trace that was quoted, or logged: marks stand before each line of it.
    @Test(arguments: ["> ", "| ", "[  123.456789] ", "Nov 27 01:02:03 box kernel: "]) func quotedHeadsCount(mark: String) throws {
        let lines = Self.text(6, of: 10).split(separator: "\n", omittingEmptySubsequences: false)
        let text = lines.map { $0.isEmpty ? "" : mark + $0 }.joined(separator: "\n")
        let (plain, quoted) = (try Self.report(Self.text(6, of: 10)), try Self.report(text))
        #expect(quoted.notes.contains { $0.contains("10 events in this trace, and 6 are here") }, "\(quoted.notes)")
        #expect(quoted.ledger.events == plain.ledger.events && quoted.isWhole)
    }

    /// per_cpu/cpu1/trace: its head counts the events of all CPUs.
    @Test func theTextOfOneCPUIsWhole() throws {
        let text = Self.text(6, of: 10, cpus: 2)
        let whole = try Self.report(text)
        #expect(whole.isWhole && !whole.notes.contains { $0.contains("the kernel counted") })
        // What is missing at its end is not known.
        let cut = try Self.report(String(text.dropLast(20)))
        #expect(cut.ledger.gaps == 1 && Self.isUnknown(cut))
    }

    /// Files of single CPUs, each with its head; lines that belong to an event; more events than when the head was written; and
    /// losses that the text itself tells of.
    @Test func textsThatHaveAllThatTheKernelCountedAreWhole() throws {
        #expect(try Self.report(Self.text(4, of: 4) + Self.text(4, of: 4, from: 5)).isWhole)
        #expect(try Self.report(Self.text(6, of: 4)).isWhole)
        let stack = Self.text(4, of: 6) + " => handle_irq_event\n => handle_edge_irq\n"
        #expect(try Self.report(stack).isWhole)
        let lost = try Self.report(Self.text(4, of: 9) + "CPU:1 [LOST 5 EVENTS]\n")
        #expect(lost.ledger.lostEvents == 5 && lost.ledger.unreadParts == 0)
    }

    @Test func aDamagedLineIsCounted() throws {
        let report = try Self.report(Self.text(4, of: 4) + "irq_handler_entry: irq=5 name=x\n")
        #expect(report.ledger.malformedEvents == 1 && !report.isWhole)
    }

    @Test func aTextOfOneDamagedEventIsNoTrace() throws {
        let line = "          <idle>-0       [001] d.h..  1234.001000: irq_handler_entry: irq=5x"
        let error = Samples.error(Array((Self.text(0, of: 1) + line).utf8))
        #expect(error?.problem.contains("is damaged, in line 5") == true, "\(String(describing: error))")
    }
}
