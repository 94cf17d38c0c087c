import TestSupport
import Testing

@testable import IRQCore

@Suite struct QueueSkewTests {
    @Test func oneQueueOfFourHasAll() throws {
        let run = try MemoryBox.withCard(rates: [32_000, 0, 0, 0]).run(QueueSkewCheck.self)
        let finding = try #require(run.findings.first)
        #expect(finding.severity == .note && finding.evidence == "eth1: queue 0 takes 100.0% of 4 (32.0k/s)")
        #expect(finding.why.contains("few flows") && finding.next.contains("ethtool -x eth1"))
        #expect(finding.next.contains("ethtool -X eth1 equal 4"))
    }

    @Test func theTableLeavesQueuesOut() throws {
        var box = MemoryBox.withCard(rates: [9000, 9000, 0, 0])
        var facts = LinkFacts()
        facts.indirection = [0, 1, 0, 1]
        box.linkFacts["eth1"] = facts
        let finding = try #require(try box.run(QueueSkewCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.evidence.hasSuffix("the table leaves out queues 2-3"))
    }

    @Test(arguments: [
        // The share of one, the sum, the number of queues: just below each.
        [5900, 2000, 2000, 2000], [4990, 1670, 1670, 1670], [5000, 1600, 1600, 1500], [20_000, 10, 10], [9000, 500, 200, 100],
    ])
    func justBelow(_ rates: [Int]) throws {
        let sum = rates.reduce(0, +)
        let isSkewed = rates.count >= 4 && sum >= 10_000 && rates[0] * 2 >= sum
        #expect(!isSkewed)
        #expect(try MemoryBox.withCard(rates: rates.map { Double($0) }).run(QueueSkewCheck.self).findings.isEmpty)
    }

    @Test func aQueueIsNeverUsed() throws {
        let finding = try #require(
            try MemoryBox.withCard(rates: [3000, 4000, 0, 3000]).run(QueueSkewCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.evidence.hasPrefix("eth1: queue 2 takes none of 10.0k/s"))
        // One of the others has less than 1,000 a second.
        #expect(try MemoryBox.withCard(rates: [3000, 4000, 0, 999]).run(QueueSkewCheck.self).findings.isEmpty)
    }

    @Test func oneHasHalfAndAnotherNone() throws {
        let finding = try #require(
            try MemoryBox.withCard(rates: [18_000, 6000, 6000, 0]).run(QueueSkewCheck.self).findings.first)
        #expect(finding.severity == .warn)
        #expect(finding.evidence == "eth1: queue 0 takes 60.0% of 4 (30.0k/s); queue 3 takes none")
    }

    @Test func transmitLinesAreNoQueues() throws {
        var box = MemoryBox.withCard(rates: [20_000], hasLines: false)
        for queue in 0..<4 {
            box.line(70 + queue * 2, "PCI-MSIX-0000:00:03.0 \(queue)-edge", "virtio2-input.\(queue)", on: queue, perSecond: 3000)
            box.line(71 + queue * 2, "PCI-MSIX-0000:00:03.0 \(queue)-edge", "virtio2-output.\(queue)", on: queue)
        }
        #expect(try box.run(QueueSkewCheck.self).findings.isEmpty)
    }

    @Test func aMeanSinceBootIsANote() throws {
        var box = MemoryBox.withCard(rates: [0, 0, 0, 0])
        box.hasTwoSamples = false
        for queue in 0..<4 { box.line(60 + queue, "PCI-MSI 524288-edge", "eth1-TxRx-\(queue)", past: queue == 2 ? 0 : 72_000_000) }
        let finding = try #require(try box.run(QueueSkewCheck.self).findings.first)
        #expect(finding.severity == .note && finding.evidence.hasSuffix("(mean since boot)"))
    }

    @Test func withoutATimeItIsUnknown() throws {
        var box = MemoryBox.withCard(rates: [32_000, 0, 0, 0])
        box.hasTwoSamples = false
        box.remove("proc/uptime")
        #expect(try box.run(QueueSkewCheck.self).unknown.first?.reason == "proc/uptime is not there: no rates")
    }
}
