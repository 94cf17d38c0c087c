/// Puts numbers and texts of a trace.dat one behind another, in this machine's byte order.
struct SectionBytes {
    private(set) var bytes: [UInt8] = []

    var count: Int { bytes.count }

    mutating func put(_ value: some FixedWidthInteger & BitwiseCopyable) {
        // The value's own bytes, which are copied.
        unsafe withUnsafeBytes(of: value) { unsafe bytes.append(contentsOf: $0) }
    }

    mutating func put(_ other: [UInt8]) { bytes.append(contentsOf: other) }

    /// A text with a null byte behind it.
    mutating func put(text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(0)
    }

    /// Null bytes up to `byteCount`.
    mutating func pad(to byteCount: Int) {
        if byteCount > count { bytes.append(contentsOf: repeatElement(0, count: byteCount - count)) }
    }
}

extension Int {
    /// The next multiple of `unit`.
    func roundedUp(to unit: Int) -> Int { (self + unit - 1) / unit * unit }
}
