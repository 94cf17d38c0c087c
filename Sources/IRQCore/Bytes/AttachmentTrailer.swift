/// The form of our own bytes at the very end of a trace.dat, behind all that its header leads to:
///
///     stored bytes | checksum u64 | unpacked size u64 | stored size u64 | "irqscope-attach1"
///
/// No other reader looks there. (An option or a section of our own would be no secret place: trace-cmd warns of
/// options that it does not know, and walks over all sections of version 7.) Numbers are in the recording's byte
/// order. If the sizes differ, the bytes are packed as the recording is. The checksum is FNV-1a of the stored bytes:
/// it tells damage, not malice.
public struct AttachmentTrailer: Equatable, Sendable {
    /// The file's last 16 bytes.
    public static let magic = Array("irqscope-attach1".utf8)
    /// The size of all that follows the stored bytes.
    public static let byteCount = 40
    /// More bytes than this are no attachment, packed or not.
    public static let byteLimit = 64 << 20

    /// The checksum of the stored bytes.
    public var checksum: UInt64
    /// The number of bytes of the attachment.
    public var unpackedByteCount: UInt64
    /// The number of bytes it takes in the file.
    public var storedByteCount: UInt64

    /// Creates a trailer; see the properties.
    public init(checksum: UInt64, unpackedByteCount: UInt64, storedByteCount: UInt64) {
        self.checksum = checksum
        self.unpackedByteCount = unpackedByteCount
        self.storedByteCount = storedByteCount
    }

    /// Reads the end of `file`; nil if no trailer stands there. Its numbers are those of the file: unchecked.
    public init?(endOf file: RawSpan, byteOrder: ByteOrder) {
        let start = file.byteCount - Self.byteCount
        for (index, byte) in Self.magic.enumerated() where file.byte(at: start + 24 + index) != byte { return nil }
        guard let checksum = file.load(at: start, as: UInt64.self, isSwapped: byteOrder.isSwapped),
            let unpacked = file.load(at: start + 8, as: UInt64.self, isSwapped: byteOrder.isSwapped),
            let stored = file.load(at: start + 16, as: UInt64.self, isSwapped: byteOrder.isSwapped)
        else { return nil }
        self.init(checksum: checksum, unpackedByteCount: unpacked, storedByteCount: stored)
    }

    /// The checksum of `bytes`: 64-bit FNV-1a.
    public static func checksum(_ bytes: RawSpan) -> UInt64 {
        var hash = StableHash()
        for offset in 0..<bytes.byteCount { hash.add(UInt64(bytes.byte(at: offset) ?? 0)) }
        return hash.value
    }
}
