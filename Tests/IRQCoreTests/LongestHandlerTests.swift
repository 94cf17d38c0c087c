import TestSupport
import Testing

@testable import IRQCore

/// The longest handler of pages against what the pages were made of.
@Suite struct LongestHandlerTests {
    /// The formats of handler events alone, as a flight recorder reads them.
    static func formats() -> EventFormats {
        var formats = EventFormats()
        let pid = NumberField(offset: 4, byteCount: 4, isSigned: true)
        let first = NumberField(offset: 8, byteCount: 4, isSigned: true)
        let text = TextField(offset: 12, byteCount: 4, encoding: .dataLocation)
        let result = NumberField(offset: 12, byteCount: 4, isSigned: true)
        _ = formats.add(EventFormat(kind: .irqEntry, pid: pid, numbers: [first], text: text), id: 150)
        _ = formats.add(EventFormat(kind: .irqExit, pid: pid, numbers: [first, result]), id: 149)
        return formats
    }

    @Test(arguments: [nil, 2...2, 3...4] as [ClosedRange<Int64>?]) func agreesWithTheSlowestSpan(irqs: ClosedRange<Int64>?) {
        for seed in 1...20 as ClosedRange<UInt64> {
            let pages = LiveDurationsTests.pages(seed: seed)
            var longest = LongestHandler(irqs: irqs.map { [$0] })
            let before = longest.nanoseconds
            #expect(before == 0)
            let formats = Self.formats()
            for page in pages {
                let span = page.span
                longest.feed(
                    page: span.bytes, cpu: 3, decoder: PageDecoder(layout: PageEvents.layout), formats: formats)
            }
            let rows = PageEvents.analyze([pages]).namedRows([:]).filter { $0.kind == .irq }
            let wanted = rows.filter { row in irqs.map { $0.contains(row.number) } ?? true }
            let expected = wanted.compactMap(\.duration.maximumNanoseconds).max()
            let (nanoseconds, found) = (longest.nanoseconds, longest.span())
            #expect(nanoseconds == expected ?? 0)
            #expect(found?.durationNanoseconds == expected)
            if let span = found {
                let row = wanted.first { $0.duration.maximumNanoseconds == expected }
                #expect(span.row.number == row?.number && span.row.name == row?.name && span.cpu == 3)
            }
        }
    }

    /// A handler that the loss of events cuts in two has no duration, however long it seems.
    @Test func gapMakesNoHandler() {
        let e = PageEvents.builder
        var longest = LongestHandler()
        let formats = Self.formats()
        for page in [
            LiveDurationsTests.page([(1_000, e.irqEntry(1, "x"))]),
            LiveDurationsTests.page([(9_000_000, e.irqExit(1, ret: 1)), (9_001_000, e.irqEntry(1, "x"))], missed: true),
            LiveDurationsTests.page([(9_002_000, e.irqExit(1, ret: 1))]),
        ] {
            let span = page.span
            longest.feed(page: span.bytes, cpu: 0, decoder: PageDecoder(layout: PageEvents.layout), formats: formats)
        }
        let found = longest.span()
        #expect(found?.durationNanoseconds == 1_000 && found?.startNanoseconds == 9_001_000)
    }

    @Test func usedBytesHoldAllOfAPage() {
        let e = PageEvents.builder
        let decoder = PageDecoder(layout: PageEvents.layout)
        for isMissed in [false, true] {
            let page = LiveDurationsTests.page([(1_000, e.irqEntry(1, "x")), (2_000, e.irqExit(1, ret: 1))], missed: isMissed)
            let whole = page.span
            let used = decoder.usedByteCount(whole.bytes)
            #expect(used < 120 && used > 16)
            let cut = Array(page[..<used]) + [UInt8](repeating: 0, count: page.count - used)
            #expect(cut == page, "all that is behind is empty")
        }
        let short: [UInt8] = [1, 2, 3]
        let bytes = short.span
        #expect(decoder.usedByteCount(bytes.bytes) == 3)
    }
}
