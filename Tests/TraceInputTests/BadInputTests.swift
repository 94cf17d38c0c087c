import Foundation
import IRQCore
import Testing
import TestSupport

@testable import TraceInput

/// Damaged, hostile and wrong files: a clear error with a place, or a report that says what is missing.
@Suite struct BadInputTests {
    @Test(arguments: [(6, "none"), (7, "none"), (7, "zstd"), (7, "zlib")])
    func truncationAtEveryByteIsAnErrorOrANote(version: Int, compression: String) {
        let bytes = Samples.recording(version: version, page: 1024, compression: compression) { $0.cmdlines = "" }
        #expect(bytes.count < 20_000)
        var isWhole = 0
        for length in 0..<bytes.count {
            do {
                let report = try Samples.report(Array(bytes.prefix(length)))
                // The last page's padding may be missing without any event being so.
                if Samples.check(report).isEmpty {
                    isWhole += 1
                } else {
                    let isTold =
                        !report.notes.isEmpty || report.ledger.damagedPages > 0 || report.ledger.damagedChunks > 0
                    #expect(isTold, "cut at \(length)")
                }
            } catch {
                #expect(error.path == "sample.dat")
                #expect(!error.problem.isEmpty && !error.advice.isEmpty)
                #expect((error.offset ?? 0) <= bytes.count, "cut at \(length): \(error)")
            }
        }
        #expect(isWhole <= 1024)
    }

    @Test(arguments: [(6, "none"), (7, "none"), (7, "zstd")])
    func randomDamageNeverTraps(version: Int, compression: String) {
        let bytes = Samples.recording(version: version, page: 512, compression: compression)
        let seed = UInt64.random(in: 0..<1 << 32)
        var random = SeededGenerator(seed: seed)
        print("seed \(seed)")
        // Some; the fuzz targets go on for longer.
        for _ in 0..<600 {
            var copy = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                copy[Int.random(in: 0..<copy.count, using: &random)] =
                    [0, 0xFF, 0x7F, UInt8.random(in: 0...255, using: &random)][Int.random(in: 0..<4, using: &random)]
            }
            _ = try? Samples.report(copy)
        }
    }

    /// Replaces the first place where `old` stands.
    static func patch(_ bytes: [UInt8], _ old: [UInt8], _ new: [UInt8]) -> [UInt8] {
        var copy = bytes
        guard let range = Data(bytes).range(of: Data(old)) else { return [] }
        copy.replaceSubrange(range, with: new)
        return copy
    }

    @Test func headersThatLieAreRefusedWithTheirPlace() {
        let six = Samples.recording(version: 6)
        let seven = Samples.recording(version: 7)
        func problem(_ bytes: [UInt8]) -> String {
            Samples.error(bytes).map { "\($0.offset ?? -1): \($0.problem)" } ?? "none"
        }
        var copy = six
        copy[10] = 0x39
        #expect(problem(copy) == "10: this is version 9 of trace.dat")
        copy = six
        copy[12] = 2
        #expect(problem(copy) == "12: the byte order is 2, neither 0 nor 1")
        copy[12] = 0
        copy[13] = 16
        #expect(problem(copy) == "13: the size of long is 16, neither 4 nor 8")
        // Four billion CPUs, just before the options.
        let tag = Array("options  \0".utf8)
        let many = Self.patch(six, [2, 0, 0, 0] + tag, [0xFF, 0xFF, 0xFF, 0xFF] + tag)
        #expect(problem(many).hasSuffix("a count of 4294967295 CPUs cannot be"))
        // An option of four gigabytes.
        let option = Self.patch(six, [5, 0, 22, 0, 0, 0], [5, 0, 0xFF, 0xFF, 0xFF, 0xFF])
        #expect(problem(option).contains("option 5 should take 4294967295 bytes, but only"))
        // An event format of 2^63 bytes.
        let format = Self.patch(
            six, Array("irq\0".utf8) + [5, 0, 0, 0], Array("irq\0".utf8) + [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(!problem(format).isEmpty && problem(format) != "none")
        // Version 7: unknown compression, options nowhere, options in a circle.
        #expect(problem(Self.patch(seven, Array("none\0".utf8), Array("lz4x\0".utf8))).contains("compression \"lz4x\""))
        let link = 18 + 5 + 4
        copy = seven
        for index in link..<link + 8 { copy[index] = 0xFF }
        #expect(problem(copy).contains("the file ends here"))
        for index in link..<link + 8 { copy[index] = 0 }
        #expect(problem(copy).contains("has no options section"))
    }

    @Test func optionsInACircleEnd() {
        var bytes = Samples.recording(version: 7)
        let link = 18 + 5 + 4
        let place = Array(bytes[link..<link + 8])
        // The last eight bytes are the DONE option's link to the next section.
        bytes.replaceSubrange(bytes.count - 8..<bytes.count, with: place)
        #expect(Samples.error(bytes)?.problem == "the options sections run in a circle")
    }

    @Test func sectionsOutsideTheFileAreNoted() throws {
        var bytes = Samples.recording(version: 6)
        let table = try #require(Data(bytes).range(of: Data("flyrecord\0".utf8))).upperBound
        for index in 0..<8 { bytes[table + index] = 0xFF }
        let report = try Samples.report(bytes)
        #expect(report.notes.count == 1 && report.notes[0].hasPrefix("CPU 0: all 12288 bytes are missing"))
        #expect(report[.work].count == 1 && report[.irq].isEmpty)
    }

    @Test func chunkThatLiesAboutItsSizeIsLeftOut() throws {
        let good = Samples.builder(compression: "zstd") {
            $0.buffers[0].pages = [(0, Samples.pages($0, cpu: 0, pageCount: 8))]
        }
        let bytes = good.build()
        let whole = try Samples.report(bytes)
        let frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
        // The last chunk's unpacked size stands before its zstd frame.
        var places: [Int] = []
        for index in 0..<bytes.count - 4 where Array(bytes[index..<index + 4]) == frame { places.append(index) }
        let last = try #require(places.last)
        for size in [[0xFF, 0xFF, 0xFF, 0xFF], [0, 0x10, 0, 0], [0, 0, 0, 0]] as [[UInt8]] {
            var copy = bytes
            copy.replaceSubrange(last - 4..<last, with: size)
            let report = try Samples.report(copy)
            #expect(report.ledger.damagedChunks == 1 && report.ledger.gaps == 1)
            #expect(report.ledger.events == whole.ledger.events / 4 * 3)
        }
        var copy = bytes
        copy.replaceSubrange(last - 8..<last - 4, with: [0xFF, 0xFF, 0xFF, 0x7F])
        #expect(try Samples.report(copy).ledger.damagedChunks == 1)
    }

    /// What is not packed has no checksum: damage is found where it makes what no kernel writes, and never ends with "none lost".
    @Test(
        arguments: [
            // The first page's time is weeks later: the second one goes back.
            (6, 0x40, "times_gone_back"), (8, 3, "damaged_pages"), (11, 0x10, "damaged_pages"), (13, 1, "damaged_pages"),
            // A record's event, and its length.
            (21, 0x77, "undescribed"), (16, 1, "damaged_pages"),
        ] as [(Int, UInt8, String)])
    func damageWithoutAChecksumIsFound(place: Int, bits: UInt8, counter: String) throws {
        var recording = Samples.builder(version: 6)
        #expect(try Samples.report(recording.build()).isWhole)
        recording.buffers[0].pages[0].pages[0][place] ^= bits
        let report = try Samples.report(recording.build())
        let found = try #require(LossLedger.counters.first { $0.key.map { "\($0)" } == counter })
        #expect(report.ledger[keyPath: found.path] == 1 && !report.isWhole, "\(report.ledger)")
        // No counter but these: what is damaged leads to no doubt elsewhere.
        #expect(report.ledger.gaps == (counter == "undescribed" ? 0 : 1), "\(report.ledger)")
        #expect(report.source.hasChecksums == false)
        // A time that is wrong by weeks makes no duration.
        #expect(report.rows.allSatisfy { ($0.duration.maximumNanoseconds ?? 0) < 1_000_000_000 })
    }

    /// What a file should have and does not is lost, in how many events nobody knows.
    @Test func missingPartIsALoss() throws {
        var bytes = Samples.recording(version: 6)
        bytes.removeLast(5000)
        let report = try Samples.report(bytes)
        #expect(report.ledger.gaps > 0 && report.ledger.gapsOfUnknownSize > 0 && !report.isWhole, "\(report.ledger)")
    }

    @Test func checksumsAreTold() throws {
        for (compression, expected) in [("none", false), ("zlib", true), ("zstd", nil)] as [(String, Bool?)] {
            #expect(try Samples.report(Samples.recording(compression: compression)).source.hasChecksums == expected)
        }
    }

    @Test func pageThatCommitsTooMuchIsCounted() throws {
        var recording = Samples.builder(version: 6)
        recording.buffers[0].pages[0].pages[1][9] = 0xFF
        let report = try Samples.report(recording.build())
        #expect(report.ledger.damagedPages == 1 && report.ledger.gaps == 1)
        #expect(report[.irq].first?.calls == 2)
    }

    @Test(arguments: ["", "nonsense", "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"])
    func headerPageThatMakesNoSense(text: String) {
        let bytes = Samples.recording { $0.headerPage = text }
        if text.isEmpty {
            #expect(Samples.error(bytes) == nil)  // kernels before header_page: the file's own page size
        } else {
            #expect(Samples.error(bytes)?.problem == "the text of header_page makes no sense")
        }
    }

    @Test func controlCharactersInNamesReachNoMessageRaw() throws {
        let bytes = Samples.recording { recording in
            recording.buffers.append(("evil\u{1B}[2J", [(0, [])]))
        }
        var options = ReadOptions()
        options.buffer = "x\u{1B}"
        let error = #expect(throws: RecordingError.self) { try Samples.report(bytes, options) }
        #expect(error?.description.contains("\u{1B}") == false)
    }

    @Test(arguments: [
        ("PERFILE2........", "is a perf.data file"), ("# tracer: nop\n#\n", "is a trace without events"),
        ("hello, world\n", "is text"),
        ("\u{1F}\u{2}..", "is no recording"), ("2ELIFREP........", "is a perf.data file"),
        ("PK\u{3}\u{4}..", "is a zip archive"), ("trace.dat" + String(repeating: "\0", count: 248) + "ustar", "is a tar archive"),
        ("BZh91AY&SY", "is packed with bzip2"), ("/* CTF 1.8 */\n", "is a part of a CTF trace"),
    ])
    func otherFilesAreCalledWhatTheyAre(text: String, expected: String) {
        #expect(Samples.error(Array(text.utf8))?.problem.hasPrefix(expected) == true)
    }

    @Test func otherPackedFilesAreCalledWhatTheyAre() throws {
        #expect(Samples.error([0x04, 0x22, 0x4D, 0x18, 0x64])?.problem == "is packed with lz4")
        #expect(Samples.error([0x04, 0x22, 0x4D, 0x18, 0x64])?.advice.contains("lz4 -dc FILE | irqscope report") == true)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-ctf-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: RecordingError.self) { try report(onRecording: folder.path) }
        try Data([0x57, 0x1D, 0xD1, 0x75] + [UInt8](repeating: 0, count: 60))
            .write(to: folder.appendingPathComponent("metadata"))
        let error = #expect(throws: RecordingError.self) { try report(onRecording: folder.path) }
        #expect(error?.problem.hasPrefix("is a CTF trace") == true)
    }

    @Test func manyRowsDoNotFillTheMemory() throws {
        var recording = Samples.builder(version: 6)
        let events = EventBuilder(recording.texts, recording.byteOrder)
        var pages: [[UInt8]] = []
        var irq: Int32 = 0
        for index in 0..<260 {
            var page = PageBuilder(recording.layout, start: UInt64(index) * 1000)
            while page.room > 80 {
                page.event(at: page.currentTime, events.irqEntry(irq, "storm"))
                page.event(at: page.currentTime, events.irqExit(irq, ret: 1))
                irq += 1
            }
            pages.append(page.bytes())
        }
        recording.buffers[0].pages = [(0, pages)]
        let report = try Samples.report(recording.build())
        #expect(report[.irq].count == 16_384)
        #expect(report.ledger.callsBeyondRowLimit == UInt64(irq) - 16_384)
    }

    @Test func overlappingTablesAreRefused() throws {
        var bytes = Samples.recording(version: 6)
        let table = try #require(Data(bytes).range(of: Data("flyrecord\0".utf8))).upperBound
        // CPU 1's data begin where CPU 0's do, and both take nearly all of the file.
        let whole = UInt64(bytes.count - 4096)
        for cpu in 0..<2 {
            for (place, value) in [(0, UInt64(4096)), (8, whole)] {
                for index in 0..<8 { bytes[table + cpu * 16 + place + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
            }
        }
        #expect(Samples.error(bytes)?.problem.contains("overlap") == true)
    }

    @Test func symbolLineOfManyMegabytesIsPassedOver() {
        let bytes = [UInt8](repeating: 0x61, count: 1 << 22) + Array("\nffff8000 t b\n".utf8)
        let span = bytes.span
        let found = SymbolNames.find(Set((0..<200).map { 0xffff_8000 + $0 }), in: span.bytes)
        #expect(found[0xffff_8000]?.name == "b" && found.count == 17)
    }
}
