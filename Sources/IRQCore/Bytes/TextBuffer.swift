/// Owns the bytes of one text; its memory is used again for the next one.
@safe
public struct TextBuffer: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    /// The number of bytes the text has.
    public private(set) var byteCount = 0

    /// Creates an empty buffer with room for `capacity` (at least 16) bytes.
    public init(capacity: Int = 4096) {
        self.capacity = max(capacity, 16)
        unsafe base = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit { unsafe base.deallocate() }

    /// The text.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        borrowing get { unsafe RawSpan(_unsafeStart: base, byteCount: byteCount) }
    }

    /// The number of bytes that fit before the next growth.
    public var room: Int { capacity - byteCount }

    /// Forgets the text and keeps the memory.
    public mutating func removeAll() { byteCount = 0 }

    /// Forgets all but the first bytes.
    mutating func truncate(to count: Int) { byteCount = min(byteCount, max(count, 0)) }

    /// Forgets the first bytes; those behind them move to the front.
    public mutating func removeFirst(_ count: Int) {
        precondition(count >= 0 && count <= byteCount)
        unsafe base.copyMemory(from: base + count, byteCount: byteCount - count)
        byteCount -= count
    }

    /// Makes room for `additional` more bytes; at least doubles, so that the number of growths stays small.
    public mutating func reserve(_ additional: Int) {
        guard room < additional else { return }
        let larger = max(capacity * 2, byteCount + additional)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        unsafe moved.copyMemory(from: base, byteCount: byteCount)
        unsafe base.deallocate()
        unsafe base = moved
        capacity = larger
    }

    /// Lends the free room to `fill`, which returns how many bytes it wrote at its start (or a negative
    /// number for none); more than there is room for traps.
    @discardableResult
    public mutating func append(_ fill: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        let count = unsafe fill(UnsafeMutableRawBufferPointer(start: base + byteCount, count: room))
        precondition(count <= room)
        byteCount += max(count, 0)
        return count
    }

    /// Adds bytes; makes room for them.
    public mutating func append(_ bytes: some Collection<UInt8>) {
        reserve(bytes.count)
        unsafe append { room in
            unsafe room.copyBytes(from: bytes)
            return bytes.count
        }
    }

    /// Adds the bytes of a span; makes room for them.
    public mutating func append(_ bytes: RawSpan) {
        let count = bytes.byteCount
        reserve(count)
        _ = unsafe bytes.withUnsafeBytes { source in
            unsafe append { room in
                unsafe room.copyMemory(from: source)  // there is room: reserved above
                return count
            }
        }
    }

    /// True if the bytes from `place` on are those of a range of another text.
    @inline(always)
    func isSame(at place: Int, as text: RawSpan, _ range: TextRange) -> Bool {
        let textByteCount = text.byteCount
        precondition(range.start >= 0 && range.start <= range.end && range.end <= textByteCount)
        precondition(place >= 0 && place <= byteCount &- range.byteCount)
        var index = 0
        while index &+ 8 <= range.byteCount {
            // Inside of both: checked above.
            let word = unsafe text.unsafeLoadUnaligned(fromUncheckedByteOffset: range.start &+ index, as: UInt64.self)
            if unsafe base.loadUnaligned(fromByteOffset: place &+ index, as: UInt64.self) != word { return false }
            index &+= 8
        }
        while index < range.byteCount {
            let byte = unsafe text.unsafeLoad(fromUncheckedByteOffset: range.start &+ index, as: UInt8.self)
            if unsafe base.load(fromByteOffset: place &+ index, as: UInt8.self) != byte { return false }
            index &+= 1
        }
        return true
    }

    /// Adds bytes of another text; there must be room.
    @inline(always)
    mutating func appendInRoom(_ text: RawSpan, _ start: Int, _ count: Int) {
        let textByteCount = text.byteCount
        precondition(start >= 0 && count >= 0 && start <= textByteCount &- count && count <= room)
        for index in 0..<count {
            // Inside of both: checked above.
            let byte = unsafe text.unsafeLoad(fromUncheckedByteOffset: start &+ index, as: UInt8.self)
            unsafe base.storeBytes(of: byte, toByteOffset: byteCount &+ index, as: UInt8.self)
        }
        byteCount &+= count
    }
}
