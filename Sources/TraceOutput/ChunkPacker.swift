internal import CZstd

/// Packs a chunk of pages, or one section, into one buffer that is used again and again.
///
/// trace-cmd.dat.v7(5): packed size u32 | unpacked size u32 | bytes, for chunks and for sections alike.
@safe
struct ChunkPacker: ~Copyable {
    /// Chosen by measurement: 29.5 MB of irq and irq_vectors events of a 2-core x86_64 machine in chunks of 64 KiB,
    /// zstd 1.5.4. Larger chunks gain a hundredth; trace-cmd's form is level 3 in chunks of 40 KiB: 14.1 %, 640 MB/s.
    ///
    /// | level | packed to | MB/s of CPU |
    /// |---|---|---|
    /// | -5 | 28.2 % | 1000 |
    /// | -1 | 14.9 % | 830 |
    /// | 1 | 13.5 % | 750 |
    /// | 2 | 13.5 % | 770 |
    /// | 3 | 13.9 % | 660 |
    /// | 5 | 13.6 % | 240 |
    static let level: Int32 = 1
    private static let headByteCount = 8

    let compression: RecordingCompression
    private let context: OpaquePointer?
    private let target: UnsafeMutableRawPointer
    private let capacity: Int

    /// - Parameter byteLimit: the largest chunk.
    init(_ compression: RecordingCompression, byteLimit: Int) {
        self.compression = compression
        let isPacking = compression == .zstd
        unsafe context = isPacking ? ZSTD_createCCtx() : nil
        if let context = unsafe context {
            unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Self.level)
            // Four bytes a chunk, without which some damage unpacks.
            unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        }
        capacity = isPacking ? Self.headByteCount + ZSTD_compressBound(byteLimit) : 0
        unsafe target = .allocate(byteCount: max(capacity, 1), alignment: 16)
    }

    deinit {
        unsafe ZSTD_freeCCtx(context)
        unsafe target.deallocate()
    }

    /// Lends the packed form of `pages`, or `pages` if nothing is packed; nil if memory is out.
    borrowing func withPacked<Result>(
        _ pages: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result? {
        guard compression == .zstd else { return unsafe body(pages) }
        let count = unsafe pack(pages, into: UnsafeMutableRawBufferPointer(start: target, count: capacity))
        guard count > 0 else { return nil }
        return unsafe body(UnsafeRawBufferPointer(start: target, count: count))
    }

    /// The packed form of a section's data as an array of its own; nil if memory is out.
    borrowing func packed(_ data: [UInt8]) -> [UInt8]? {
        let capacity = Self.headByteCount + ZSTD_compressBound(data.count)
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { room, count in
            // `pack` says how many bytes it wrote.
            unsafe data.withUnsafeBytes { source in
                count = unsafe pack(source, into: UnsafeMutableRawBufferPointer(room))
            }
        }
        return bytes.isEmpty ? nil : bytes
    }

    /// Writes both sizes and the packed bytes to `room`; returns how many bytes that are, 0 if it failed.
    private borrowing func pack(_ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Int {
        // The sizes are those of the buffers, and there is room for more than the two numbers.
        let count = unsafe ZSTD_compress2(
            context, room.baseAddress.map { unsafe $0 + Self.headByteCount }, room.count - Self.headByteCount,
            source.baseAddress, source.count)
        guard ZSTD_isError(count) == 0 else { return 0 }
        unsafe room.storeBytes(of: UInt32(count), as: UInt32.self)
        unsafe room.storeBytes(of: UInt32(source.count), toByteOffset: 4, as: UInt32.self)
        return Self.headByteCount + count
    }
}
