/// The lines whose masks `irqscope affinity apply` wrote on this box, since it booted.
public struct AppliedLines: Sendable {
    /// The interrupts.
    public var lines: Set<Int>
    /// The time of it, for sentences: `11-25 14:02`; "" if unknown.
    public var time: String

    /// Creates lines.
    public init(lines: Set<Int>, time: String = "") { (self.lines, self.time) = (lines, time) }
}
