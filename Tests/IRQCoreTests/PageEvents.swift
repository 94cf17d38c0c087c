import TestSupport

@testable import IRQCore

/// The events on pages of tests that need pages.
enum PageEvents {
    static let layout = PageLayout(subBufferByteCount: 4096, commitByteCount: 8, byteOrder: .little)!
    static let builder = EventBuilder(FormatTexts(), .little)

    /// The events that `builder` writes.
    static func formats() -> EventFormats {
        var formats = EventFormats()
        let pid = NumberField(offset: 4, byteCount: 4, isSigned: true)
        let first = NumberField(offset: 8, byteCount: 4, isSigned: true)
        let text = TextField(offset: 12, byteCount: 4, encoding: .dataLocation)
        _ = formats.add(EventFormat(kind: .irqEntry, pid: pid, numbers: [first], text: text), id: 150)
        let result = NumberField(offset: 12, byteCount: 4, isSigned: true)
        _ = formats.add(EventFormat(kind: .irqExit, pid: pid, numbers: [first, result]), id: 149)
        for (kind, id) in [(EventKind.softirqRaise, 146), (.softirqEntry, 148), (.softirqExit, 147)] {
            _ = formats.add(EventFormat(kind: kind, pid: pid, numbers: [first]), id: id)
        }
        let index = formats.vectorIndex(of: "local_timer")!
        _ = formats.add(EventFormat(kind: .vectorEntry, pid: pid, vectorIndex: index), id: 120)
        _ = formats.add(EventFormat(kind: .vectorExit, pid: pid, vectorIndex: index), id: 119)
        return formats
    }

    /// The result of the pages of several CPUs.
    static func analyze(_ cpus: [[[UInt8]]]) -> BufferResult {
        let formats = formats()
        let analysis = BufferAnalysis(shardCount: 1, options: AnalysisOptions())
        analysis.withShard(0) { shard in
            for (cpu, pages) in cpus.enumerated() {
                let slot = shard.addCPU(cpu)
                for page in pages {
                    let span = page.span
                    shard.feed(page: span.bytes, slot: slot, decoder: PageDecoder(layout: layout), formats: formats)
                }
            }
        }
        return analysis.finish(buffer: "", vectorNames: formats.vectorNames)
    }
}
