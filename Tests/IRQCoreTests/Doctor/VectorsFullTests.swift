import TestSupport
import Testing

@testable import IRQCore

@Suite struct VectorsFullTests {
    /// The table of debugfs, with so many free ones on CPU 1.
    private func table(_ free: Int) -> String {
        """
        name:   VECTOR
         size:   0
        Online bitmaps:        4
        Global available:    603
        System: 38: 0-19,50,128,236,240-242,244,246-255
         | CPU | avl | man | mac | act | vectors
             0   201     0     0    0  32-49
             1   \(free)     8     3    \(193 - free + 3)  32-49,51-127
             2   201     0     0    0
             3   201     0     0    0
        """
    }

    @Test func aCPUHasNoneLeft() throws {
        var box = MemoryBox()
        box.files["sys/kernel/debug/irq/domains/VECTOR"] = table(0)
        for irq in 100..<109 {
            box.line(irq, "PCI-MSIX-0000:3b:00.0 1-edge", "ice-ens1-TxRx-\(irq - 100)", on: 2, mask: "2")
            box.devices[irq] = [Device(address: "0000:3b:00.0", bus: "pci", driver: "ice", name: "ens1", kind: "net")]
        }
        box.parts["0000:3b:00.0"] = LineParts()
        let finding = try #require(try box.run(VectorsFullCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.lines.count == 9)
        #expect(finding.evidence == "9 lines of ice could not go to CPU 1 (0 of 201 vectors left)", "\(finding.evidence)")
        #expect(finding.next.first == "ethtool -L ens1 combined 4", "\(finding.next)")
    }

    @Test(arguments: [(5, true), (6, false)]) func fewAreLeft(_ free: Int, _ isFound: Bool) throws {
        var box = MemoryBox()
        box.files["sys/kernel/debug/irq/domains/VECTOR"] = table(free)
        #expect(try box.run(VectorsFullCheck.self).findings.isEmpty == !isFound)
    }

    @Test(arguments: [
        "irq 28: Affinity broken due to vector space exhaustion.",
        "x86/apic: Interrupt reservation exceeds available resources",
        "CPU 2 has 180 vectors, 12 available. Cannot disable CPU",
    ])
    func theLogSaysSo(_ words: String) throws {
        var box = MemoryBox()
        box.log?.append("[ 99.1] \(words)")
        #expect(try box.run(VectorsFullCheck.self).findings.map(\.severity) == [.warn])
    }

    @Test(arguments: [(180, true), (179, false)]) func manyLinesOnOneCPU(_ count: Int, _ isFound: Bool) throws {
        var box = MemoryBox()
        // The healthy box has two lines on CPU 0 already.
        for irq in 100..<(100 + count - 2) { box.line(irq, "PCI-MSI 1-edge", "x\(irq)") }
        #expect(try box.run(VectorsFullCheck.self).findings.isEmpty == !isFound)
    }

    @Test func withoutLogAndTableItIsUnknown() throws {
        var box = MemoryBox()
        box.log = nil
        #expect(try box.run(VectorsFullCheck.self).unknown.count == 1)
        box = MemoryBox()
        for irq in [1, 9, 27, 28] { box.remove("proc/irq/\(irq)/effective_affinity") }
        #expect(try box.run(VectorsFullCheck.self).unknown.count == 1)
    }
}
