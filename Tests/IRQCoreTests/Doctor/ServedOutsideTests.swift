@testable import IRQCore
import TestSupport
import Testing

@Suite struct ServedOutsideTests {
    /// A line with mask 0 that is served on CPU 2.
    private func box(_ perSecond: Double, chip: String = "IR-PCI-MSI") -> MemoryBox {
        var box = MemoryBox()
        box.line(161, "\(chip) 166-edge", "rp1_eth", on: 2, perSecond: perSecond, mask: "1")
        return box
    }

    @Test(arguments: ["IR-PCI-MSI", "GICv3", "rp1_irq_chip", "PCI-MSI"])
    func servedElsewhere(_ chip: String) throws {
        let run = try box(900, chip: chip).run(ServedOutsideCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .warn)
        #expect(finding.evidence == "irq 161 rp1_eth: mask 0, all 900/s on CPU 2")
    }

    @Test(arguments: [(9.9, 0), (10, 1)])
    func rate(_ perSecond: Double, _ count: Int) throws {
        #expect(try box(perSecond).run(ServedOutsideCheck.self).findings.count == count)
    }

    /// 20 a second outside of 10,000 are what a move leaves; of 2,000 they are too many.
    @Test(arguments: [(10_000.0, 0), (2_000, 1)])
    func share(_ all: Double, _ count: Int) throws {
        var box = box(20)
        box.setRow("161", delta: [UInt64((all - 20) * 10), 0, 200, 0])
        let found = try box.run(ServedOutsideCheck.self).findings
        #expect(found.count == count)
        if count > 0 { #expect(found[0].evidence.contains("20.0/s of 2.00k/s on CPU 2")) }
    }

    @Test func aMaskThatChangedMeanwhileIsNone() throws {
        // The line was where its old mask had it.
        var box = box(900)
        box.files["proc/irq/161/smp_affinity"] = "4"
        box.later["proc/irq/161/smp_affinity"] = "1"
        #expect(try box.run(ServedOutsideCheck.self).findings.isEmpty)
        // Without remapping it waits for its next interrupt, wherever it came before.
        var late = self.box(900, chip: "PCI-MSI")
        late.files["proc/irq/161/smp_affinity"] = "2"
        late.later["proc/irq/161/smp_affinity"] = "1"
        #expect(try late.run(ServedOutsideCheck.self).findings.isEmpty)
    }

    @Test func linesThatNobodyMovesAreLeftOut() throws {
        var box = box(900)
        box.modes["proc/irq/161/smp_affinity"] = 0o444
        #expect(try box.run(ServedOutsideCheck.self).findings.isEmpty)
        #expect(try self.box(900, chip: "VMD-MSI").run(ServedOutsideCheck.self).findings.isEmpty)
    }

    @Test func withoutMasksItIsUnknown() throws {
        var box = box(900)
        box.remove("proc/irq")
        let run = try box.run(ServedOutsideCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason == "proc/irq/1/smp_affinity is not there")
    }

    @Test func oneSampleGoesByTheControllersWord() throws {
        var box = box(900)
        box.hasTwoSamples = false
        let run = try box.run(ServedOutsideCheck.self)
        #expect(run.unknown.count == 1)
        #expect(run.findings.allSatisfy { $0.severity == .note })
        box.files["proc/irq/161/effective_affinity"] = "1"
        #expect(try box.run(ServedOutsideCheck.self).findings.isEmpty)
    }
}
