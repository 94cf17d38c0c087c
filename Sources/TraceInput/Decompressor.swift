internal import CLzma
internal import CZlib
internal import CZstd
internal import Glibc
import IRQCore

/// The programs that a whole file may have been packed with.
enum Packing: String, Sendable, CaseIterable {
    case gzip, zstd, xz
    /// `atrace -z`: a stream of zlib behind a line of text.
    case zlib

    /// The first bytes of such a file.
    var magic: [UInt8] {
        switch self {
        case .gzip: [0x1F, 0x8B]
        case .zstd: [0x28, 0xB5, 0x2F, 0xFD]
        case .xz: [0xFD] + Array("7zXZ".utf8) + [0]
        case .zlib: Array("TRACE:\n".utf8) + [0x78]
        }
    }

    /// The first bytes that are no part of the packed data.
    var leadByteCount: Int { self == .zlib ? magic.count - 1 : 0 }

    /// The packing of a file that begins with `start`; nil if it is none of these.
    static func of(_ start: RawSpan) -> Packing? { allCases.first { start.begins(with: $0.magic) } }
}

/// The reason why a packed file cannot be unpacked to its end.
enum UnpackProblem: Error {
    /// The file ends before its data do.
    case cutShort
    /// The data make no sense; the library's word for it.
    case damaged(String)
    /// Unpacking would take more memory than is given to it.
    case tooLarge
    /// Memory is out.
    case noMemory
}

/// Unpacks a file piece by piece: it may have any size, and consist of several packed parts one after another.
///
/// Memory is that of the library's window, of which no more than `memoryLimit` is given to it.
@safe
struct Decompressor: ~Copyable {
    let packing: Packing
    /// The library's state. It stays where it is: zlib and liblzma keep pointers into it.
    private let state: State
    /// True if a packed part has been unpacked to its end and no other has begun.
    private var isBetweenParts = false
    /// True if all has been unpacked and nothing but padding may follow.
    private var isOver = false

    @unsafe private enum State {
        case gzip(UnsafeMutablePointer<z_stream>)
        case zstd(OpaquePointer)
        case xz(UnsafeMutablePointer<lzma_stream>)
    }

    /// Recordings packed by the programs' own levels need less: zstd -19 has 8 MiB, xz -9 64 MiB.
    private static let memoryLimit: UInt64 = 128 << 20
    private static let zstdWindowLog: Int32 = 27
    /// LZMA_CONCATENATED (lzma/container.h): a macro that is not imported.
    private static let concatenated: UInt32 = 0x08

    init(_ packing: Packing) throws(UnpackProblem) {
        self.packing = packing
        switch packing {
        case .gzip, .zlib:
            let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
            unsafe stream.initialize(to: z_stream())
            // 15 is the largest window, and 16 asks for gzip's head and checksum instead of zlib's.
            let bits: Int32 = packing == .gzip ? 15 + 16 : 15
            let status = unsafe inflateInit2_(stream, bits, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
            guard status == Z_OK else {
                unsafe stream.deallocate()
                throw .noMemory
            }
            unsafe state = .gzip(stream)
        case .zstd:
            guard let stream = unsafe ZSTD_createDStream() else { throw .noMemory }
            _ = unsafe ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, Self.zstdWindowLog)
            unsafe state = .zstd(stream)
        case .xz:
            let stream = UnsafeMutablePointer<lzma_stream>.allocate(capacity: 1)
            unsafe stream.initialize(to: lzma_stream())
            guard unsafe lzma_stream_decoder(stream, Self.memoryLimit, Self.concatenated) == LZMA_OK else {
                unsafe stream.deallocate()
                throw .noMemory
            }
            unsafe state = .xz(stream)
        }
    }

    deinit {
        switch unsafe state {
        case .gzip(let stream):
            unsafe inflateEnd(stream)
            unsafe stream.deallocate()
        case .zstd(let stream): unsafe ZSTD_freeDStream(stream)
        case .xz(let stream):
            unsafe lzma_end(stream)
            unsafe stream.deallocate()
        }
    }

    /// Unpacks as much of `input` as there is room for in `output`.
    ///
    /// - Parameter isLast: whether the file ends with `input`.
    /// - Returns: the bytes that were used of the one and made in the other; no bytes at all once all is unpacked.
    mutating func unpack(
        _ input: UnsafeRawBufferPointer, to output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) throws(UnpackProblem) -> (used: Int, made: Int) {
        let (used, made) =
            switch unsafe state {
            case .gzip(let stream): try unsafe inflate(stream, input, output)
            case .zstd(let stream): try unsafe decompress(stream, input, output)
            case .xz(let stream): try unsafe code(stream, input, output, isLast)
            }
        if isLast, used == 0, made == 0, !isBetweenParts, !isOver { throw .cutShort }
        return (used, made)
    }

    private mutating func inflate(
        _ stream: UnsafeMutablePointer<z_stream>, _ input: UnsafeRawBufferPointer,
        _ output: UnsafeMutableRawBufferPointer
    ) throws(UnpackProblem) -> (used: Int, made: Int) {
        if isBetweenParts || isOver {
            // Tapes pad with zeros, which gzip(1) passes over too.
            if packing == .zlib {
                // What atrace says behind it.
                isOver = true
                return (input.count, 0)
            }
            let padding = unsafe input.prefix { $0 == 0 }.count
            if padding > 0 || input.count == 0 {
                isOver = isOver || padding > 0
                return (padding, 0)
            }
            guard !isOver, unsafe input[0] == packing.magic[0] else {
                throw .damaged("other bytes follow the packed ones")
            }
            unsafe inflateReset(stream)
            isBetweenParts = false
        }
        // zlib reads and writes no more than it is told here, and only in this call.
        unsafe stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        unsafe stream.pointee.avail_in = UInt32(input.count)
        unsafe stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe stream.pointee.avail_out = UInt32(output.count)
        let status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
        switch status {
        case Z_STREAM_END: isBetweenParts = true
        case Z_OK, Z_BUF_ERROR: break
        case Z_MEM_ERROR: throw .noMemory
        default: throw .damaged(unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "status \(status)")
        }
        return unsafe (input.count - Int(stream.pointee.avail_in), output.count - Int(stream.pointee.avail_out))
    }

    private mutating func decompress(
        _ stream: OpaquePointer, _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) throws(UnpackProblem) -> (used: Int, made: Int) {
        if input.count == 0, isBetweenParts { return (0, 0) }
        var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        // Both sizes are those of the buffers.
        let status = unsafe ZSTD_decompressStream(stream, &target, &source)
        if ZSTD_isError(status) != 0 {
            switch ZSTD_getErrorCode(status) {
            case ZSTD_error_frameParameter_windowTooLarge: throw .tooLarge
            case ZSTD_error_memory_allocation: throw .noMemory
            case ZSTD_error_prefix_unknown where isBetweenParts:
                throw .damaged("other bytes follow the packed ones")
            default: throw .damaged(unsafe String(cString: ZSTD_getErrorName(status)))
            }
        }
        isBetweenParts = status == 0
        return unsafe (source.pos, target.pos)
    }

    private mutating func code(
        _ stream: UnsafeMutablePointer<lzma_stream>, _ input: UnsafeRawBufferPointer,
        _ output: UnsafeMutableRawBufferPointer, _ isLast: Bool
    ) throws(UnpackProblem) -> (used: Int, made: Int) {
        if isOver { return (0, 0) }
        // liblzma reads and writes no more than it is told here, and only in this call.
        unsafe stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe stream.pointee.avail_in = input.count
        unsafe stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe stream.pointee.avail_out = output.count
        switch unsafe lzma_code(stream, isLast ? LZMA_FINISH : LZMA_RUN) {
        case LZMA_STREAM_END: isOver = true
        case LZMA_OK: break
        case LZMA_BUF_ERROR: break
        case LZMA_MEM_ERROR: throw .noMemory
        case LZMA_MEMLIMIT_ERROR: throw .tooLarge
        case LZMA_FORMAT_ERROR: throw .damaged("other bytes follow the packed ones")
        case LZMA_OPTIONS_ERROR: throw .damaged("a method that this liblzma does not know")
        default: throw .damaged("its checksums or codes are wrong")
        }
        return unsafe (input.count - stream.pointee.avail_in, output.count - stream.pointee.avail_out)
    }
}
