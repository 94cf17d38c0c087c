@testable import IRQCore
import TestSupport
import Testing

@Suite struct NUMARemoteTests {
    private func box(_ perSecond: Double = 21_000, near: Double = 0, node: Int? = 1) -> MemoryBox {
        var box = MemoryBox.twoNodes()
        box.addCard("enp65s0f0", places: [1, 2, 3, 4], perSecond: [perSecond / 4], node: node)
        box.setRow("59", delta: [0, 0, UInt64((perSecond / 4 - near) * 10), 0, UInt64(near * 10), 0, 0, 0])
        return box
    }

    @Test func servedOnTheOtherNode() throws {
        let run = try box(near: 1_260).run(NUMARemoteCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .warn && finding.subject == "enp65s0f0")
        #expect(finding.evidence == "enp65s0f0 on node 1: 21.0k/s, 94.0% on CPUs of node 0 (1-3)")
        #expect(finding.next.first == "irqscope affinity plan numa --device enp65s0f0")
    }

    @Test(arguments: [(1_000.0, 0.0, 1), (990, 0, 0), (20_000, 2_000, 1), (20_000, 2_100, 0)])
    func limits(_ perSecond: Double, _ near: Double, _ count: Int) throws {
        #expect(try box(perSecond, near: near).run(NUMARemoteCheck.self).findings.count == count)
    }

    @Test(arguments: [("12 10", 0), ("13 10", 1)])
    func distance(_ distance: String, _ count: Int) throws {
        var box = box()
        box.files["sys/devices/system/node/node1/distance"] = distance
        #expect(try box.run(NUMARemoteCheck.self).findings.count == count)
    }

    @Test func whatHasNoBetterPlaceIsNone() throws {
        var isolated = box()
        isolated.isolate("4-7")
        #expect(try isolated.run(NUMARemoteCheck.self).findings.isEmpty)
        var managed = box()
        for irq in 56..<60 { managed.modes["proc/irq/\(irq)/smp_affinity"] = 0o444 }
        #expect(try managed.run(NUMARemoteCheck.self).findings.isEmpty)
        #expect(try box(node: 0).run(NUMARemoteCheck.self).findings.isEmpty)
        // One node.
        var one = MemoryBox()
        one.addCard(places: [0, 1], perSecond: [5_000], node: 0)
        #expect(try one.run(NUMARemoteCheck.self).unknown.isEmpty)
    }

    @Test func aCauseIsTold() throws {
        var box = box()
        box.runIrqbalance(environment: ["IRQBALANCE_BANNED_CPULIST=4-7"])
        let run = try box.run(IrqbalanceBansCheck.self, NUMARemoteCheck.self)
        #expect(run.findings.map(\.check) == ["irqbalance-bans", "numa-remote"])
        #expect(run.findings.last?.cause == "irqbalance-bans" && run.findings.last?.next.isEmpty == true)
    }

    @Test func whatIsNotToldIsUnknown() throws {
        var nodeless = box(node: nil)
        for irq in 56..<60 { nodeless.files["proc/irq/\(irq)/node"] = "-1" }
        #expect(try nodeless.run(NUMARemoteCheck.self).unknown.first?.reason == "enp65s0f0: no memory node is known (numa_node -1)")
        var far = box()
        far.remove("sys/devices/system/node/node1/distance")
        #expect(try far.run(NUMARemoteCheck.self).unknown.first?.reason.contains("distance") == true)
        var none = box()
        none.remove("sys/devices/system/node")
        #expect(try none.run(NUMARemoteCheck.self).unknown.first?.reason.hasPrefix("sys/devices/system/node is not there") == true)
    }
}
