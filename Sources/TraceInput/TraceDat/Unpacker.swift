internal import CZlib
internal import CZstd
import IRQCore

/// Unpacks the parts of a trace.dat of version 7, zstd or zlib, into one buffer that is used again and again.
@safe
struct Unpacker: ~Copyable {
    /// The most that an unpacked part may take; more is a lie or an attack. trace-cmd's chunks have
    /// ten pages, its largest section (kallsyms) some ten megabytes.
    static let byteLimit = 256 << 20

    private let zstd: OpaquePointer?
    private var buffer: UnsafeMutableRawBufferPointer

    init() {
        unsafe zstd = ZSTD_createDCtx()
        unsafe buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    deinit {
        unsafe ZSTD_freeDCtx(zstd)
        unsafe buffer.deallocate()
    }

    /// Unpacks `packed` into the buffer; false unless it gives exactly `byteCount` bytes.
    mutating func unpackToBuffer(_ packed: RawSpan, byteCount: Int, method: CompressionMethod) -> Bool {
        guard byteCount >= 0, byteCount <= Self.byteLimit, fits(packed, byteCount, method) else { return false }
        if unsafe buffer.count < byteCount {
            unsafe buffer.deallocate()
            unsafe buffer = .allocate(byteCount: byteCount, alignment: 16)
        }
        return unsafe unpack(packed, to: UnsafeMutableRawBufferPointer(rebasing: buffer[..<byteCount]), method)
    }

    /// True if `packed` gives exactly as many bytes as `target` has room for.
    private func unpack(
        _ packed: RawSpan, to target: UnsafeMutableRawBufferPointer, _ method: CompressionMethod
    ) -> Bool {
        unsafe packed.withUnsafeBytes { source in
            switch method {
            case .none:
                return false
            case .zstd:
                // Both sizes are those of the buffers; zstd checks its input itself.
                let result = unsafe ZSTD_decompressDCtx(
                    zstd, target.baseAddress, target.count, source.baseAddress, source.count)
                return ZSTD_isError(result) == 0 && result == target.count
            case .zlib:
                var length = uLongf(target.count)
                // As above.
                let status = unsafe uncompress(
                    target.baseAddress?.assumingMemoryBound(to: UInt8.self), &length,
                    source.baseAddress?.assumingMemoryBound(to: UInt8.self), uLong(source.count))
                return status == Z_OK && length == target.count
            }
        }
    }

    /// True if so few packed bytes can give that many at all: memory is taken only then.
    private func fits(_ packed: RawSpan, _ byteCount: Int, _ method: CompressionMethod) -> Bool {
        if method == .zstd {
            return unsafe packed.withUnsafeBytes { source in
                let told = unsafe ZSTD_getFrameContentSize(source.baseAddress, source.count)
                return told == UInt64(byteCount) || told == UInt64.max  // ZSTD_CONTENTSIZE_UNKNOWN
            }
        }
        return byteCount / 1032 <= packed.byteCount  // deflate's best ratio
    }

    /// The bytes that `unpackToBuffer` made, until it is called again.
    @_lifetime(borrow self)
    borrowing func unpacked(byteCount: Int) -> RawSpan {
        precondition(byteCount >= 0 && byteCount <= (unsafe buffer.count))
        let bytes = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: buffer[..<byteCount]))
        return unsafe _overrideLifetime(bytes, borrowing: self)
    }

    /// Unpacks bytes whose unpacked length is not told, of at most `byteLimit`; nil if they are damaged or longer.
    func unpack(_ packed: RawSpan, upTo byteLimit: Int, method: CompressionMethod) -> [UInt8]? {
        var room = max(64 << 10, packed.byteCount &* 4)
        while true {
            room = min(room, byteLimit)
            let isTooSmall: Bool
            var made = 0
            let bytes = unsafe [UInt8](unsafeUninitializedCapacity: room) { target, count in
                // No more than `room` bytes are written, and `made` of them are kept.
                made = unsafe unpackSome(packed, to: UnsafeMutableRawBufferPointer(target), method)
                count = max(made, 0)
            }
            isTooSmall = made == Self.needsRoom
            if made >= 0 { return bytes }
            guard isTooSmall, room < byteLimit else { return nil }
            room *= 4
        }
    }

    private static let needsRoom = -1
    private static let isDamaged = -2

    /// The number of bytes made, `needsRoom` or `isDamaged`.
    private func unpackSome(
        _ packed: RawSpan, to target: UnsafeMutableRawBufferPointer, _ method: CompressionMethod
    ) -> Int {
        unsafe packed.withUnsafeBytes { source in
            switch method {
            case .none: return Self.isDamaged
            case .zstd:
                let result = unsafe ZSTD_decompressDCtx(
                    zstd, target.baseAddress, target.count, source.baseAddress, source.count)
                if ZSTD_isError(result) == 0 { return result }
                return ZSTD_getErrorCode(result) == ZSTD_error_dstSize_tooSmall ? Self.needsRoom : Self.isDamaged
            case .zlib:
                var length = uLongf(target.count)
                let status = unsafe uncompress(
                    target.baseAddress?.assumingMemoryBound(to: UInt8.self), &length,
                    source.baseAddress?.assumingMemoryBound(to: UInt8.self), uLong(source.count))
                if status == Z_OK { return Int(length) }
                return status == Z_BUF_ERROR && length == target.count ? Self.needsRoom : Self.isDamaged
            }
        }
    }

    /// The unpacked bytes as an array of their own, for metadata.
    func unpack(_ packed: RawSpan, byteCount: Int, method: CompressionMethod) -> [UInt8]? {
        guard byteCount >= 0, byteCount <= Self.byteLimit, fits(packed, byteCount, method) else { return nil }
        var isWhole = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { target, count in
            // All of the target is written, or nothing is kept.
            isWhole = unsafe unpack(
                packed,
                to: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[..<byteCount]), method
            )
            count = isWhole ? byteCount : 0
        }
        return isWhole ? bytes : nil
    }
}
