@testable import IRQCore
import TestSupport
import Testing

@Suite struct DefaultMaskTests {
    private func box(_ mask: String = "f") -> MemoryBox {
        var box = MemoryBox()
        box.isolate("2-3")
        box.files["proc/irq/default_smp_affinity"] = mask
        return box
    }

    @Test func hasIsolatedCPUs() throws {
        var box = box()
        box.files["proc/cmdline"] = "ro isolcpus=2-3 irqaffinity=0,1,2,3"
        let finding = try #require(try box.run(DefaultMaskCheck.self).findings.first)
        #expect(finding.severity == .warn)
        #expect(finding.evidence == "default_smp_affinity f has isolated 2-3 (irqaffinity=0,1,2,3)")
        #expect(finding.next == ["echo 3 >/proc/irq/default_smp_affinity", "# at boot: irqaffinity=0-1"])
        #expect(finding.undo == "echo f >/proc/irq/default_smp_affinity")
    }

    @Test func othersAreNone() throws {
        #expect(try box("3").run(DefaultMaskCheck.self).findings.isEmpty)
        var none = box()
        none.isolate("")
        #expect(try none.run(DefaultMaskCheck.self).findings.isEmpty)
    }

    @Test func whereItIsKeptOnPurposeItIsANote() throws {
        var box = box()
        box.task(900, "crio", isKernel: false)
        #expect(try box.run(DefaultMaskCheck.self).findings.first?.severity == .note)
    }

    @Test func withoutTheFileItIsUnknown() throws {
        var box = box()
        box.remove("proc/irq/default_smp_affinity")
        #expect(try box.run(DefaultMaskCheck.self).unknown.first?.reason == "proc/irq/default_smp_affinity is not there")
        var sets = self.box()
        sets.remove("sys/devices/system/cpu/isolated")
        #expect(try sets.run(DefaultMaskCheck.self).unknown.first?.reason.contains("cpu/isolated is not there") == true)
    }
}
