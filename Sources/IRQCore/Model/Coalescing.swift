/// The verdict on how a network device gathers packets before it interrupts.
public enum Coalescing: String, Sendable {
    /// Many polls took all that they may: packets come faster than one CPU takes them.
    case saturated
    /// An interrupt brings several packets.
    case gathered
    /// There is an interrupt for nearly every packet, and there are many of them.
    case perPacket = "per_packet"
    /// There is an interrupt for nearly every packet, and so few that it costs little.
    case notNeeded = "not_needed"
    /// There were too few interrupts for a verdict.
    case tooFew = "too_few"

    /// The interrupts without which there is no verdict.
    static let fewestInterrupts: UInt64 = 100
    /// The part of all polls, one in so many, that used up their budget on a saturated device.
    static let saturatedPart: UInt64 = 10
    /// The packets that an interrupt brings, at least, where packets are gathered.
    static let gatheredPackets: UInt64 = 2
    /// The interrupts a second below which gathering more packets gains nothing that matters.
    static let cheapRate: UInt64 = 1_000
}

extension DeepReport.Chain {
    /// The verdict on its interrupt by the rule; nil where none can be given: without an interrupt, without packets (as of a line for
    /// transmission), and where polls of several devices share the runs.
    ///
    /// - Parameter span: the length of the recording in nanoseconds.
    func verdict(span: UInt64) -> Coalescing? {
        guard irq != nil, packets > 0, !devices.contains(",") else { return nil }
        if interrupts < Coalescing.fewestInterrupts { return .tooFew }
        if budgetExhausted > 0, budgetExhausted &* Coalescing.saturatedPart >= polls { return .saturated }
        if packets / interrupts >= Coalescing.gatheredPackets { return .gathered }
        let isCheap =
            interrupts.multipliedFullWidth(by: 1_000_000_000) < Coalescing.cheapRate.multipliedFullWidth(by: span)
        return isCheap ? .notNeeded : .perPacket
    }
}
