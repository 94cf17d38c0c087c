@testable import IRQCore
import TestSupport
import Testing

@Suite struct MaskLostTests {
    /// Eight queues of virtio, queue i on CPU i but for the last one.
    private func box(last mask: String, cpus: Int = 8) -> MemoryBox {
        var box = MemoryBox(cpus: cpus)
        for queue in 0..<8 {
            let own = queue == 7 ? mask : CPUSet([queue]).mask
            box.line(40 + 2 * queue, "PCI-MSIX-0000:00:03.0 \(2 * queue)-edge", "virtio0-input.\(queue)", on: queue % cpus, mask: own)
            box.line(
                41 + 2 * queue, "PCI-MSIX-0000:00:03.0 \(2 * queue + 1)-edge", "virtio0-output.\(queue)", on: queue % cpus,
                mask: CPUSet([queue]).mask)
        }
        return box
    }

    @Test func anotherQueuesCPU() throws {
        var box = box(last: "01")
        box.log?.append("[ 4000.000000] smpboot: CPU 7 is now offline")
        let run = try box.run(MaskLostCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .warn)
        #expect(finding.evidence == "virtio0-input.7: mask 0 as virtio0-input.0; CPU 7 was offline")
        #expect(finding.next.first == "echo 7 >/proc/irq/54/smp_affinity_list")
        #expect(finding.undo == "echo 0 >/proc/irq/54/smp_affinity_list")
    }

    @Test(arguments: ["ff", "7f"])
    func allCPUs(_ mask: String) throws {
        let finding = try #require(try box(last: mask).run(MaskLostCheck.self).findings.first)
        #expect(finding.evidence.hasPrefix("virtio0-input.7: mask 0-\(mask == "ff" ? 7 : 6)"))
        #expect(finding.evidence.hasSuffix("; CPU 7 has none"))
    }

    @Test func bothLinesOfAQueueAreOneFinding() throws {
        var box = box(last: "7f")
        box.files["proc/irq/55/smp_affinity"] = "7f"
        let found = try box.run(MaskLostCheck.self).findings
        #expect(found.count == 1)
        #expect(found[0].evidence == "virtio0-input.7: mask 0-6, virtio0-output.7: mask 0-6; CPU 7 has none")
        #expect(found[0].lines == [54, 55])
    }

    @Test func queuesWithMasksAsTheyShouldBeAreNone() throws {
        #expect(try box(last: "80").run(MaskLostCheck.self).findings.isEmpty)
        // Two CPUs of eight were meant.
        #expect(try box(last: "81").run(MaskLostCheck.self).findings.isEmpty)
    }

    @Test func whatIrqbalanceChoseIsNone() throws {
        var box = box(last: "01")
        box.runIrqbalance()
        // Somebody had them in order.
        #expect(try box.run(MaskLostCheck.self).findings.count == 1)
        for (queue, cpu) in [5, 2, 7, 1, 6, 3, 4, 5].enumerated() {
            box.files["proc/irq/\(40 + 2 * queue)/smp_affinity"] = CPUSet([cpu]).mask
        }
        #expect(try box.run(MaskLostCheck.self).findings.isEmpty)
    }

    /// Three of four queues have a CPU each; of three, two are too few to be the rule.
    @Test(arguments: [(4, 1), (3, 0)])
    func aRuleNeedsThreeQuarters(_ queues: Int, _ count: Int) throws {
        var box = MemoryBox()
        box.addCard(
            places: Array(0..<queues), perSecond: [0], masks: (0..<queues).map { $0 == queues - 1 ? "f" : CPUSet([$0]).mask })
        #expect(try box.run(MaskLostCheck.self).findings.count == count)
    }

    @Test func moreQueuesThanCPUsShareThem() throws {
        var box = MemoryBox()
        box.addCard(places: [0, 1, 2, 3, 0], perSecond: [0], masks: ["1", "2", "4", "8", "1"])
        #expect(try box.run(MaskLostCheck.self).findings.isEmpty)
        // Four CPUs for interrupts, and eight queues two by two.
        var apart = self.box(last: "08")
        for queue in 4..<8 {
            for irq in [40 + 2 * queue, 41 + 2 * queue] {
                apart.files["proc/irq/\(irq)/smp_affinity"] = CPUSet([queue - 4]).mask
            }
        }
        #expect(try apart.run(MaskLostCheck.self).findings.isEmpty)
    }

    @Test func withoutMasksItIsUnknown() throws {
        var box = box(last: "01")
        box.remove("proc/irq")
        #expect(try box.run(MaskLostCheck.self).unknown.first?.reason == "proc/irq/1/smp_affinity is not there")
    }

    @Test(arguments: [
        ("smpboot: CPU 7 is now offline", 7), ("psci: CPU3 killed (polled 0 ms)", 3), ("smpboot: CPU x is now offline", nil),
        ("smpboot: Booting Node 0 Processor 7 APIC 0x7", nil),
    ])
    func wordsOfTheLog(_ text: String, _ cpu: Int?) {
        #expect(MaskLostCheck.offlineCPU(text) == cpu)
    }
}
