internal import IRQCore

/// The youngest sub-buffers of a CPU, in memory of our own: what a flight recorder that looks at each event keeps.
///
/// Only what a sub-buffer holds is kept of it, for those of an idle CPU are nearly empty. Memory that was never needed
/// is never touched.
@safe
public struct PageRing: ~Copyable {
    // An entry is its length in 8 bytes, and that many bytes, rounded up to 8. It never wraps: where it would not fit,
    // `wrap` says that the entries go on at the beginning.
    private let base: UnsafeMutableRawPointer
    private let capacity: Int
    private var head = 0
    private var tail = 0
    /// The end of the entries behind `head`, if the newer ones are at the beginning; else nil.
    private var wrap: Int?
    /// The number of sub-buffers it holds.
    public private(set) var count = 0
    /// True if there was no room for older ones that were still wanted.
    public private(set) var hasDropped = false

    private static let headerByteCount = 8

    /// Makes room for so many bytes, but for one sub-buffer at least.
    public init(byteCount: Int, subBufferByteCount: Int) {
        capacity = (max(byteCount, subBufferByteCount + Self.headerByteCount) + 7) & ~7
        unsafe base = .allocate(byteCount: capacity, alignment: 4096)
    }

    deinit { unsafe base.deallocate() }

    /// Adds a copy of a sub-buffer, as far as it is used; the oldest ones make room.
    public mutating func append(_ page: RawSpan) {
        let need = Self.entryByteCount(page.byteCount)
        precondition(need <= capacity)
        makeRoom(need)
        // Inside: `makeRoom` has seen to that.
        unsafe base.storeBytes(of: page.byteCount, toByteOffset: tail, as: Int.self)
        unsafe page.withUnsafeBytes { bytes in
            guard let from = bytes.baseAddress else { return }
            unsafe (base + tail + Self.headerByteCount).copyMemory(from: from, byteCount: bytes.count)
        }
        tail += need
        count += 1
    }

    /// Forgets sub-buffers as long as the one behind them begins before `limit`, in ticks of the trace clock.
    public mutating func removeOlder(than limit: UInt64) {
        while count > 1, time(at: place(after: head)) < limit { removeFirst() }
    }

    /// The time of the oldest sub-buffer, in ticks of the trace clock; nil without one.
    public var firstTime: UInt64? { count == 0 ? nil : time(at: head) }

    /// Moves the oldest sub-buffer to the end of `room`, where there must be room for it; false if there is none.
    public mutating func moveFirst(to room: inout PageBuffer) -> Bool {
        guard count > 0 else { return false }
        // Inside: the length is that of an entry.
        unsafe room.append(
            padding: RawSpan(
                _unsafeStart: base + head + Self.headerByteCount, byteCount: length(at: head)))
        removeFirst()
        return true
    }

    private mutating func makeRoom(_ need: Int) {
        while true {
            if count == 0 { (head, tail, wrap) = (0, 0, nil) }
            if wrap == nil {
                if capacity - tail >= need { return }
                (wrap, tail) = (tail, 0)
            }
            if head - tail >= need { return }
            removeFirst()
            hasDropped = true
        }
    }

    private mutating func removeFirst() {
        head += Self.entryByteCount(length(at: head))
        count -= 1
        if head == wrap { (head, wrap) = (0, nil) }
    }

    private static func entryByteCount(_ length: Int) -> Int { headerByteCount + (length + 7) & ~7 }

    private func length(at offset: Int) -> Int { unsafe base.load(fromByteOffset: offset, as: Int.self) }

    private func place(after offset: Int) -> Int {
        let next = offset + Self.entryByteCount(length(at: offset))
        return next == wrap ? 0 : next
    }

    private func time(at offset: Int) -> UInt64 {
        // A sub-buffer begins with its time, and those without are shorter than any.
        length(at: offset) < 8 ? 0 : unsafe base.load(fromByteOffset: offset + Self.headerByteCount, as: UInt64.self)
    }
}
