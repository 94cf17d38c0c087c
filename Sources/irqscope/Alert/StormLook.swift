internal import IRQCore

/// A second's look at storming interrupts through tracefs: what their handlers cost, and how many calls were not theirs.
///
/// The place where the live trace comes in; until it does, nothing is looked at and the evidence is that of the counters.
enum StormLook {
    /// What a look told, by the number of the interrupt; empty if none was possible.
    static func look(at findings: [AlertFinding]) -> [Int: HandlerLook] { [:] }
}
