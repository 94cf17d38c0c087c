internal import Glibc
import IRQCore

/// The pages of one CPU while recording: whole chunks in a file without a name, the rest in memory.
///
/// The file is made when the first chunk is full, so that CPUs without events cost nothing.
@safe
struct CPUSpool: ~Copyable {
    let cpu: Int
    private let chunkByteCount: Int
    private var descriptor: Int32 = -1
    private var buffer: UnsafeMutableRawPointer?
    private var filled = 0
    /// Bytes in the file, as they will stand in the recording.
    private(set) var storedByteCount = 0
    /// Chunks in the file.
    private(set) var chunkCount: UInt32 = 0
    /// Bytes of pages that were spooled, before packing.
    private(set) var pageByteCount = 0

    init(cpu: Int, chunkByteCount: Int) {
        self.cpu = cpu
        self.chunkByteCount = chunkByteCount
        unsafe buffer = nil
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        unsafe buffer?.deallocate()
    }

    /// Bytes of pages that wait in memory.
    var waitingByteCount: Int { filled }

    /// Takes whole pages; whole chunks are packed and written.
    ///
    /// - Returns: 0 or an error number, and how many bytes it took; then the pages from the chunk that failed on are not
    ///   in the file.
    mutating func append(
        _ pages: RawSpan, _ packer: borrowing ChunkPacker, _ folder: SpoolFolder
    ) -> (error: Int32, takenByteCount: Int) {
        unsafe pages.withUnsafeBytes { source in
            var rest = unsafe source
            while unsafe !rest.isEmpty {
                if filled == chunkByteCount {
                    let error = flush(packer, folder)
                    if error != 0 { return (error, source.count - rest.count) }
                }
                if filled == 0, rest.count >= chunkByteCount {
                    let chunk = unsafe UnsafeRawBufferPointer(rebasing: rest[..<chunkByteCount])
                    let error = unsafe write(chunk, packer, folder)
                    if error != 0 { return (error, source.count - rest.count) }
                    unsafe rest = UnsafeRawBufferPointer(rebasing: rest[chunkByteCount...])
                    continue
                }
                let memory = unsafe buffer ?? .allocate(byteCount: chunkByteCount, alignment: 4096)
                unsafe buffer = memory
                let count = min(rest.count, chunkByteCount - filled)
                // `count` bytes from `filled` on are inside: the buffer holds a chunk.
                unsafe UnsafeMutableRawBufferPointer(start: memory + filled, count: count)
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
                filled += count
                unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return (filled == chunkByteCount ? flush(packer, folder) : 0, source.count)
        }
    }

    /// The events of the pages that wait in memory.
    borrowing func waitingEventCount(_ decoder: PageDecoder, _ pageByteCount: Int) -> UInt64 {
        guard let memory = unsafe buffer else { return 0 }
        let pages = unsafe RawSpan(_unsafeStart: memory, byteCount: filled)  // filled so far
        var count: UInt64 = 0
        for start in stride(from: 0, to: filled, by: pageByteCount) {
            count &+= UInt64(decoder.eventCount(pages.extracting(start..<start + pageByteCount)))
        }
        return count
    }

    /// Writes what waits in memory. Returns 0 or an error number; then it waits on.
    mutating func flush(_ packer: borrowing ChunkPacker, _ folder: SpoolFolder) -> Int32 {
        guard filled > 0, let memory = unsafe buffer else { return 0 }
        let error = unsafe write(UnsafeRawBufferPointer(start: memory, count: filled), packer, folder)
        if error == 0 { filled = 0 }
        return error
    }

    private mutating func write(
        _ pages: UnsafeRawBufferPointer, _ packer: borrowing ChunkPacker, _ folder: SpoolFolder
    ) -> Int32 {
        if descriptor < 0 {
            descriptor = NamelessFile.spool(in: folder)
            if descriptor < 0 { return errno }
        }
        let target = descriptor
        let place = storedByteCount
        let written = unsafe packer.withPacked(pages) { bytes -> (error: Int32, count: Int) in
            unsafe (Self.write(bytes, to: target, at: place), bytes.count)
        }
        guard let (error, count) = written else { return ENOMEM }
        // A chunk that was written in part will be written over, or not be copied.
        guard error == 0 else { return error }
        storedByteCount += count
        pageByteCount += pages.count
        chunkCount &+= 1
        return 0
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at place: Int) -> Int32 {
        var done = 0
        while done < bytes.count {
            // Inside: `done` is below the count.
            let count = unsafe pwrite(
                descriptor, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done, off_t(place + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : ENOSPC }
            done += count
        }
        return 0
    }

    /// Copies the file to `output`, and gives its space back on the way.
    borrowing func copy(to output: inout OutputFile) throws(RecordingWriteError) {
        if storedByteCount > 0 { try output.copy(from: descriptor, byteCount: storedByteCount) }
    }
}
