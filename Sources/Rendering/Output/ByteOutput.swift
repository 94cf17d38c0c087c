/// Bytes on their way out: collected in one block of memory, and handed on whenever that is full.
///
/// A document may be as long as it likes, the memory for it is always the same.
@safe
public struct ByteOutput: ~Copyable {
    /// The number of bytes handed on at once.
    public static let blockByteCount = 64 << 10

    private let base: UnsafeMutablePointer<UInt8>
    private var count = 0
    private let handOn: (RawSpan) -> Bool
    /// True if somebody still takes what is written: if not, it is lost, and making more of it is no use.
    public private(set) var isOpen = true
    private var handedOnCount = 0
    /// The number of bytes that were written so far.
    var byteCount: Int { handedOnCount &+ count }

    /// Creates an output.
    ///
    /// - Parameter handOn: takes the bytes of a block; false if nobody wants any more.
    public init(_ handOn: @escaping (RawSpan) -> Bool) {
        self.handOn = handOn
        unsafe base = .allocate(capacity: Self.blockByteCount)
    }

    deinit { unsafe base.deallocate() }

    /// Hands on what was collected; whoever is done calls it.
    ///
    /// - Returns: true if somebody takes it.
    @discardableResult
    public mutating func flush() -> Bool {
        if count > 0, isOpen { isOpen = unsafe handOn(RawSpan(_unsafeStart: base, byteCount: count)) }
        handedOnCount &+= count
        count = 0
        return isOpen
    }

    /// Makes room for a few bytes.
    @inline(always)
    private mutating func reserve(_ byteCount: Int) {
        if byteCount > Self.blockByteCount &- count { flush() }
        precondition(byteCount <= Self.blockByteCount &- count)
    }

    /// Writes a byte.
    @inline(always)
    mutating func put(_ byte: UInt8) {
        reserve(1)
        unsafe base[count] = byte  // there is room
        count &+= 1
    }

    /// Writes literal text.
    @inline(always)
    mutating func put(_ text: StaticString) {
        let bytes = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        unsafe put(bytes)
    }

    /// Writes text as UTF-8, as it is.
    public mutating func put(_ text: String) { put(text.utf8Span.span) }

    /// Writes bytes.
    mutating func put(_ bytes: [UInt8]) { put(bytes.span) }

    /// Writes bytes.
    public mutating func put(_ bytes: Span<UInt8>) { unsafe bytes.withUnsafeBufferPointer { unsafe put($0) } }

    @inline(always)
    private mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
        var start = 0
        while start < bytes.count {
            if count == Self.blockByteCount { flush() }
            let length = min(bytes.count &- start, Self.blockByteCount &- count)
            // Inside of both: `length` is no more than is left of either.
            if let source = bytes.baseAddress { unsafe (base + count).update(from: source + start, count: length) }
            count &+= length
            start &+= length
        }
    }

    /// Writes a number in decimal.
    mutating func put(_ number: UInt64) {
        // The longest has 20 digits.
        reserve(20)
        var digitCount = 1
        var bound: UInt64 = 10
        while number >= bound {
            digitCount &+= 1
            if digitCount == 20 { break }
            bound &*= 10
        }
        var rest = number
        var place = count &+ digitCount
        while place > count {
            place &-= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            unsafe base[place] = 0x30 &+ UInt8(truncatingIfNeeded: digit)  // there is room
            rest = quotient
        }
        count &+= digitCount
    }

    /// Writes a number in decimal.
    @inline(always)
    mutating func put(_ number: Int) {
        if number < 0 { put(UInt8(ascii: "-")) }
        put(UInt64(number.magnitude))
    }
}
