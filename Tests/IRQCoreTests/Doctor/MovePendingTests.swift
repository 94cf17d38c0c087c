@testable import IRQCore
import TestSupport
import Testing

@Suite struct MovePendingTests {
    private func box(_ chip: String = "PCI-MSI", perSecond: Double = 0) -> MemoryBox {
        var box = MemoryBox()
        box.line(31, "\(chip) 327680-edge", "xhci_hcd", on: 0, perSecond: perSecond, mask: "8")
        return box
    }

    @Test(arguments: ["PCI-MSI", "PCI-MSIX-0000:00:14.0", "IO-APIC"])
    func waits(_ chip: String) throws {
        let run = try box(chip).run(MovePendingCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .note)
        #expect(finding.evidence == "irq 31 xhci_hcd: mask 3, still on CPU 0 until its next interrupt")
        #expect(finding.next.allSatisfy { $0.hasPrefix("# ") })
    }

    @Test(arguments: ["IR-PCI-MSI", "GICv3", "ITS-MSI"])
    func chipsThatMoveAtOnceDoNotWait(_ chip: String) throws {
        #expect(try box(chip).run(MovePendingCheck.self).findings.isEmpty)
    }

    @Test func aLineThatCameOrIsInItsMaskDoesNotWait() throws {
        #expect(try box(perSecond: 0.1).run(MovePendingCheck.self).findings.isEmpty)
        var box = box()
        box.files["proc/irq/31/effective_affinity"] = "8"
        #expect(try box.run(MovePendingCheck.self).findings.isEmpty)
    }

    @Test func withoutTheFilesItIsUnknown() throws {
        var box = box()
        for line in [1, 9, 27, 28, 31] { box.remove("proc/irq/\(line)/effective_affinity") }
        let run = try box.run(MovePendingCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason == "proc/irq/1/effective_affinity is not there")
        box.remove("proc/irq")
        #expect(try box.run(MovePendingCheck.self).unknown.first?.reason == "proc/irq/1/smp_affinity is not there")
    }

    @Test func manyLinesAreCounted() throws {
        var box = MemoryBox()
        for irq in 40..<48 { box.line(irq, "PCI-MSI 1-edge", "dev\(irq)", on: 0, mask: "4") }
        let found = try box.run(MovePendingCheck.self).findings
        #expect(found.count == 1 && found[0].lines == Set(40..<48))
        #expect(found[0].evidence.hasPrefix("irq 40 dev40, irq 41 dev41") && found[0].evidence.contains("dev44 and 3 more, each: mask 2"))
    }
}
