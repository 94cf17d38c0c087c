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
    /// The place of the first byte that may still be mapped.
    private var mappedFrom: Int

    init(_ section: CPUSection, slot: Int, isCompressed: Bool, fileByteCount: Int) {
        self.section = section
        self.slot = slot
        self.isCompressed = isCompressed
        offset = section.range.lowerBound
        mappedFrom = offset
        // The size of compressed data leaves out the count before the chunks.
        end = isCompressed ? min(section.range.upperBound + 4, fileByteCount) : section.range.upperBound
    }

    /// Lends the first pages, unpacked: as many as there are in one piece. Nothing if they cannot be read.
    func peek(
        _ file: RawSpan, _ byteOrder: ByteOrder, _ compression: CompressionMethod, _ unpacker: inout Unpacker,
        _ body: (RawSpan) -> Void
    ) {
        guard isCompressed else { return body(file.extracting(offset..<end)) }
        let start = offset + 12
        guard let packed = file.load(at: offset + 4, as: UInt32.self, isSwapped: byteOrder.isSwapped),
            let unpacked = file.load(at: offset + 8, as: UInt32.self, isSwapped: byteOrder.isSwapped),
            start <= end, Int(packed) <= end - start,
            unpacker.unpackToBuffer(
                file.extracting(start..<start + Int(packed)), byteCount: Int(unpacked), method: compression)
        else { return }
        body(unpacker.unpacked(byteCount: Int(unpacked)))
    }

    /// Feeds pages until about `byteCount` bytes are done or the CPU's pages end.
    mutating func feed(
        byteCount wanted: Int, file: borrowing MappedFile, decoder: PageDecoder, formats: borrowing EventFormats,
        compression: CompressionMethod,
        worker: inout Worker, shard: inout ShardAnalysis
    ) {
        if isCompressed {
            var done = 0
            while done < wanted, !isFinished {
                done += feedChunk(file, decoder, formats, compression, &worker, &shard)
            }
        } else {
            let page = decoder.layout.subBufferByteCount
            let stop = min(end, offset + max(wanted / page, 1) * page)
            if worker.map(offset..<stop, of: file) {
                Self.feedPages(file.bytes.extracting(offset..<stop), decoder, formats, &shard, slot)
                offset = stop
            }
            let piece = max(ReadBuffer.byteCount / page, 1) * page
            while offset < stop {
                let next = min(offset + piece, stop)
                if file.read(offset..<next, into: &worker.buffer) {
                    Self.feedPages(read: next - offset, worker.buffer, decoder, formats, &shard, slot)
                } else {
                    Self.feedPages(file.bytes.extracting(offset..<next), decoder, formats, &shard, slot)
                }
                offset = next
            }
            isFinished = offset == end
        }
        // Seldom, for all threads have to learn of it.
        if offset - mappedFrom >= worker.mappedByteLimit || isFinished {
            file.release(mappedFrom..<offset)
            mappedFrom = offset
        }
    }

    private static func feedPages(
        _ pages: RawSpan, _ decoder: PageDecoder, _ formats: borrowing EventFormats,
        _ shard: inout ShardAnalysis, _ slot: Int
    ) {
        let page = decoder.layout.subBufferByteCount
        var offset = 0
        while offset < pages.byteCount {
            let stop = min(offset + page, pages.byteCount)
            shard.feed(
                page: pages.extracting(offset..<stop), slot: slot, decoder: decoder, formats: formats)
            offset = stop
        }
    }

    // A span of one part of the worker while another part changes: that takes a call in between.

    private static func feedPages(
        read byteCount: Int, _ buffer: borrowing ReadBuffer, _ decoder: PageDecoder, _ formats: borrowing EventFormats,
        _ shard: inout ShardAnalysis, _ slot: Int
    ) {
        feedPages(buffer.bytes(count: byteCount), decoder, formats, &shard, slot)
    }

    private static func feedPages(
        unpacked byteCount: Int, _ unpacker: borrowing Unpacker, _ decoder: PageDecoder,
        _ formats: borrowing EventFormats, _ shard: inout ShardAnalysis, _ slot: Int
    ) {
        feedPages(unpacker.unpacked(byteCount: byteCount), decoder, formats, &shard, slot)
    }

    /// Unpacks and feeds one chunk; returns its unpacked size.
    private mutating func feedChunk(
        _ file: borrowing MappedFile, _ decoder: PageDecoder, _ formats: borrowing EventFormats,
        _ compression: CompressionMethod, _ worker: inout Worker, _ shard: inout ShardAnalysis
    ) -> Int {
        let bytes = file.bytes
        let isSwapped = decoder.layout.byteOrder.isSwapped
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
        Self.feedPages(unpacked: Int(unpacked), worker.unpacker, decoder, formats, &shard, slot)
        return Int(unpacked)
    }
}

/// The memory and the CPUs of one thread.
struct Worker: ~Copyable {
    var unpacker = Unpacker()
    var buffer = ReadBuffer()
    var readers: [PageReader] = []
    /// The bytes of a CPU that may be mapped, more or less.
    let mappedByteLimit: Int
    /// Slices to copy from the file before the next is mapped, on trial.
    private var slicesToCopy = 0

    init(mappedByteLimit: Int) { self.mappedByteLimit = mappedByteLimit }

    /// Maps `range`, a slice; false if that was not cheap, or lately was not: then it is to be copied.
    mutating func map(_ range: Range<Int>, of file: borrowing MappedFile) -> Bool {
        guard slicesToCopy == 0 else {
            slicesToCopy -= 1
            return false
        }
        let isCheap = file.mapCheaply(range)
        if !isCheap { slicesToCopy = 63 }
        return isCheap
    }
}
