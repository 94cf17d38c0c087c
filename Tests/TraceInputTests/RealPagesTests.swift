import CTraceEvent
import Foundation
import Testing
import TestSupport

@testable import IRQCore
@testable import TraceInput

/// Every page of real recordings against libtraceevent's kbuffer: the number of records, and the time and
/// place of each event that we read.
@Suite struct RealPagesTests {
    @Test(arguments: ["armhf-v6", "s390x-v6", "ppc64el-v6"]) func realPagesReadAsKbufferReadsThem(name: String) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Places.recording(name))))
        let span = bytes.span
        let file = span.bytes
        var unpacker = Unpacker()
        var contents = try TraceDatContents.read(file, unpacker: &unpacker)
        let layout = try contents.pageLayout(file)
        let formats = try contents.eventFormats(file, isDeep: false)
        let decoder = PageDecoder(layout: layout)
        let kbuffer = kbuffer_alloc(
            layout.commitByteCount == 8 ? KBUFFER_LSIZE_8 : KBUFFER_LSIZE_4,
            layout.byteOrder == .big ? KBUFFER_ENDIAN_BIG : KBUFFER_ENDIAN_LITTLE)
        defer { kbuffer_free(kbuffer) }
        var pageCount = 0
        var eventCount = 0
        for section in contents.buffers.flatMap(\.sections) {
            for start in stride(from: section.range.lowerBound, to: section.range.upperBound, by: layout.subBufferByteCount) {
                let page = file.extracting(start..<start + layout.subBufferByteCount)
                var cursor = try decoder.open(page)
                var ours: [UInt64] = []
                try decoder.decode(page, from: &cursor, formats: formats) { event, _ in ours.append(event.time) }
                var copy = Array(bytes[start..<start + layout.subBufferByteCount])
                var theirs: [UInt64] = []
                var records = 0
                copy.withUnsafeMutableBytes { raw in
                    kbuffer_load_subbuffer(kbuffer, raw.baseAddress)
                    var time: UInt64 = 0
                    while let data = kbuffer_read_event(kbuffer, &time) {
                        let id = data.loadUnaligned(as: UInt16.self)
                        let index = formats.index(of: layout.byteOrder.isSwapped ? id.byteSwapped : id)
                        if EventFormats.isWanted(index) { theirs.append(time) }
                        records += 1
                        kbuffer_next_event(kbuffer, nil)
                    }
                }
                #expect(ours == theirs && cursor.recordCount == records, "page at \(start)")
                pageCount += 1
                eventCount += records
            }
        }
        #expect(pageCount >= 4 && eventCount > 2000)
    }
}
