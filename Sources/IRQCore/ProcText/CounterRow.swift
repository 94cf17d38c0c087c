/// The meaning of a row's counts.
public enum CountKind: UInt8, BitwiseCopyable, Sendable {
    /// One count for each CPU of the header.
    case perCPU
    /// One count for the whole machine (`ERR:`, `MIS:`, `Err:`).
    case global
    /// No count at all (`FIQ: usb_fiq`).
    case text
}

/// Some bytes of a text, by their offsets.
public struct TextRange: BitwiseCopyable, Sendable, Equatable {
    /// The first byte.
    public let start: Int
    /// The byte behind the last one.
    public let end: Int

    /// The number of bytes.
    public var byteCount: Int { end - start }
    /// True if there are none.
    public var isEmpty: Bool { end == start }
}

/// One row of a table of counts. Offsets are bytes of `CounterTable.names`.
public struct CounterRow: BitwiseCopyable, Sendable {
    /// The label without blanks and colon: `36`, `LOC`, `IPI0`, `I/O`.
    public let label: TextRange
    /// The text that follows the counts, without blanks at both ends.
    public let tail: TextRange
    /// The place where its counts begin among those of the table.
    let firstCount: Int
    /// The number of counts it has: the header's CPUs, 1, or 0.
    let countCount: Int
    /// The meaning of its counts.
    public let kind: CountKind
    /// The label as a number, or -1.
    public let irq: Int32
    /// The number of rows before this one with the same label (powerpc has two `LOC`).
    public let ordinal: Int32
    /// True if it is a sum of other rows (s390's EXT, I/O, AIO) and must not be added to them.
    public let isSum: Bool
}

/// A row as a table keeps it, in 24 bytes: there may be a million.
struct PackedRow: BitwiseCopyable {
    /// The place where its label begins among the names; its tail follows at once.
    var nameStart: UInt32
    var tailByteCount: UInt32
    var firstCount: UInt32
    var irq: Int32
    var ordinal: Int32
    var labelByteCount: UInt16
    var kind: CountKind
    var isSum: Bool

    var label: TextRange { TextRange(start: Int(nameStart), end: Int(nameStart) &+ Int(labelByteCount)) }
    var tail: TextRange { TextRange(start: label.end, end: label.end &+ Int(tailByteCount)) }
    var nameByteCount: Int { Int(labelByteCount) &+ Int(tailByteCount) }
}
