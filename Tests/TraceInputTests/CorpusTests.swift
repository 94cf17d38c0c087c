import Foundation
import IRQCore
import Testing
import TestSupport

@testable import TraceInput

/// The recordings that fuzz targets start from: Fixtures/fuzz.
@Suite struct CorpusTests {
    static func inputs(_ name: String) -> [URL] {
        let folder = Places.fixtures.appendingPathComponent("fuzz/\(name)")
        let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (files ?? []).sorted { $0.path < $1.path }
    }

    @Test func corpusIsThere() {
        #expect(Self.inputs("container").count >= 8 && Self.inputs("perfdata").count >= 16)
        #expect(Self.inputs("perfetto").count >= 2 && Self.inputs("pages").count >= 4)
    }

    /// Writes the corpus anew when IRQSCOPE_WRITE_CORPUS is set: one small recording of each form.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["IRQSCOPE_WRITE_CORPUS"] != nil, "asked for by hand only"))
    func writeCorpus() throws {
        let folder = Places.fixtures.appendingPathComponent("fuzz")
        for form in TraceDatTests.forms where form.page == 4096 {
            let bytes = Samples.recording(
                version: form.version, byteOrder: form.byteOrder, long: form.long, page: 512,
                compression: form.compression)
            let name = "v\(form.version)-\(form.byteOrder)-\(form.long)-\(form.compression).dat"
            try Data(bytes).write(to: folder.appendingPathComponent("container/\(name)"))
        }
        for form in PerfDataTests.forms {
            let bytes = PerfSamples.recording(form.byteOrder) {
                $0.isPipe = form.isPipe
                $0.packing = form.packing
                $0.isUnfinished = !form.isPipe && form.packing == .compressed
                if form.packing == .compressed2 { $0.sampleType |= 1 << 4 | 1 << 5 }
                if form.packing == .wrapped { $0.flags = 1 << 27 }
                $0.lost(3, time: 5, cpu: 1)
                $0.comm("task", task: 42)
            }
            let name = "\(form.byteOrder)-\(form.isPipe ? "pipe" : "file")-\(form.packing).data"
            try Data(bytes).write(to: folder.appendingPathComponent("perfdata/\(name)"))
        }
        let small = PerfettoBadInputTests.small
        try Data(small).write(to: folder.appendingPathComponent("perfetto/plain.pftrace"))
        let packed = PerfettoBuilder.packed(small)
        try Data(packed).write(to: folder.appendingPathComponent("perfetto/packed.pftrace"))
        for (choice, byteOrder, long) in [(0, ByteOrder.little, 8), (1, .big, 8), (2, .little, 4), (3, .big, 4)] {
            let layout = try #require(PageLayout(subBufferByteCount: 512, commitByteCount: long, byteOrder: byteOrder))
            var bytes: [UInt8] = [UInt8(choice)]
            for index in 0..<4 {
                var page = PageBuilder(layout, start: UInt64(index) << 20)
                for id in 0..<10 {
                    var event = ByteWriter(byteOrder)
                    event.put(UInt16(id))
                    event.put(raw: [0, 0])
                    event.put(UInt32(7))
                    event.put(UInt32(3))
                    event.put(UInt32(4 << 16 | 16))
                    event.put("abc\0")
                    page.record(delta: UInt64(100 * id), event.bytes)
                }
                page.timeExtend(1 << 30)
                page.discarded(delta: 5, byteCount: 16)
                if index == 2 { page.missed(9) }
                bytes += page.bytes()
            }
            try Data(bytes).write(to: folder.appendingPathComponent("pages/\(byteOrder)-\(long).bin"))
        }
    }
}
