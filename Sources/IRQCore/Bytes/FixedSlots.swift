/// A fixed number of values that cannot be copied, each lent to one caller at a time.
///
/// The threads of a parallel loop get at their own state with `with`: different slots may be used at the same time, one
/// slot by one caller at a time, which is checked. Who has all slots to himself indexes them; the compiler sees to that.
@safe
public struct FixedSlots<Element: ~Copyable>: ~Copyable {
    /// A value, and a mark while it is lent.
    private struct Slot: ~Copyable {
        var element: Element
        var isLent = false
    }

    private let base: UnsafeMutablePointer<Slot>
    /// The number of values.
    public let count: Int

    /// Creates `count` values, each by a call of `make` with its index.
    public init(count: Int, make: (Int) -> Element) {
        self.count = max(count, 0)
        unsafe base = .allocate(capacity: max(count, 1))
        for index in 0..<self.count { unsafe (base + index).initialize(to: Slot(element: make(index))) }
    }

    deinit {
        unsafe base.deinitialize(count: count)
        unsafe base.deallocate()
    }

    /// Lends the value at `index`, which must be below `count` and not lent already.
    @inline(__always)
    public func with<Result: ~Copyable>(_ index: Int, _ body: (inout Element) -> Result) -> Result {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
        // Inside: checked above, as it is for the other uses of `base` here.
        unsafe precondition(!base[index].isLent, "the slot is lent already")
        unsafe base[index].isLent = true
        defer { unsafe base[index].isLent = false }
        return unsafe body(&base[index].element)
    }

    /// The value at `index`, which must be below `count`. Reading one takes exclusive access as well, for `with` may
    /// have lent it to be changed.
    subscript(index: Int) -> Element {
        @inline(always) mutating _read {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            yield unsafe base[index].element  // checked above
        }
        @inline(always) _modify {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            yield unsafe &base[index].element  // checked above
        }
    }
}
