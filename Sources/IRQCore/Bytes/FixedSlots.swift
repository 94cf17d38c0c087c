/// A fixed number of values that cannot be copied, each lent to one caller at a time.
///
/// It is how the threads of a parallel loop get at their own state: different slots may be used at the
/// same time, one slot by one thread at a time.
@safe
public struct FixedSlots<Element: ~Copyable>: ~Copyable {
    private let base: UnsafeMutablePointer<Element>
    /// How many there are.
    public let count: Int

    /// Creates `count` values, each by a call of `make` with its index.
    public init(count: Int, make: (Int) -> Element) {
        self.count = max(count, 0)
        unsafe base = .allocate(capacity: max(count, 1))
        for index in 0..<self.count { unsafe (base + index).initialize(to: make(index)) }
    }

    deinit {
        unsafe base.deinitialize(count: count)
        unsafe base.deallocate()
    }

    /// Lends the value at `index`, which must be below `count`.
    @inline(__always)
    public func with<Result: ~Copyable>(_ index: Int, _ body: (inout Element) -> Result) -> Result {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
        return unsafe body(&base[index])  // inside: checked above
    }
}
