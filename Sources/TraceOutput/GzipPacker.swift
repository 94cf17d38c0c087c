internal import CZlib

/// Packs bytes with gzip (RFC 1952), piece by piece. The same bytes give the same result: no time is in it.
@safe
final class GzipPacker {
    /// The header: without a time, and without a comment, which not all programs can read.
    private static let head: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]

    /// Fast: an export is mostly looked at once.
    private static let level: Int32 = 3
    /// The place where the library finds it again: it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var check = crc32(0, nil, 0)
    private var byteCount: UInt32 = 0
    private var isBegun = false
    private var room = [UInt8](repeating: 0, count: 64 << 10)

    init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // Without a header of zlib's own. It fails without memory only, and then nothing is packed: `isUsable` says so.
        isUsable =
            unsafe deflateInit2_(
                stream, Self.level, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, zlibVersion(),
                Int32(MemoryLayout<z_stream>.size)) == Z_OK
    }

    /// False if there was no memory.
    let isUsable: Bool

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Packs bytes; what it returns may lag behind.
    func pack(_ bytes: [UInt8]) -> [UInt8] {
        unsafe bytes.withUnsafeBufferPointer { unsafe check = crc32(check, $0.baseAddress, uInt($0.count)) }
        byteCount &+= UInt32(truncatingIfNeeded: bytes.count)
        return deflate(bytes, flush: Z_NO_FLUSH)
    }

    /// The rest, with the sums at the end.
    func finish() -> [UInt8] {
        var result = deflate([], flush: Z_FINISH)
        for number in [UInt32(truncatingIfNeeded: check), byteCount] {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                result.append(UInt8(truncatingIfNeeded: number >> shift))
            }
        }
        return result
    }

    /// The first bytes of what was packed so, from its first bytes; nil if these are no such file.
    static func unpackedBeginning(of begin: [UInt8]) -> [UInt8]? {
        guard begin.starts(with: head) else { return nil }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        defer { unsafe stream.deallocate() }
        guard unsafe inflateInit2_(stream, -15, zlibVersion(), Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { unsafe inflateEnd(stream) }
        var input = Array(begin.dropFirst(head.count))
        var room = [UInt8](repeating: 0, count: 512)
        // The library reads only what there is, and writes at most as many bytes as there is room for.
        let made = unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe room.withUnsafeMutableBufferPointer { target in
                unsafe stream.pointee.next_in = source.baseAddress
                unsafe stream.pointee.avail_in = uInt(source.count)
                unsafe stream.pointee.next_out = target.baseAddress
                unsafe stream.pointee.avail_out = uInt(target.count)
                _ = unsafe CZlib.inflate(stream, Z_SYNC_FLUSH)
                return unsafe target.count - Int(stream.pointee.avail_out)
            }
        }
        return Array(room[..<made])
    }

    private func deflate(_ bytes: [UInt8], flush: Int32) -> [UInt8] {
        var result = isBegun ? [] : Self.head
        isBegun = true
        guard isUsable else { return result }
        var input = bytes
        // The library reads only what there is, and writes at most as many bytes as there is room for.
        unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe stream.pointee.next_in = source.baseAddress
            unsafe stream.pointee.avail_in = uInt(source.count)
            var made = 0
            repeat {
                made = unsafe room.withUnsafeMutableBufferPointer { target in
                    unsafe stream.pointee.next_out = target.baseAddress
                    unsafe stream.pointee.avail_out = uInt(target.count)
                    _ = unsafe CZlib.deflate(stream, flush)
                    return unsafe target.count - Int(stream.pointee.avail_out)
                }
                result += room[..<made]
            } while made == room.count
        }
        return result
    }
}
