import TestSupport
import Testing

@testable import IRQCore

@Suite struct BlockQueuesTests {
    /// A disk with queues of so many interrupts per second; queue N may go to CPU N only, and comes to a CPU of `places`.
    private func box(_ rates: [Double], on places: [Int], cpus: Int = 8, masks: [String]? = nil) -> MemoryBox {
        var box = MemoryBox(cpus: cpus)
        for (index, rate) in rates.enumerated() {
            let mask = masks?[index] ?? String(1 << index, radix: 16)
            box.line(
                80 + index, "PCI-MSIX-0000:04:00.0 \(index + 1)-edge", "nvme0q\(index + 1)", on: places[index], perSecond: rate,
                mask: mask)
        }
        return box
    }

    @Test func allQueuesComeToOneCPU() throws {
        let box = box(Array(repeating: 100, count: 8), on: Array(repeating: 0, count: 8))
        let finding = try #require(try box.run(BlockQueuesCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.subject == "nvme0")
        #expect(finding.evidence == "nvme0: 8 queues, 800/s, 100% on CPU 0, masks 0 … 7")
        #expect(finding.lines == Set(80..<88) && finding.cpus.contains(0))
    }

    @Test func silent() throws {
        // One queue on another CPU; one busy queue; the same mask for all (one-cpu-device tells that).
        #expect(try box([100, 100, 1], on: [0, 0, 1]).run(BlockQueuesCheck.self).findings.isEmpty)
        #expect(try box([100, 0, 0], on: [0, 0, 0]).run(BlockQueuesCheck.self).findings.isEmpty)
        #expect(try box([100, 100], on: [0, 0], masks: ["f", "f"]).run(BlockQueuesCheck.self).findings.isEmpty)
    }

    @Test(arguments: [(8, 0.7, 0), (9, 0.7, 1), (9, 0.69, 0)])
    func fewQueues(_ cpus: Int, _ share: Double, _ count: Int) throws {
        var box = box([4000, 3000], on: [0, 1], cpus: cpus)
        box.setTimes(0, softirq: share)
        let findings = try box.run(BlockQueuesCheck.self).findings
        #expect(findings.count == count)
        guard let finding = findings.first else { return }
        #expect(finding.severity == .note && finding.evidence == "nvme0: 2 queues for 9 CPUs, CPU 0 70.0% softirq")
    }

    @Test func aDiskWithOneLine() throws {
        var box = MemoryBox(cpus: 8)
        box.line(27, "PCI-MSI 512000-edge", "ahci[0000:00:1f.2]", on: 3, perSecond: 5000)
        box.devices[27] = [Device(address: "0000:00:1f.2", bus: "pci", driver: "ahci")]
        var parts = LineParts()
        parts.disks = ["sda"]
        box.parts["0000:00:1f.2"] = parts
        box.files["sys/block/sda/mq/0/cpu_list"] = "0, 1, 2, 3, 4, 5, 6, 7"
        box.setTimes(3, irq: 0.3, softirq: 0.5)
        let finding = try #require(try box.run(BlockQueuesCheck.self).findings.first)
        #expect(finding.evidence == "sda: 1 queue for 8 CPUs, CPU 3 30.0% irq, 50.0% softirq")
    }

    @Test func withoutAFileItIsUnknown() throws {
        let empty = try MemoryBox().run(BlockQueuesCheck.self)
        #expect(empty.unknown.first?.reason.hasPrefix("sys/block is not there") == true)
        var box = box([100, 100], on: [0, 0])
        box.remove("proc/irq/81/smp_affinity")
        let run = try box.run(BlockQueuesCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason == "proc/irq/81/smp_affinity is not there")
    }
}

@Suite struct BlockIsolatedTests {
    /// A disk whose managed queue has a mask and comes to a CPU; 4-7 are isolated.
    private func box(_ rate: Double, mask: String = "80", on cpu: Int = 7, action: String = "nvme1q9") -> MemoryBox {
        var box = MemoryBox(cpus: 8)
        box.kernel = "6.12.0"
        box.files["sys/devices/system/cpu/isolated"] = "4-7"
        box.files["proc/cmdline"] = "quiet isolcpus=4-7"
        box.line(90, "PCI-MSIX-0000:04:00.0 9-edge", action, on: cpu, perSecond: rate, mask: mask)
        box.modes["proc/irq/90/smp_affinity"] = 0o444
        return box
    }

    @Test func somebodyThereReads() throws {
        let finding = try #require(try box(120).run(BlockIsolatedCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.evidence == "nvme1q9 on isolated CPU 7: 120/s, submitted there")
        #expect(finding.next.first?.hasPrefix("irqscope record --deep ") == true)
    }

    @Test func theOptionWouldAvoidIt() throws {
        var box = box(120, mask: "18", on: 4)
        let finding = try #require(try box.run(BlockIsolatedCheck.self).findings.first)
        #expect(finding.evidence == "nvme1q9 on isolated CPU 4: 120/s, mask 3-4")
        #expect(finding.next.first?.hasPrefix("# at boot: isolcpus=managed_irq,domain,4-7") == true)
        box.files["proc/cmdline"] = "quiet isolcpus=managed_irq,domain,4-7"
        #expect(try box.run(BlockIsolatedCheck.self).findings.first?.next.count == 1)
    }

    @Test func silent() throws {
        #expect(try box(9.9).run(BlockIsolatedCheck.self).findings.isEmpty)
        #expect(try box(10).run(BlockIsolatedCheck.self).findings.count == 1)
        #expect(try box(0).run(BlockIsolatedCheck.self).findings.isEmpty)
        #expect(try box(120, mask: "08", on: 3).run(BlockIsolatedCheck.self).findings.isEmpty)
        // A line that somebody may move is iso-lines' matter.
        var free = box(120, action: "eth1-TxRx-1")
        free.modes["proc/irq/90/smp_affinity"] = 0o644
        #expect(try free.run(BlockIsolatedCheck.self).findings.isEmpty)
        var none = box(120)
        none.files["sys/devices/system/cpu/isolated"] = ""
        let run = try none.run(BlockIsolatedCheck.self)
        #expect(run.findings.isEmpty && run.unknown.isEmpty)
    }

    @Test func withoutItsFileItIsUnknown() throws {
        var box = box(120)
        box.remove("sys/devices/system/cpu/isolated")
        let run = try box.run(BlockIsolatedCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason == "sys/devices/system/cpu/isolated is not there")
    }
}
