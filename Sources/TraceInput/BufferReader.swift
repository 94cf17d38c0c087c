internal import Glibc
import IRQCore

/// Leads the pages of one buffer through the analysis, on all cores.
struct BufferReader {
    let buffer: TraceBuffer
    let compression: CompressionMethod
    let decoder: PageDecoder
    private let workerCount: Int

    /// Bytes of one CPU that are decoded between two looks at its waiting events.
    private static let sliceByteCount = 1 << 20
    /// The same if every event waits: so little that it is still in the processor's cache when it is merged, but 16 KiB
    /// of each CPU.
    private static func sliceByteCount(isDeep: Bool, cpuCount: Int) -> Int {
        isDeep ? max((1 << 19) / max(cpuCount, 1), 1 << 14) : sliceByteCount
    }
    /// Bytes of the file that all threads together may keep mapped.
    private static let mappedByteLimit = 16 << 20
    /// Events that may wait to be merged, over all CPUs; `CrossCPULog` has room for as many.
    private static let waitingLimit = 1 << 14

    /// - Parameter workerCount: threads; nil is one for each core, eight at the most.
    init(_ buffer: TraceBuffer, compression: CompressionMethod, decoder: PageDecoder, workerCount: Int?) {
        self.buffer = buffer
        self.compression = compression
        self.decoder = decoder
        let cores = workerCount ?? min(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 8)
        self.workerCount = max(1, min(cores, buffer.sections.count))
    }

    /// The time of the earliest page, which is that of the first event, in nanoseconds; nil without pages.
    func firstTime(_ file: RawSpan, _ unpacker: inout Unpacker) -> UInt64? {
        var first: UInt64?
        for section in buffer.sections {
            let reader = PageReader(section, slot: 0, isCompressed: buffer.isCompressed, fileByteCount: file.byteCount)
            reader.peek(file, decoder.layout.byteOrder, compression, &unpacker) { bytes in
                if let time = firstTime(bytes) { first = min(first ?? .max, time) }
            }
        }
        return first.map { decoder.timeScale?.nanoseconds($0) ?? $0 }
    }

    /// The raw time of the first page that has records.
    private func firstTime(_ pages: RawSpan) -> UInt64? {
        let page = decoder.layout.subBufferByteCount
        for start in stride(from: 0, to: pages.byteCount, by: page) {
            let bytes = pages.extracting(start..<min(start + page, pages.byteCount))
            if let cursor = try? decoder.open(bytes), let time = decoder.timeOfFirstRecord(bytes, cursor) {
                return time
            }
        }
        return nil
    }

    /// Reads all pages.
    func analyze(
        _ file: borrowing MappedFile, _ formats: borrowing EventFormats, _ options: AnalysisOptions
    ) -> BufferResult {
        var analysis = BufferAnalysis(
            shardCount: workerCount, options: options, isDeep: formats.isDeep, buffer: buffer.name)
        let workers = FixedSlots<Worker>(count: workerCount) { _ in
            Worker(mappedByteLimit: Self.mappedByteLimit / workerCount)
        }
        // The largest sections first, each to the shard that has least to do.
        var load = [Int](repeating: 0, count: workerCount)
        for section in buffer.sections.sorted(by: { $0.range.count > $1.range.count }) {
            let shard = load.indices.min { load[$0] < load[$1] } ?? 0
            load[shard] += section.range.count
            let slot = analysis.withShard(shard) { $0.addCPU(section.cpu) }
            workers.with(shard) {
                $0.readers.append(
                    PageReader(
                        section, slot: slot, isCompressed: buffer.isCompressed, fileByteCount: file.byteCount))
            }
        }
        let waiting = max(Self.waitingLimit / max(buffer.sections.count, 1), 256)
        var watermark: UInt64 = 0
        Parallel.rounds(count: workerCount) {
            guard let reached = Self.watermark(workers, analysis) else { return false }
            analysis.mergeCPUs(before: reached)
            watermark = reached
            return true
        } _: { index in
            readOn(index, workers, analysis, file, formats, watermark: watermark, waitingLimit: waiting)
        }
        return analysis.finish(
            buffer: buffer.name, vectorNames: formats.vectorNames, unusedNames: formats.unusedNames)
    }

    /// The time up to which every CPU that is not finished has been read; nil when all are.
    private static func watermark(
        _ workers: borrowing FixedSlots<Worker>, _ analysis: borrowing BufferAnalysis
    ) -> UInt64? {
        var earliest: UInt64?
        for index in 0..<workers.count {
            workers.with(index) { worker in
                for reader in worker.readers where !reader.isFinished {
                    let reached = analysis.withShard(index) { $0.lastTime(slot: reader.slot) }
                    earliest = min(earliest ?? .max, reached)
                }
            }
        }
        return earliest
    }

    /// Lets a shard read on until each of its CPUs is finished or has many events that wait for the other CPUs. The one that is most behind always reads: else nothing would go on.
    private func readOn(
        _ index: Int, _ workers: borrowing FixedSlots<Worker>, _ analysis: borrowing BufferAnalysis,
        _ file: borrowing MappedFile, _ formats: borrowing EventFormats, watermark: UInt64, waitingLimit: Int
    ) {
        workers.with(index) { worker in
            analysis.withShard(index) { shard in
                for place in worker.readers.indices {
                    var reader = worker.readers[place]
                    var mayRead = shard.lastTime(slot: reader.slot) <= watermark
                    while !reader.isFinished, mayRead || shard.waitingCount(slot: reader.slot) < waitingLimit {
                        reader.feed(
                            byteCount: Self.sliceByteCount(isDeep: analysis.isDeep, cpuCount: buffer.sections.count),
                            file: file, decoder: decoder, formats: formats,
                            compression: compression, worker: &worker, shard: &shard)
                        mayRead = false
                    }
                    worker.readers[place] = reader
                }
            }
        }
    }
}
