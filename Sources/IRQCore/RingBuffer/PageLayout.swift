/// The layout of one sub-buffer ("page") of the kernel's ring buffer.
///
///     0          8            8 + commit size                    sub-buffer size
///     +----------+------------+----------------------------------+
///     | time     | commit     | records …                        |
///     | 64 bits  | long       |                                  |
///     +----------+------------+----------------------------------+
///
/// The low 27 bits of `commit` say how many bytes of records are valid; bit 31 says that events were
/// lost before this page, bit 30 that their number is stored behind the last record.
/// Source: events/header_page of tracefs, struct buffer_data_page and RB_MISSED_* in the kernel's
/// kernel/trace/ring_buffer.c, and kbuffer-parse.c of libtraceevent.
public struct PageLayout: Sendable, Equatable {
    /// The size of a sub-buffer, header included: 4096 on x86, 65536 on ppc64el.
    public let subBufferByteCount: Int
    /// 4 or 8: the size of the kernel's `long`, in which the commit word is written.
    public let commitByteCount: Int
    /// The byte order of the recorded machine.
    public let byteOrder: ByteOrder

    /// The commit word's offset: the 64-bit time comes first.
    public static let commitOffset = 8
    /// Sub-buffers outside this range are refused; the kernel's largest is 64 KiB pages of order 5.
    public static let subBufferByteCounts = 64...(16 << 20)

    /// Creates a layout, or nil if the sizes are none that a kernel uses.
    public init?(subBufferByteCount: Int, commitByteCount: Int, byteOrder: ByteOrder) {
        guard Self.subBufferByteCounts.contains(subBufferByteCount), subBufferByteCount % 4 == 0,
            commitByteCount == 4 || commitByteCount == 8
        else { return nil }
        self.subBufferByteCount = subBufferByteCount
        self.commitByteCount = commitByteCount
        self.byteOrder = byteOrder
    }

    /// The offset of the first record.
    public var dataOffset: Int { Self.commitOffset + commitByteCount }
}
