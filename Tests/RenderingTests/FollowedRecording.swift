import Foundation
import IRQCore
import TestSupport
import TraceFormats

/// A recording that comes as a live trace would: page by page, with intervals.
struct FollowedRecording: ~Copyable {
    private let formats: EventFormats
    private let layout: PageLayout
    private let parts: RecordingParts
    /// The pages in the order of their first events.
    private var pages: [(time: UInt64, cpu: Int, bytes: ArraySlice<UInt8>)] = []

    init(_ path: String) throws {
        parts = try RecordingParts(path: path)
        layout = PageLayout(subBufferByteCount: parts.pageByteCount, commitByteCount: 8, byteOrder: .little)!
        var table = EventFormats()
        table.isDeep = true
        let parser = KernelFormats(byteOrder: .little, longByteCount: parts.longByteCount)
        for (system, texts) in parts.eventFormats {
            for text in texts { _ = text.withUnsafeBytes { parser?.add($0.bytes, system: system, to: &table) } }
        }
        formats = table
        for (cpu, bytes) in parts.pages {
            for start in stride(from: 0, to: bytes.count, by: parts.pageByteCount) {
                let page = bytes[start..<min(start + parts.pageByteCount, bytes.count)]
                let time = page.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                pages.append((time, cpu, page))
            }
        }
        pages.sort { ($0.time, $0.cpu) < ($1.time, $1.cpu) }
    }

    /// Feeds all, in as many intervals, and calls `look` at the end of each.
    ///
    /// - Parameter isBehind: true if a CPU was never read, so that nothing can be put in order.
    func play(into live: Box, intervals: Int, isBehind: Bool = false, _ look: () throws -> Void) rethrows {
        live.changeTracing { $0.start(vectorNames: formats.vectorNames, missingEvents: [], isDeep: true) }
        let decoder = PageDecoder(layout: layout)
        let count = (pages.count + intervals - 1) / intervals
        for start in stride(from: 0, to: pages.count, by: count) {
            let end = min(start + count, pages.count)
            for page in pages[start..<end] {
                let bytes = Array(page.bytes)
                bytes.withUnsafeBytes { raw in
                    live.changeTracing { $0.feed(page: raw.bytes, cpu: page.cpu, decoder: decoder, formats: formats) }
                }
            }
            // Every page that begins before it was read.
            let time = end < pages.count ? pages[end].time : .max
            live.changeTracing {
                $0.follow(before: time, behind: isBehind ? [4000] : [])
                $0.endInterval(nanoseconds: LiveFixture.second)
            }
            try look()
        }
    }
}
