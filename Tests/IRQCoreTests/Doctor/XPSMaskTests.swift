import TestSupport
import Testing

@testable import IRQCore

@Suite struct XPSMaskTests {
    private func box(_ masks: [String], cpus: Int = 16) -> MemoryBox {
        var box = MemoryBox.withCard(cpus: cpus, rates: masks.map { _ in 100 })
        for (queue, mask) in masks.enumerated() { box.files["sys/class/net/eth1/queues/tx-\(queue)/xps_cpus"] = mask }
        return box
    }

    @Test func someCPUsHaveNone() throws {
        let finding = try #require(try box(["000f", "00f0"]).run(XPSMaskCheck.self).findings.first)
        #expect(finding.severity == .note && finding.evidence == "eth1: CPUs 8-15 have no transmit queue of their own")
        #expect(finding.next == ["irqscope affinity plan spread --device eth1 --xps"])
        #expect(try box(["01", "00"], cpus: 4).run(XPSMaskCheck.self).findings.first?.severity == .note)
    }

    @Test(arguments: [["00ff", "ff00"], ["0000", "0000"], ["ffff", "0"]])
    func allOrNone(_ masks: [String]) throws { #expect(try box(masks).run(XPSMaskCheck.self).findings.isEmpty) }

    @Test func queuesFollowReceiveQueues() throws {
        var box = box(["01", "00"])
        box.files["sys/class/net/eth1/queues/tx-0/xps_rxqs"] = "1"
        #expect(try box.run(XPSMaskCheck.self).findings.isEmpty)
    }

    @Test func aQueueOfTheOtherNode() throws {
        var box = box(["ff00", "00ff"])
        box.splitNodes()
        // The lines of the queues come to CPU 0 and 1.
        let finding = try #require(try box.run(XPSMaskCheck.self).findings.first)
        #expect(finding.evidence == "eth1: tx-0 is for CPUs 8-15, its interrupt comes to CPU 0 of node 0")
        var near = self.box(["80ff", "7f00"])
        near.splitNodes()
        near.line(61, "PCI-MSI 1-edge", "eth1-TxRx-1", on: 9, perSecond: 100)
        #expect(try near.run(XPSMaskCheck.self).findings.isEmpty)
    }

    @Test func oneQueueHasNoSuchFile() throws {
        var box = MemoryBox.withCard(rates: [100], hasLines: false)
        box.remove("sys/class/net/eth1/queues/tx-0/xps_cpus")
        let run = try box.run(XPSMaskCheck.self)
        #expect(run.findings.isEmpty && run.unknown.isEmpty)
    }

    @Test(arguments: ["sys/class/net", "sys/class/net/eth1/queues", "sys/class/net/eth1/queues/tx-1/xps_cpus"])
    func withoutAFileItIsUnknown(_ path: String) throws {
        var box = box(["000f", "00f0"])
        box.remove(path)
        let run = try box.run(XPSMaskCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason.contains("is not there") == true)
    }
}
