/// A hash that is the same in each run and on each machine (FNV-1a of 64 bits).
///
/// Each step is one to one: bytes that differ in one place never have the same hash.
struct StableHash {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Adds a byte, or a number as one step.
    @inline(always)
    mutating func add(_ number: UInt64) { value = (value ^ number) &* 0x100_0000_01B3 }

    /// The hash of a text.
    static func of(_ text: String) -> UInt64 {
        var hash = StableHash()
        for byte in text.utf8 { hash.add(UInt64(byte)) }
        return hash.value
    }
}
