import CTraceEvent
import Testing
import TestSupport

@testable import IRQCore

/// The page decoder against libtraceevent's kbuffer, and against pages with damage in known places.
@Suite struct PageDecoderTests {
    struct Machine: CustomTestStringConvertible, Sendable {
        let byteOrder: ByteOrder
        let long: Int
        let page: Int
        var testDescription: String { "\(byteOrder)-endian, long \(long), page \(page)" }
        var layout: PageLayout { PageLayout(subBufferByteCount: page, commitByteCount: long, byteOrder: byteOrder)! }
    }

    static let machines = [
        Machine(byteOrder: .little, long: 8, page: 4096), Machine(byteOrder: .big, long: 8, page: 4096),
        Machine(byteOrder: .little, long: 4, page: 4096), Machine(byteOrder: .big, long: 4, page: 4096),
        Machine(byteOrder: .little, long: 8, page: 65536), Machine(byteOrder: .big, long: 8, page: 16384),
    ]

    /// Times of the softirq_entry events on a page, our way.
    static func decode(_ bytes: [UInt8], _ layout: PageLayout, room: Int = 512) throws -> [(UInt64, UInt64)] {
        var formats = EventFormats()
        let vector = NumberField(offset: 8, byteCount: 4, isSigned: false)
        let isAdded = formats.add(EventFormat(kind: .softirqEntry, pid: nil, numbers: [vector]), id: 148)
        #expect(isAdded)
        let decoder = PageDecoder(layout: layout)
        let span = bytes.span
        var cursor = try decoder.open(span.bytes)
        let page = span.bytes.extracting(0..<cursor.end)
        var events: [(UInt64, UInt64)] = []
        func take(_ event: TraceEvent, _: RawSpan) { events.append((event.time, event.softirqVector)) }
        while try !decoder.decodeRecords(
            page, from: &cursor, formats: formats, isSwapped: layout.byteOrder.isSwapped, room: room, take,
            takeRare: take)
        {}
        return events
    }

    /// The same by kbuffer.
    static func kbuffer(_ bytes: [UInt8], _ layout: PageLayout) -> [(UInt64, UInt64)] {
        let buffer = kbuffer_alloc(
            layout.commitByteCount == 8 ? KBUFFER_LSIZE_8 : KBUFFER_LSIZE_4,
            layout.byteOrder == .big ? KBUFFER_ENDIAN_BIG : KBUFFER_ENDIAN_LITTLE)
        defer { kbuffer_free(buffer) }
        var copy = bytes
        return copy.withUnsafeMutableBytes { page in
            var events: [(UInt64, UInt64)] = []
            kbuffer_load_subbuffer(buffer, page.baseAddress)
            var time: UInt64 = 0
            while let data = kbuffer_read_event(buffer, &time) {
                let raw = data.advanced(by: 8).loadUnaligned(as: UInt32.self)
                events.append((time, UInt64(layout.byteOrder.isSwapped ? raw.byteSwapped : raw)))
                kbuffer_next_event(buffer, nil)
            }
            return events
        }
    }

    /// A page of all kinds of records in random order.
    static func randomPage(_ layout: PageLayout, _ random: inout SeededGenerator) -> [UInt8] {
        var page = PageBuilder(layout, start: UInt64.random(in: 0..<1 << 40, using: &random))
        let events = EventBuilder(FormatTexts(longByteCount: layout.commitByteCount), layout.byteOrder)
        while page.room > 300 {
            let delta = UInt64.random(in: 0..<1 << 27, using: &random) >> UInt64.random(in: 0...26, using: &random)
            switch Int.random(in: 0..<20, using: &random) {
            case 0: page.timeExtend(UInt64.random(in: 0..<1 << 45, using: &random))
            case 1: page.absoluteTime(page.currentTime + UInt64.random(in: 0..<1 << 20, using: &random))
            case 2: page.discarded(delta: delta, byteCount: 4 * Int.random(in: 1..<12, using: &random))
            case 3:
                let tail = [UInt8](repeating: 7, count: Int.random(in: 100..<200, using: &random))
                page.record(delta: delta, events.softirq("entry", UInt32.random(in: 0..<10, using: &random)) + tail)
            case 4:
                page.record(delta: delta, events.softirq("entry", 3), isLong: true)
            default:
                page.record(delta: delta, events.softirq("entry", UInt32.random(in: 0..<10, using: &random)))
            }
        }
        return page.bytes()
    }

    @Test(arguments: machines) func randomPagesReadAsKbufferReadsThem(machine: Machine) throws {
        let seed = UInt64.random(in: 0..<1 << 32)
        var random = SeededGenerator(seed: seed)
        var count = 0
        for _ in 0..<(machine.page > 8192 ? 20 : 200) {
            let page = Self.randomPage(machine.layout, &random)
            let ours = try Self.decode(page, machine.layout)
            let theirs = Self.kbuffer(page, machine.layout)
            let isEqual = ours.count == theirs.count && zip(ours, theirs).allSatisfy { $0 == $1 }
            #expect(isEqual, "seed \(seed): ours \(ours.prefix(5)), kbuffer \(theirs.prefix(5))")
            count += ours.count
        }
        #expect(count > 10_000)
    }

    /// Of a page that was read in part the header has the time of the last event that is gone.
    @Test(arguments: machines) func firstEventIsAsFarFromTheHeaderAsItSays(machine: Machine) throws {
        let events = EventBuilder(FormatTexts(longByteCount: machine.layout.commitByteCount), machine.layout.byteOrder)
        for isExtended in [false, true] {
            var page = PageBuilder(machine.layout, start: 1_000_000)
            if isExtended { page.timeExtend(1 << 30) }
            page.record(delta: 345, events.softirq("entry", 3))
            page.record(delta: 5, events.softirq("exit", 3))
            let bytes = page.bytes()
            let decoder = PageDecoder(layout: machine.layout)
            let cursor = try decoder.open(bytes.span.bytes)
            let first = decoder.timeOfFirstRecord(bytes.span.bytes, cursor)
            #expect(first == 1_000_345 + (isExtended ? 1 << 30 : 0))
            #expect(first == Self.kbuffer(bytes, machine.layout).first?.0)
        }
    }

    @Test func pagesOfPaddingHaveNoFirstEvent() throws {
        let layout = Self.machines[0].layout
        var page = PageBuilder(layout, start: 1000)
        page.discarded(delta: 7, byteCount: 8)
        let bytes = page.bytes()
        let decoder = PageDecoder(layout: layout)
        #expect(decoder.timeOfFirstRecord(bytes.span.bytes, try decoder.open(bytes.span.bytes)) == nil)
    }

    /// The filler of a page has a delta of 1, and the next page may begin with the time of the last event.
    @Test(arguments: machines) func fillersTakeNoTime(machine: Machine) throws {
        let events = EventBuilder(FormatTexts(longByteCount: machine.layout.commitByteCount), machine.layout.byteOrder)
        let formats = EventFormats()
        let decoder = PageDecoder(layout: machine.layout)
        func lastTime(_ build: (inout PageBuilder) -> Void) throws -> UInt64 {
            var page = PageBuilder(machine.layout, start: 1000)
            build(&page)
            let bytes = page.bytes()
            var cursor = try decoder.open(bytes.span.bytes)
            try decoder.decode(bytes.span.bytes, from: &cursor, formats: formats) { _, _ in }
            return cursor.time
        }
        let entry = events.softirq("entry", 3)
        let filled = try lastTime { page in
            page.record(delta: 10, entry)
            page.discarded(delta: 1, byteCount: 8)
        }
        let discarded = try lastTime { page in
            page.discarded(delta: 1, byteCount: 8)
            page.record(delta: 10, entry)
        }
        #expect(filled == 1010 && discarded == 1011)
    }

    @Test func smallRoomGivesTheSameEvents() throws {
        var random = SeededGenerator(seed: 7)
        let page = Self.randomPage(Self.machines[0].layout, &random)
        let whole = try Self.decode(page, Self.machines[0].layout)
        let pieces = try Self.decode(page, Self.machines[0].layout, room: 3)
        #expect(zip(whole, pieces).allSatisfy { $0 == $1 } && whole.count == pieces.count)
    }

    /// Texts of any length at the very end of a page, with and without a null byte, and the fields that all events have.
    @Test(arguments: machines) func textsAndCommonFieldsAreRead(machine: Machine) throws {
        var formats = EventFormats()
        let number = NumberField(offset: 8, byteCount: 4, isSigned: true)
        let isAdded = formats.add(
            EventFormat(
                kind: .irqEntry, pid: NumberField(offset: 4, byteCount: 4, isSigned: true), numbers: [number],
                text: TextField(offset: 12, byteCount: 4, encoding: .dataLocation),
                flags: NumberField(offset: 2, byteCount: 1, isSigned: false),
                preemptCount: NumberField(offset: 3, byteCount: 1, isSigned: false)), id: 0x0196)
        #expect(isAdded)
        for length in 0...24 {
            for isTerminated in [true, false] {
                var data = ByteWriter(machine.byteOrder)
                data.put(0x0196 as UInt16)
                data.put(0x2D as UInt8)
                data.put(0x13 as UInt8)
                data.put(-7 as Int32)
                data.put(-2 as Int32)
                data.put(UInt32(16) | UInt32(length + (isTerminated ? 1 : 0)) << 16)
                data.put(String("nvme0q1 and what follows".prefix(length)) + (isTerminated ? "\0" : ""))
                var page = PageBuilder(machine.layout, start: 5)
                page.record(delta: 1, data.bytes)
                let bytes = page.bytes()
                let span = bytes.span
                let decoder = PageDecoder(layout: machine.layout)
                var cursor = try decoder.open(span.bytes)
                var seen: [String] = []
                try decoder.decode(span.bytes.extracting(0..<cursor.end), from: &cursor, formats: formats) { event, page in
                    let text = (0..<Int(event.textByteCount)).map { page.byte(at: Int(event.textOffset) + $0) ?? 0 }
                    seen.append(
                        "\(event.flags) \(event.preemptCount) \(event.pid) \(Int64(bitPattern: event.irq)) "
                            + String(decoding: text, as: UTF8.self))
                }
                #expect(seen == ["45 19 -7 -2 " + "nvme0q1 and what follows".prefix(length)])
            }
        }
    }

    @Test(arguments: machines) func missedEventsAreRead(machine: Machine) throws {
        let decoder = PageDecoder(layout: machine.layout)
        let cases: [(UInt64??, MissedEvents)] = [(.none, .none), (.some(nil), .unknown), (.some(1234), .counted(1234))]
        for (missed, expected) in cases {
            var page = PageBuilder(machine.layout, start: 5)
            page.record(delta: 1, EventBuilder(FormatTexts(), machine.byteOrder).other())
            if let missed { page.missed(missed) }
            let bytes = page.bytes()
            let span = bytes.span
            let cursor = try decoder.open(span.bytes)
            #expect(cursor.missed == expected)
        }
    }

    @Test func commitWordsOfTheKernelAreSignExtended() throws {
        // s390x and ppc64el write 0xffffffff_c0000fcc: the flags in bits 30 and 31 of a negative int.
        let layout = Self.machines[1].layout
        var page = PageBuilder(layout, start: 5)
        page.record(delta: 1, EventBuilder(FormatTexts(), .big).softirq("entry", 2))
        page.missed(77)
        var bytes = page.bytes()
        for offset in 8..<12 { bytes[offset] = 0xFF }
        let span = bytes.span
        let cursor = try PageDecoder(layout: layout).open(span.bytes)
        #expect(cursor.missed == .counted(77))
        #expect(cursor.end == 16 + 4 + 12)
    }

    @Test func damageIsAnErrorWithItsPlace() throws {
        let layout = Self.machines[0].layout
        func failure(_ change: (inout [UInt8]) -> Void) -> PageError? {
            var page = PageBuilder(layout, start: 5)
            page.record(delta: 1, EventBuilder(FormatTexts(), .little).softirq("entry", 2))
            page.record(delta: 1, EventBuilder(FormatTexts(), .little).softirq("entry", 2))
            var bytes = page.bytes()
            change(&bytes)
            do {
                _ = try Self.decode(bytes, layout)
                return nil
            } catch { return error as? PageError }
        }
        #expect(failure { _ in } == nil)
        #expect(failure { $0 = Array($0.prefix(12)) } == .shortHeader(byteCount: 12))
        #expect(failure { $0[9] = 0xFF } == .commitExceedsPage(commitByteCount: 0xFF20, pageByteCount: 4096))
        #expect(failure { $0[8] += 1 } == .commitImpossible(word: 0x21))
        #expect(failure { $0[12] = 1 } == .commitImpossible(word: 0x1_0000_0020))
        // The flag of lost events as the kernel adds it: a negative int.
        #expect(
            failure { page in
                for index in 12..<16 { page[index] = 0xFF }; page[11] = 0x80
            } == nil)
        // A record that is longer than what is committed.
        #expect(failure { $0[32] = 28 } == .recordExceedsCommit(offset: 32))
        // A data record of length 0 that says it has fewer bytes than its own length word.
        #expect(
            failure {
                $0[32] = 0; $0[36] = 3; $0[37] = 0
            } == .recordExceedsCommit(offset: 32))
        // A record that ends before the field its format describes.
        #expect(
            failure {
                $0[32] = ($0[32] & 0xE0) | 2; $0[8] = 28
            } == .recordTooShort(offset: 32, eventID: 148))
    }

    @Test func randomBytesNeverTrap() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            var bytes = (0..<512).map { _ in UInt8.random(in: 0...255, using: &random) }
            bytes[9] = 1
            for offset in 10..<16 { bytes[offset] = 0 }
            _ = try? Self.decode(bytes, PageLayout(subBufferByteCount: 512, commitByteCount: 8, byteOrder: .little)!)
        }
    }

    @Test func absoluteTimesTakeTheirTopBitsFromBefore() throws {
        let layout = Self.machines[0].layout
        let base: UInt64 = 0x1800_0000_0000_1000
        var page = PageBuilder(layout, start: base)
        let event = EventBuilder(FormatTexts(), .little).softirq("entry", 2)
        page.absoluteTime((base + 500) & ((1 << 59) - 1))
        page.record(delta: 3, event)
        let times = try Self.decode(page.bytes(), layout).map(\.0)
        #expect(times == [base + 503])
    }
}
