/// Turns the ticks of a trace clock into displayed nanoseconds: `((ticks * multiplier) >> shift) + offset`.
///
/// Multiplier and shift serve clocks that do not count nanoseconds (x86-tsc), the offset recordings that
/// were made with a time offset or a date. Source: options TSC2NSEC, OFFSET and DATE of trace.dat,
/// trace-cmd.dat.v7(5); the kernel's mul_u64_u32_shr.
public struct TimeScale: Sendable, Equatable, BitwiseCopyable {
    /// The multiplier; 1 for clocks of nanoseconds.
    public let multiplier: UInt32
    /// The right shift in bits, 0…63.
    public let shift: UInt32
    /// Nanoseconds to add.
    public let offsetNanoseconds: Int64

    /// Creates a scale; nil if it changes nothing or cannot be (multiplier 0, shift above 63).
    public init?(multiplier: UInt32, shift: UInt32, offsetNanoseconds: Int64) {
        guard multiplier != 0, shift < 64, (multiplier, shift, offsetNanoseconds) != (1, 0, 0) else { return nil }
        self.multiplier = multiplier
        self.shift = shift
        self.offsetNanoseconds = offsetNanoseconds
    }

    /// The nanoseconds that `ticks` are; computed with 128 bits, cut to 64.
    @inline(__always)
    public func nanoseconds(_ ticks: UInt64) -> UInt64 {
        let (high, low) = ticks.multipliedFullWidth(by: UInt64(multiplier))
        let scaled = shift == 0 ? low : low >> UInt64(shift) | high << UInt64(64 - shift)
        return scaled &+ UInt64(bitPattern: offsetNanoseconds)
    }
}
