internal import Glibc
public import IRQCore

/// Memory that sub-buffers of the ring buffer are read into, used again and again.
@safe
public struct PageBuffer: ~Copyable {
    private let base: UnsafeMutableRawPointer
    private let vectors: UnsafeMutablePointer<iovec>
    /// The number of sub-buffers there is room for.
    public let capacity: Int
    /// The size of one.
    public let subBufferByteCount: Int
    /// The number of sub-buffers it holds.
    public private(set) var count = 0

    /// IOV_MAX: more than that is not read in one go.
    public static let limit = 1024

    /// Makes room for `capacity` (1 to `limit`) sub-buffers; 64 of them are 256 KiB on most machines.
    public init(subBufferByteCount: Int, capacity: Int = 64) {
        self.capacity = min(max(capacity, 1), Self.limit)
        self.subBufferByteCount = max(subBufferByteCount, 1)
        unsafe base = .allocate(byteCount: self.capacity * self.subBufferByteCount, alignment: 4096)
        unsafe vectors = .allocate(capacity: self.capacity)
        for index in 0..<self.capacity {
            let place = unsafe iovec(
                iov_base: base + index * self.subBufferByteCount, iov_len: self.subBufferByteCount)
            unsafe (vectors + index).initialize(to: place)
        }
    }

    deinit {
        unsafe vectors.deallocate()
        unsafe base.deallocate()
    }

    /// The sub-buffers it holds, one after the other.
    public var bytes: RawSpan {
        @_lifetime(borrow self) borrowing get {
            unsafe RawSpan(_unsafeStart: base, byteCount: count * subBufferByteCount)  // filled so far
        }
    }

    /// The sub-buffer at `index`, which must be below `count`.
    @_lifetime(borrow self)
    public borrowing func page(_ index: Int) -> RawSpan {
        precondition(index >= 0 && index < count)
        let start = unsafe UnsafeRawPointer(base + index * subBufferByteCount)  // checked above
        let span = unsafe RawSpan(_unsafeStart: start, byteCount: subBufferByteCount)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// Adds a copy of a sub-buffer; there must be room, and it must have the right size.
    public mutating func append(copying page: RawSpan) {
        precondition(count < capacity && page.byteCount == subBufferByteCount)
        unsafe page.withUnsafeBytes { bytes in
            guard let from = bytes.baseAddress else { return }
            // Inside: checked above.
            unsafe (base + count * subBufferByteCount).copyMemory(from: from, byteCount: subBufferByteCount)
        }
        count += 1
    }

    /// Adds a copy of a sub-buffer that was cut behind its last used byte; there must be room.
    public mutating func append(padding page: RawSpan) {
        precondition(count < capacity && page.byteCount <= subBufferByteCount)
        // Inside: checked above.
        let place = unsafe base + count * subBufferByteCount
        unsafe page.withUnsafeBytes { bytes in
            guard let from = bytes.baseAddress else { return }
            unsafe place.copyMemory(from: from, byteCount: bytes.count)
        }
        unsafe memset(place + page.byteCount, 0, subBufferByteCount - page.byteCount)
        count += 1
    }

    /// Takes the older records of the sub-buffer at `index` away, as if it had begun behind them.
    ///
    /// - Parameter cut: of this page, from `PageDecoder.cut`.
    public mutating func cut(_ index: Int, _ cut: PageCut, layout: PageLayout) {
        let count = cut.end - cut.offset
        precondition(index >= 0 && index < self.count && count >= 0 && cut.offset >= layout.dataOffset)
        precondition(cut.end <= subBufferByteCount && layout.byteOrder == .native)
        // Inside: checked above. The mark of events lost before the page goes with the records that are cut off.
        let page = unsafe base + index * subBufferByteCount
        unsafe page.storeBytes(of: cut.time, as: UInt64.self)
        let commit = unsafe page + PageLayout.commitOffset
        if layout.commitByteCount == 8 {
            unsafe commit.storeBytes(of: UInt64(count), as: UInt64.self)
        } else {
            unsafe commit.storeBytes(of: UInt32(count), as: UInt32.self)
        }
        unsafe memmove(page + layout.dataOffset, page + cut.offset, count)
    }

    /// Forgets all and keeps the memory.
    public mutating func removeAll() { count = 0 }

    /// Reads up to `wanted` further sub-buffers; returns how many, or the error number as a negative one.
    ///
    /// The kernel hands out one sub-buffer for each read, and readv(2) does such a read for each of its parts, so one
    /// call fetches many.
    mutating func fill(from descriptor: Int32, wanted: Int) -> Int {
        let room = min(wanted, capacity - count)
        guard room > 0 else { return 0 }
        while true {
            // Inside: `count + room` is at most the capacity.
            let read = unsafe readv(descriptor, vectors + count, Int32(room))
            if read < 0, errno == EINTR { continue }
            guard read >= 0 else { return -Int(errno) }
            let pages = read / subBufferByteCount
            count += pages
            return pages
        }
    }
}
