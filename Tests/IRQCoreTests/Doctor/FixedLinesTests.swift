@testable import IRQCore
import TestSupport
import Testing

@Suite struct FixedLinesTests {
    private func box(mode: Int? = 0o444, kernel: String = "6.12.30") -> MemoryBox {
        var box = MemoryBox()
        box.kernel = kernel
        box.line(0, "IO-APIC 2-edge", "timer")
        for queue in 1...4 {
            box.line(40 + queue, "PCI-MSIX-0000:01:00.0 \(queue)-edge", "nvme0q\(queue)", on: queue - 1)
            box.modes["proc/irq/\(40 + queue)/smp_affinity"] = mode
        }
        return box
    }

    @Test func byModes() throws {
        let run = try box().run(FixedLinesCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .note && finding.next.isEmpty)
        #expect(finding.evidence == "5 lines are fixed: nvme0q1-q4 managed, irq 0")
    }

    @Test func byNames() throws {
        // 6.1 says 0644 of all.
        let finding = try #require(try box(mode: 0o644, kernel: "6.1.0").run(FixedLinesCheck.self).findings.first)
        #expect(finding.evidence == "5 lines are fixed: nvme0q1-q4 probably managed, irq 0")
        #expect(finding.trust.hasPrefix("by their names only"))
        // 6.12 would say so.
        #expect(try box(mode: 0o644).run(FixedLinesCheck.self).findings.isEmpty)
    }

    @Test func byDebugfs() throws {
        var box = box(mode: nil, kernel: "6.1.0")
        box.line(45, "PCI-MSIX-0000:02:00.0 1-edge", "mpt3sas0-msix1")
        box.files["sys/kernel/debug/irq/irqs/45"] = "handler:  handle_edge_irq\ndstate:   0x37408200\n            IRQD_AFFINITY_MANAGED\n"
        let finding = try #require(try box.run(FixedLinesCheck.self).findings.first)
        #expect(finding.evidence == "6 lines are fixed: mpt3sas0-msix1 managed, nvme0q1-q4 probably managed, irq 0")
    }

    @Test func theTimerOfAPCIsNoNews() throws {
        var box = MemoryBox()
        box.line(0, "IO-APIC 2-edge", "timer")
        #expect(try box.run(FixedLinesCheck.self).findings.isEmpty)
    }

    @Test func isolatedCPUsHaveALever() throws {
        var box = box()
        box.isolate("2-3")
        #expect(try box.run(FixedLinesCheck.self).findings.first?.next == ["# the only lever, at boot: isolcpus=managed_irq,domain,2-3"])
    }

    @Test func withoutTheFilesItIsUnknown() throws {
        var box = MemoryBox()
        box.remove("proc/irq")
        let run = try box.run(FixedLinesCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason == "proc/irq/1/smp_affinity is not there")
    }

    @Test func namesInARow() {
        #expect(NameList.ranges(["nvme0q1", "nvme0q2", "nvme0q3", "nvme1q1", "nvme1q3"]) == "nvme0q1-q3, nvme1q1, nvme1q3")
        #expect(
            NameList.ranges(["virtio2-request", "virtio2-request", "virtio1-req.0", "virtio1-req.1"])
                == "virtio2-request (2), virtio1-req.0-1")
        #expect(NameList.few(["a", "b", "c"], limit: 2) == "a, b and 1 more")
    }
}
