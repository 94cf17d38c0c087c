import IRQCore

// Compressed pages, trace-cmd.dat.v7(5): chunk count u32, then for each chunk
//
//     packed size u32 | unpacked size u32, a multiple of the page size | bytes

/// The position in the pages of one CPU.
struct PageReader {
    let section: CPUSection
    /// The CPU's place in its shard.
    let slot: Int
    private var offset: Int
    private let end: Int
    private let isCompressed: Bool
    private var chunksLeft: UInt32?
    private(set) var isFinished = false

    init(_ section: CPUSection, slot: Int, isCompressed: Bool, fileByteCount: Int) {
        self.section = section
        self.slot = slot
        self.isCompressed = isCompressed
        offset = section.range.lowerBound
        // The size of compressed data leaves out the count before the chunks.
        end = isCompressed ? min(section.range.upperBound + 4, fileByteCount) : section.range.upperBound
    }

    /// The raw time of the first page; nil if there is none to be read.
    func firstTime(
        _ file: RawSpan, _ plan: borrowing ReadPlan, _ compression: CompressionMethod, _ unpacker: inout Unpacker
    ) -> UInt64? {
        let layout = plan.decoder.layout
        guard isCompressed else { return layout.time(of: file.extracting(offset..<end)) }
        let isSwapped = layout.byteOrder.isSwapped
        let start = offset + 12
        guard let packed = file.load(at: offset + 4, as: UInt32.self, isSwapped: isSwapped),
            let unpacked = file.load(at: offset + 8, as: UInt32.self, isSwapped: isSwapped),
            start <= end, Int(packed) <= end - start,
            unpacker.unpackToBuffer(
                file.extracting(start..<start + Int(packed)), byteCount: Int(unpacked), method: compression)
        else { return nil }
        var time: UInt64?
        unpacker.withUnpacked(byteCount: Int(unpacked)) { time = layout.time(of: $0) }
        return time
    }

    /// Feeds pages until about `byteCount` bytes are done or the CPU's pages end.
    mutating func feed(
        byteCount wanted: Int, file: borrowing MappedFile, plan: borrowing ReadPlan, compression: CompressionMethod,
        worker: inout Worker, shard: inout ShardAnalysis
    ) {
        let start = offset
        if isCompressed {
            var done = 0
            while done < wanted, !isFinished {
                done += feedChunk(file, plan, compression, &worker, &shard)
            }
        } else {
            let stop = min(end, offset + max(wanted / plan.pageByteCount, 1) * plan.pageByteCount)
            Self.feedPages(file.bytes.extracting(offset..<stop), plan, &worker, &shard, slot)
            offset = stop
            isFinished = offset == end
        }
        file.release(start..<offset)
    }

    private static func feedPages(
        _ pages: RawSpan, _ plan: borrowing ReadPlan, _ worker: inout Worker, _ shard: inout ShardAnalysis, _ slot: Int
    ) {
        var offset = 0
        while offset < pages.byteCount {
            let stop = min(offset + plan.pageByteCount, pages.byteCount)
            shard.feed(
                page: pages.extracting(offset..<stop), slot: slot, decoder: plan.decoder, formats: plan.formats,
                batch: &worker.batch)
            offset = stop
        }
    }

    /// Unpacks and feeds one chunk; returns its unpacked size.
    private mutating func feedChunk(
        _ file: borrowing MappedFile, _ plan: borrowing ReadPlan, _ compression: CompressionMethod,
        _ worker: inout Worker, _ shard: inout ShardAnalysis
    ) -> Int {
        let bytes = file.bytes
        let isSwapped = plan.decoder.layout.byteOrder.isSwapped
        if chunksLeft == nil {
            chunksLeft = bytes.load(at: offset, as: UInt32.self, isSwapped: isSwapped)
            offset += 4
        }
        guard let left = chunksLeft, left > 0 else {
            // No count to be read is damage, a count of zero is not.
            if chunksLeft == nil { shard.noteDamagedChunk(slot: slot) }
            isFinished = true
            return 0
        }
        guard offset + 8 <= end,
            let packed = bytes.load(at: offset, as: UInt32.self, isSwapped: isSwapped),
            let unpacked = bytes.load(at: offset + 4, as: UInt32.self, isSwapped: isSwapped),
            Int(packed) <= end - offset - 8
        else {
            // Where the next chunk begins is unknown: the rest is lost.
            shard.noteDamagedChunk(slot: slot)
            isFinished = true
            offset = end
            return 0
        }
        chunksLeft = left - 1
        let start = offset + 8
        offset = start + Int(packed)
        if left == 1 { isFinished = true }
        guard
            worker.unpacker.unpackToBuffer(
                bytes.extracting(start..<offset), byteCount: Int(unpacked), method: compression)
        else {
            shard.noteDamagedChunk(slot: slot)
            return Int(packed)
        }
        worker.feedUnpacked(Int(unpacked)) { pages, batch in
            var offset = 0
            while offset < pages.byteCount {
                let stop = min(offset + plan.pageByteCount, pages.byteCount)
                shard.feed(
                    page: pages.extracting(offset..<stop), slot: slot, decoder: plan.decoder, formats: plan.formats,
                    batch: &batch)
                offset = stop
            }
        }
        return Int(unpacked)
    }
}

/// What one thread needs of its own.
struct Worker: ~Copyable {
    var batch = EventBatch()
    var unpacker = Unpacker()
    var readers: [PageReader] = []

    /// Lends the unpacked bytes together with the batch.
    mutating func feedUnpacked(_ byteCount: Int, _ body: (RawSpan, inout EventBatch) -> Void) {
        var own = EventBatch(capacity: 1)
        swap(&own, &batch)
        unpacker.withUnpacked(byteCount: byteCount) { body($0, &own) }
        swap(&own, &batch)
    }
}

/// How the pages of a buffer are read.
struct ReadPlan: ~Copyable {
    let decoder: PageDecoder
    let formats: EventFormats
    var pageByteCount: Int { decoder.layout.subBufferByteCount }
}
