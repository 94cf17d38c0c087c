import TestSupport
import Testing

@testable import IRQCore

@Suite struct LinkCoalescingTests {
    private func box(_ interrupts: Double, _ packets: Double, softirq: Double = 0.3) -> MemoryBox {
        var box = MemoryBox.withCard(rates: [interrupts], hasLines: false)
        box.receive("eth1", perSecond: packets)
        box.setTimes(0, softirq: softirq)
        return box
    }

    private func facts(_ wait: Int, adaptive: Bool = false) -> LinkFacts {
        var facts = LinkFacts()
        facts.coalescing = LinkCoalescing(receiveMicroseconds: wait, isReceiveAdaptive: adaptive)
        return facts
    }

    @Test func anInterruptForEachPacket() throws {
        let finding = try #require(try box(61_000, 63_000).run(CoalescingCheck.self).findings.first)
        #expect(finding.severity == .note)
        #expect(finding.evidence == "eth1: 61.0k interrupts/s for 63.0k packets/s, CPU 0 30.0% softirq")
        #expect(finding.next == ["ethtool -C eth1 adaptive-rx on"])
    }

    @Test(arguments: [
        (61_000, 63_000, 0.69, DoctorSeverity.note), (61_000, 63_000, 0.7, .warn), (39_999, 50_000, 0.9, nil),
        (40_000, 50_000, 0.9, .warn), (49_999, 49_999, 0.9, nil),
    ])
    func levels(_ interrupts: Int, _ packets: Int, _ share: Double, _ severity: DoctorSeverity?) throws {
        let box = box(Double(interrupts), Double(packets), softirq: share)
        #expect(try box.run(CoalescingCheck.self).findings.first?.severity == severity)
    }

    @Test func theRateIsThatOfACPU() throws {
        var box = MemoryBox.withCard(rates: [30_000, 30_000])
        box.receive("eth1", perSecond: 63_000)
        #expect(try box.run(CoalescingCheck.self).findings.isEmpty)
    }

    @Test func theCardWaitsAlready() throws {
        var box = box(61_000, 63_000)
        for (wait, adaptive, isFound) in [(1, false, true), (2, false, false), (0, true, false)] {
            box.linkFacts["eth1"] = facts(wait, adaptive: adaptive)
            #expect(try box.run(CoalescingCheck.self).findings.isEmpty != isFound)
        }
    }

    @Test func programsPollTheCard() throws {
        var box = box(61_000, 63_000)
        box.files["proc/sys/net/core/busy_poll"] = "50"
        #expect(try box.run(CoalescingCheck.self).findings.isEmpty)
    }

    @Test func aLongWaitWhereLatencyMatters() throws {
        var box = box(10, 100)
        box.linkFacts["eth1"] = facts(50)
        #expect(try box.run(CoalescingCheck.self).findings.isEmpty)
        box.files["sys/devices/system/cpu/isolated"] = "2-3"
        let finding = try #require(try box.run(CoalescingCheck.self).findings.first)
        #expect(finding.severity == .note && finding.evidence == "eth1: rx-usecs 50 on a box with isolated CPUs")
        #expect(finding.next == ["ethtool -C eth1 adaptive-rx off rx-usecs 0"])
        box.linkFacts["eth1"] = facts(49)
        #expect(try box.run(CoalescingCheck.self).findings.isEmpty)
    }

    @Test(arguments: ["sys/class/net", "sys/class/net/eth1/statistics/rx_packets"])
    func withoutAFileItIsUnknown(_ path: String) throws {
        var box = box(61_000, 63_000)
        box.remove(path)
        let run = try box.run(CoalescingCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason.contains("is not there") == true)
    }
}
