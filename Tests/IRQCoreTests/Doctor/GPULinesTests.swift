@testable import IRQCore
import TestSupport
import Testing

@Suite struct GPULinesTests {
    private func box(_ perSecond: Double = 2_400, on cpu: Int = 1, node: Int? = 1, code: UInt32 = 0x030200) -> MemoryBox {
        var box = MemoryBox.twoNodes()
        box.line(110, "IR-PCI-MSI 1-edge", "nvidia", on: cpu, perSecond: perSecond, mask: CPUSet([cpu]).mask)
        box.devices[110] = [
            Device(address: "0000:c1:00.0", bus: "pci", driver: "nvidia", numaNode: node, classCode: code)
        ]
        return box
    }

    @Test func theOtherNode() throws {
        let run = try box().run(GPULinesCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .warn)
        #expect(finding.evidence == "nvidia 0000:c1:00.0 (node 1): 2.40k/s on CPU 1 of node 0")
        #expect(finding.next.first == "echo 4 >/proc/irq/110/smp_affinity_list")
        #expect(finding.undo == "echo 1 >/proc/irq/110/smp_affinity_list")
    }

    @Test(arguments: [(1_000.0, 1), (999, 0)])
    func rate(_ perSecond: Double, _ count: Int) throws {
        #expect(try box(perSecond).run(GPULinesCheck.self).findings.count == count)
    }

    @Test func isolatedAndFullCPUs() throws {
        #expect(try box(on: 5).run(GPULinesCheck.self).findings.isEmpty)
        var isolated = box(on: 5)
        isolated.isolate("5")
        #expect(try isolated.run(GPULinesCheck.self).findings.first?.evidence.hasSuffix("on CPU 5 which is isolated") == true)
        var full = box(on: 5)
        full.setTimes(5, softirq: 0.79)
        #expect(try full.run(GPULinesCheck.self).findings.isEmpty)
        full.setTimes(5, softirq: 0.8)
        #expect(try full.run(GPULinesCheck.self).findings.first?.evidence.contains("which is full: 80.0% softirq") == true)
    }

    @Test func othersAreNone() throws {
        var disk = box(code: 0x010802)
        disk.line(110, "IR-PCI-MSI 1-edge", "xhci_hcd", on: 1, perSecond: 5_000)
        #expect(try disk.run(GPULinesCheck.self).findings.isEmpty)
        #expect(try MemoryBox().run(GPULinesCheck.self).unknown.isEmpty)
    }

    @Test func whatIsNotToldIsUnknown() throws {
        var nodeless = box(node: nil)
        nodeless.files["proc/irq/110/node"] = "-1"
        #expect(try nodeless.run(GPULinesCheck.self).unknown.first?.reason == "irq 110 nvidia: no memory node is known (numa_node -1)")
        var times = box()
        times.remove("proc/stat")
        #expect(try times.run(GPULinesCheck.self).unknown.first?.reason == "proc/stat is not there")
    }
}
