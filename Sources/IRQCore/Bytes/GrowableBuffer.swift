/// Owns one block of memory for plain values; grows only when told to.
///
/// Hot loops append and index without allocating: whoever feeds them calls `reserve` beforehand,
/// once a batch. Indexing and appending are checked and trap when out of bounds.
@safe
struct GrowableBuffer<Element: BitwiseCopyable>: ~Copyable {
    fileprivate var base: UnsafeMutablePointer<Element>
    /// The number of elements that fit before the next growth.
    private(set) var capacity: Int
    /// The number of elements in use, from index 0.
    private(set) var count = 0

    /// Creates an empty buffer with room for `capacity` (at least 1) elements.
    init(capacity: Int) {
        self.capacity = max(capacity, 1)
        unsafe base = .allocate(capacity: self.capacity)
    }

    deinit { unsafe base.deallocate() }

    /// The element at `index`, which must be below `count`.
    subscript(index: Int) -> Element {
        // An address, not a value: of a large element only what is asked for is read.
        @inline(always) unsafeAddress {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            return unsafe UnsafePointer(base + index)  // checked above
        }
        @inline(always) _modify {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            yield unsafe &base[index]  // checked above
        }
    }

    /// The elements in use.
    var elements: Span<Element> {
        @_lifetime(borrow self)
        borrowing get { unsafe Span(_unsafeStart: base, count: count) }
    }

    /// Adds one element; there must be room.
    @inline(always)
    mutating func append(_ element: Element) {
        precondition(count < capacity)
        unsafe (base + count).initialize(to: element)  // checked above
        count &+= 1
    }

    /// Forgets all elements and keeps the memory.
    @inline(always)
    mutating func removeAll() { count = 0 }

    /// Forgets the last element, which must exist.
    @inline(always)
    mutating func removeLast() {
        precondition(count > 0)
        count &-= 1
    }

    /// Makes room for `additional` more elements; doubles, so that the number of growths stays small.
    mutating func reserve(_ additional: Int) {
        guard capacity - count < additional else { return }
        let larger = max(capacity * 2, count + additional)
        let moved = UnsafeMutablePointer<Element>.allocate(capacity: larger)
        unsafe moved.moveInitialize(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = moved
        capacity = larger
    }

    /// Sets the number of elements to `newCount`; new ones are copies of `element`.
    mutating func resize(to newCount: Int, filling element: Element) {
        if newCount > count {
            reserve(newCount - count)
            unsafe (base + count).initialize(repeating: element, count: newCount - count)
        }
        count = newCount
    }
}

extension GrowableBuffer where Element == UInt8 {
    /// The eight bytes at `index`, in this machine's byte order; they must be in use.
    @inline(always)
    func word(at index: Int) -> UInt64 {
        precondition(index >= 0 && index <= count &- 8)
        return unsafe UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)  // checked above
    }
}
