internal import CZstd
internal import Glibc
public import IRQCore

/// Writes a trace.dat that trace-cmd, KernelShark and irqscope read.
///
/// A trace.dat wants the pages of each CPU in one piece, and its tables know where: so while recording, every CPU's
/// pages go to a file without a name in the output's directory (in $TMPDIR or /var/tmp if the output is a pipe), packed
/// already; `finish` puts them together. Memory is one chunk a CPU and does not grow. Whatever ends the process, nothing
/// is left behind: a file appears under its name when it is whole.
///
///     var writer = try RecordingWriter(.file("trace.dat"), pageByteCount: 4096, cpus: [0, 1])
///     try writer.append(pages: span, cpu: 0)     // as often as there are pages
///     let size = try writer.finish(machine: machine)
///
/// The caller ignores SIGPIPE. Not for use by several threads at once.
///
/// Packing costs CPU while recording; see `ChunkPacker.level` for what was measured.
public struct RecordingWriter: ~Copyable {
    /// Bytes of pages in a chunk; trace-cmd has ten pages, and pages larger than this are a chunk each.
    static let chunkByteCount = 64 << 10

    /// The size of a sub-buffer.
    public let pageByteCount: Int
    private let version: RecordingVersion
    private var output: OutputFile
    private let folder: SpoolFolder
    private var reserve: SpoolReserve
    private let packer: ChunkPacker
    private let spools: FixedSlots<CPUSpool>
    /// The slot of each CPU, or -1.
    private let slots: [Int32]
    /// Why no more pages are taken.
    private var failure: RecordingWriteError?
    private var arePagesEnded = false
    private var isFinished = false
    /// Counts the events of pages that are not kept; nil if nobody wants to know.
    private let decoder: PageDecoder?
    /// By slot.
    private var droppedEventCounts: [UInt64]
    /// So much the pages may take, if files are limited (`ulimit -f`).
    private let storedByteLimit: Int?
    private var givenPageByteCount = 0

    /// Makes sure that the output can be written and holds some space for its end.
    public init(
        _ output: RecordingOutput, version: RecordingVersion = .v7, compression: RecordingCompression = .zstd,
        pageByteCount: Int, cpus: [Int], layout: PageLayout? = nil
    ) throws(RecordingWriteError) {
        let file = try OutputFile(output, replacing: .recording())
        try self.init(
            file, version: version, compression: compression, pageByteCount: pageByteCount, cpus: cpus, layout: layout)
    }

    /// Holds some space for the end of the recording.
    ///
    /// - Parameters:
    ///   - file: where it goes.
    ///   - compression: for version 7; version 6 is never packed.
    ///   - pageByteCount: the size of a sub-buffer, as header_page tells.
    ///   - cpus: all CPUs that may have pages; those that never have any cost nothing.
    ///   - layout: the form of the pages, for counting `droppedEvents`; nil if nobody wants to know.
    public init(
        _ file: consuming OutputFile, version: RecordingVersion = .v7, compression: RecordingCompression = .zstd,
        pageByteCount: Int, cpus: [Int], layout: PageLayout? = nil
    ) throws(RecordingWriteError) {
        guard pageByteCount >= 64, pageByteCount <= 1 << 30, pageByteCount & (pageByteCount - 1) == 0 else {
            throw RecordingWriteError(
                path: file.name, problem: "sub-buffers of \(pageByteCount) bytes cannot be recorded",
                advice: "set buffer_subbuf_size_kb to a power of two")
        }
        let cpus = Set(cpus).sorted()
        guard cpus.allSatisfy({ (0...ProcTextLimits.highestCPU).contains($0) }) else {
            throw RecordingWriteError(
                path: file.name, problem: "a CPU number is above \(ProcTextLimits.highestCPU)",
                advice: "leave that CPU out")
        }
        let folder: SpoolFolder
        if let own = file.folder {
            folder = SpoolFolder(beside: file.folderPath, in: own)
        } else {
            folder = try SpoolFolder(forPipe: file.name)
        }
        let chunk = max(Self.chunkByteCount / pageByteCount, 1) * pageByteCount
        var slots = [Int32](repeating: -1, count: (cpus.last ?? -1) + 1)
        for (slot, cpu) in cpus.enumerated() { slots[cpu] = Int32(slot) }
        reserve = try SpoolReserve(folder)
        storedByteLimit = file.isStream ? nil : SpoolReserve.fileByteLimit.map { $0 - Int(SpoolReserve.byteCount) }
        decoder = layout.map { PageDecoder(layout: $0) }
        droppedEventCounts = .init(repeating: 0, count: cpus.count)
        self.output = file
        self.folder = folder
        self.version = version
        self.pageByteCount = pageByteCount
        self.slots = slots
        packer = ChunkPacker(version == .v6 ? .none : compression, byteLimit: chunk)
        spools = FixedSlots(count: cpus.count) { CPUSpool(cpu: cpus[$0], chunkByteCount: chunk) }
    }

    /// True if the output is a pipe that nobody reads any more: what is written only at the end would be for nobody.
    public var isReaderGone: Bool { output.isReaderGone }

    /// Bytes that the pages take on disk so far, packed or not.
    public var storedByteCount: Int {
        var sum = 0
        for slot in 0..<spools.count { sum += spools.with(slot) { $0.storedByteCount } }
        return sum
    }

    // MARK: - Recording

    /// Takes pages of one CPU, in the order of the ring buffer.
    ///
    /// - Parameters:
    ///   - pages: whole sub-buffers, as `trace_pipe_raw` gives them.
    ///   - cpu: one of those that the writer was made with.
    /// - Throws: if they cannot be kept. Nothing more is taken then; `finish` still makes a valid recording of what
    ///   there is, if only the disk was full.
    public mutating func append(pages: RawSpan, cpu: Int) throws(RecordingWriteError) {
        let slot = slots.indices.contains(cpu) ? Int(slots[cpu]) : -1
        guard slot >= 0, !arePagesEnded, pages.byteCount % pageByteCount == 0 else {
            throw misuse(pages.byteCount, cpu)
        }
        givenPageByteCount += pages.byteCount
        if let failure {
            drop(pages, slot)
            throw failure
        }
        let (error, takenByteCount) = spools.with(slot) { $0.append(pages, packer, folder) }
        if error != 0 {
            drop(pages.extracting(takenByteCount..<pages.byteCount), slot)
            throw fail(error)
        }
        if let storedByteLimit, storedByteCount > storedByteLimit { throw fail(EFBIG) }
    }

    /// Counts the events of pages that are not kept.
    private mutating func drop(_ pages: RawSpan, _ slot: Int) {
        guard let decoder else { return }
        for start in stride(from: 0, to: pages.byteCount, by: pageByteCount) {
            let count = decoder.eventCount(pages.extracting(start..<start + pageByteCount))
            droppedEventCounts[slot] &+= UInt64(count)
        }
    }

    /// Events that were given and are not in the recording, by CPU: for want of space, after `append` or `endPages` has
    /// failed. Empty if the writer does not know the pages' layout.
    public var droppedEvents: [(cpu: Int, count: UInt64)] {
        var dropped: [(cpu: Int, count: UInt64)] = []
        for slot in 0..<spools.count where droppedEventCounts[slot] > 0 {
            dropped.append((spools.with(slot) { $0.cpu }, droppedEventCounts[slot]))
        }
        return dropped
    }

    private func misuse(_ byteCount: Int, _ cpu: Int) -> RecordingWriteError {
        let problem =
            arePagesEnded
            ? "pages came after the end"
            : byteCount % pageByteCount != 0
                ? "\(byteCount) bytes are no whole sub-buffers of \(pageByteCount)" : "CPU \(cpu) is not recorded"
        return RecordingWriteError(
            path: output.name, problem: problem, advice: "this is an error in irqscope: report it")
    }

    private mutating func fail(_ error: Int32) -> RecordingWriteError {
        let place = output.isStream ? "\(output.name) (spooled in \(folder.path))" : output.name
        let failure = RecordingWriteError(
            error, path: place, "no more events can be kept after \(storedByteCount) bytes",
            isSpool: folder.isTemporary)
        self.failure = failure
        return failure
    }

    // MARK: - The end

    /// Takes no more pages, and stores those that wait in memory, for which there may be no space: from then on it is
    /// known what the recording holds. `finish` does this too, and then fails.
    public mutating func endPages() throws(RecordingWriteError) {
        if arePagesEnded { return }
        arePagesEnded = true
        reserve.release()
        var first: Int32 = 0
        for slot in 0..<spools.count {
            let error = spools.with(slot) { $0.flush(packer, folder) }
            if error == 0 { continue }
            if let decoder {
                droppedEventCounts[slot] &+= spools.with(slot) { $0.waitingEventCount(decoder, pageByteCount) }
            }
            if first == 0 { first = error }
        }
        if first != 0, failure == nil { throw fail(first) }
    }

    /// Puts the recording together.
    ///
    /// - Parameter attachment: bytes of our own that other readers do not see; empty for none.
    /// - Returns: what was written; pages may be missing if `append` failed before.
    /// - Throws: if it cannot be written. Then there is no file, and what had its name before is as it was.
    public mutating func finish(
        machine: RecordingMachine, attachment: [UInt8] = []
    ) throws(RecordingWriteError) -> RecordingSize {
        guard !isFinished else { throw misuse(0, 0) }
        isFinished = true
        try endPages()
        var sections: [RecordingLayout.Section] = []
        var pages = 0
        for slot in 0..<spools.count {
            let section = spools.with(slot) {
                pages += $0.pageByteCount
                return RecordingLayout.Section(
                    cpu: $0.cpu, slot: slot, byteCount: $0.storedByteCount, chunkCount: $0.chunkCount)
            }
            if section.byteCount > 0 { sections.append(section) }
        }
        var size = RecordingSize()
        size.storedPageByteCount = sections.reduce(0) { $0 + $1.byteCount }
        size.pageCount = pages / pageByteCount
        size.droppedPageCount = (givenPageByteCount - pages) / pageByteCount
        let layout = try layout(machine, sections, tail: tail(attachment))
        try output.write(layout.head)
        for (gap, section) in layout.sections {
            if !gap.isEmpty { try output.write(gap) }
            try copy(slot: section.slot)
        }
        try output.write(layout.tail)
        size.isExposed = try output.commit(isPrivate: machine.hasKernelAddresses)
        size.byteCount = output.byteCount
        return size
    }

    private mutating func copy(slot: Int) throws(RecordingWriteError) {
        var problem: RecordingWriteError?
        spools.with(slot) { spool in
            do throws(RecordingWriteError) { try spool.copy(to: &output) } catch { problem = error }
        }
        if let problem { throw problem }
    }

    private func layout(
        _ machine: RecordingMachine, _ sections: [RecordingLayout.Section], tail: [UInt8]
    ) throws(RecordingWriteError) -> RecordingLayout {
        if version == .v6 {
            return .version6(machine, sections, pageByteCount: pageByteCount, tail: tail)
        }
        let zstd = unsafe String(cString: ZSTD_versionString())
        guard
            let layout = RecordingLayout.version7(
                machine, sections, pageByteCount: pageByteCount, packer: packer,
                compressionVersion: packer.compression == .zstd ? zstd : "", tail: tail)
        else { throw outOfMemory }
        return layout
    }

    private var outOfMemory: RecordingWriteError {
        RecordingWriteError(ENOMEM, path: output.name, "cannot be put together")
    }

    /// The attachment and its trailer.
    private func tail(_ attachment: [UInt8]) throws(RecordingWriteError) -> [UInt8] {
        guard !attachment.isEmpty else { return [] }
        guard attachment.count <= AttachmentTrailer.byteLimit else {
            throw RecordingWriteError(
                path: output.name, problem: "\(attachment.count) bytes cannot be attached",
                advice: "this is an error in irqscope: report it")
        }
        var tail = SectionBytes()
        if packer.compression == .zstd {
            guard let packed = packer.packed(attachment) else { throw outOfMemory }
            // Without the two sizes, which the trailer has.
            tail.put(packed.count - 8 < attachment.count ? Array(packed[8...]) : attachment)
        } else {
            tail.put(attachment)
        }
        let stored = tail.bytes
        let checksum = unsafe AttachmentTrailer.checksum(stored.span.bytes)  // plain bytes have no padding
        let storedByteCount = tail.count
        tail.put(checksum)
        tail.put(UInt64(attachment.count))
        tail.put(UInt64(storedByteCount))
        tail.put(AttachmentTrailer.magic)
        return tail.bytes
    }
}
