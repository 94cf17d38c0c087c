internal import Glibc

/// Owns a buffer that parts of a file are read into, one after another.
@safe
struct ReadBuffer: ~Copyable {
    /// Small enough to stay in the processor's cache, large enough that calls do not matter.
    static let byteCount = 128 << 10

    private let base: UnsafeMutableRawPointer

    init() { unsafe base = .allocate(byteCount: Self.byteCount, alignment: 4096) }

    deinit { unsafe base.deallocate() }

    /// The first `count` bytes, which the last `fill` must have read.
    @_lifetime(borrow self)
    borrowing func bytes(count: Int) -> RawSpan {
        precondition(count >= 0 && count <= Self.byteCount)
        let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(base), byteCount: count)  // checked above
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// Reads `range` of a file; false unless all of it fits and is there.
    mutating func fill(from descriptor: Int32, _ range: Range<Int>) -> Bool {
        guard range.count <= Self.byteCount else { return false }
        var filled = 0
        while filled < range.count {
            // Inside the buffer: checked above.
            let count = unsafe pread(descriptor, base + filled, range.count - filled, range.lowerBound + filled)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            filled += count
        }
        return true
    }
}
