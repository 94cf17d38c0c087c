/// The movement of a row's counts since the sample before.
public enum RowState: UInt8, BitwiseCopyable, Sendable {
    /// All counts moved forward: the deltas are known.
    case steady
    /// The row was not in the sample before: it has no delta yet.
    case new
    /// A count went back by more than a wrap explains: the deltas are unknown.
    case reset
}

/// The facts that an interval tells of one row.
public struct RowInterval: BitwiseCopyable, Sendable {
    /// The way its counts moved.
    public var state: RowState
    /// The sum of its known deltas; 0 where none is known.
    public var delta: UInt64
    /// The place of what is kept about the row from sample to sample, 0…; reused after the row is gone.
    public var slot: Int32
    /// A number that no other row has had: tells whether a slot changed hands.
    public var serial: UInt32

    /// True if its delta is known.
    public var isKnown: Bool { state == .steady }
}

// The two below are not private: Swift 6.3.1 crashes in debug builds when another file specialises a generic for them.

/// The owner of a slot.
struct SlotOwner: BitwiseCopyable {
    var slot: Int32
    var serial: UInt32
}

/// The movement of a row of the last sample.
struct RowMove: BitwiseCopyable {
    var delta: UInt64
    /// The row of the sample before; -1 for none.
    var match: Int32
    var state: RowState
}
