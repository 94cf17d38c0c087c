@testable import IRQCore
import TestSupport
import Testing

@Suite struct PairSplitTests {
    private func box(_ receive: Double, _ send: Double, on cpu: Int = 3) -> MemoryBox {
        var box = MemoryBox()
        box.line(40, "PCI-MSI 1-edge", "virtio0-input.1", on: 1, perSecond: receive, mask: "2")
        box.line(41, "PCI-MSI 2-edge", "virtio0-output.1", on: cpu, perSecond: send, mask: CPUSet([cpu]).mask)
        return box
    }

    @Test func twoCPUs() throws {
        let run = try box(500, 300).run(PairSplitCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .note)
        #expect(finding.evidence == "virtio0: queue 1: input on 1, output on 3")
        #expect(finding.next == ["echo 1 >/proc/irq/41/smp_affinity_list"])
        #expect(finding.undo == "echo 3 >/proc/irq/41/smp_affinity_list")
    }

    @Test(arguments: [(100.0, 100.0, 1), (99, 500, 0), (500, 99, 0)])
    func rates(_ receive: Double, _ send: Double, _ count: Int) throws {
        #expect(try box(receive, send).run(PairSplitCheck.self).findings.count == count)
    }

    @Test func oneCPUAndHintsAreNone() throws {
        #expect(try box(500, 300, on: 1).run(PairSplitCheck.self).findings.isEmpty)
        var box = box(500, 300)
        box.files["proc/irq/40/affinity_hint"] = "2"
        box.files["proc/irq/41/affinity_hint"] = "8"
        #expect(try box.run(PairSplitCheck.self).findings.isEmpty)
    }

    @Test func withoutMasksItIsUnknown() throws {
        var box = box(500, 300)
        box.remove("proc/irq")
        let run = try box.run(PairSplitCheck.self)
        #expect(run.unknown.first?.reason == "proc/irq/1/smp_affinity is not there")
        // The counts tell where they are served.
        #expect(run.findings.count == 1)
    }
}
