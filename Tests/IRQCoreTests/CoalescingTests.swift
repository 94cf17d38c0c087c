import Testing

@testable import IRQCore

/// The rule in irqscope-report(1), at its edges.
@Suite struct CoalescingTests {
    private static func verdict(
        irq: Int64? = 30, devices: String = "eth0", interrupts: UInt64 = 1000, polls: UInt64 = 1000, packets: UInt64,
        exhausted: UInt64 = 0, milliseconds: UInt64 = 1000
    ) -> Coalescing? {
        DeepReport.Chain(
            irq: irq, devices: devices, runs: polls, interrupts: interrupts, polls: polls, packets: packets,
            budgetExhausted: exhausted, latency: DurationSummary()
        ).verdict(span: milliseconds * 1_000_000)
    }

    @Test func packetsOfAnInterruptDecide() {
        #expect(Self.verdict(packets: 1999) == .perPacket)
        #expect(Self.verdict(packets: 2000) == .gathered)
        #expect(Self.verdict(packets: 1999, milliseconds: 1001) == .notNeeded)
        #expect(Self.verdict(interrupts: 99, packets: 5000) == .tooFew)
        #expect(Self.verdict(interrupts: 100, packets: 5000) == .gathered)
    }

    @Test func usedUpBudgetsComeFirst() {
        #expect(Self.verdict(polls: 1000, packets: 64_000, exhausted: 100) == .saturated)
        #expect(Self.verdict(polls: 1000, packets: 64_000, exhausted: 99) == .gathered)
        #expect(Self.verdict(polls: 5, packets: 5000, exhausted: 0) == .gathered)
    }

    /// Lines for transmission report no packets; of several devices in a run nobody knows whose interrupt brought which.
    @Test func withoutABasisThereIsNone() {
        #expect(Self.verdict(packets: 0) == nil)
        #expect(Self.verdict(irq: nil, packets: 5000) == nil)
        #expect(Self.verdict(devices: "eth0,eth1", packets: 5000) == nil)
    }
}
