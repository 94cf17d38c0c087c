@testable import IRQCore
import TestSupport
import Testing

@Suite struct IrqbalanceMovesTests {
    private func box(_ perSecond: Double = 5_000, to mask: String = "8") -> MemoryBox {
        var box = MemoryBox()
        box.seconds = 12
        box.line(60, "IR-PCI-MSI 1-edge", "eno2-TxRx-1", on: 2, perSecond: perSecond, mask: "4")
        box.later["proc/irq/60/smp_affinity"] = mask
        box.runIrqbalance()
        return box
    }

    @Test func aBusyLineMoved() throws {
        var box = box()
        box.devices[60] = [Device(address: "0000:3b:00.0", bus: "pci", driver: "ice")]
        let run = try box.run(IrqbalanceMovesCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .warn)
        #expect(finding.evidence == "irqbalance moved 1 line in 12 s: eno2-TxRx-1 2→3")
        #expect(finding.next[0] == "systemctl disable --now irqbalance")
        #expect(finding.next[1].contains("IRQBALANCE_ARGS=\"--banmod=ice\" in /etc/default/irqbalance"))
        #expect(finding.undo == "systemctl enable --now irqbalance")
    }

    @Test(arguments: [(1_000.0, DoctorSeverity.warn), (999, .note), (1, .note)])
    func levels(_ perSecond: Double, _ severity: DoctorSeverity) throws {
        #expect(try box(perSecond).run(IrqbalanceMovesCheck.self).findings.first?.severity == severity)
    }

    @Test func ontoIsolatedCPUs() throws {
        var box = box(1)
        box.isolate("3")
        let finding = try #require(try box.run(IrqbalanceMovesCheck.self).findings.first)
        #expect(finding.severity == .warn && finding.evidence.hasSuffix("eno2-TxRx-1 2→3 (isolated)"))
        #expect(finding.cpus == CPUSet([3]))
    }

    @Test func othersAreNone() throws {
        #expect(try box(to: "4").run(IrqbalanceMovesCheck.self).findings.isEmpty)
        // A line that began a moment ago.
        var new = box()
        new.line(60, "IR-PCI-MSI 1-edge", "eno2-TxRx-1", on: 2, perSecond: 5_000, past: 0, mask: "4")
        #expect(try new.run(IrqbalanceMovesCheck.self).findings.isEmpty)
        var once = box()
        once.runIrqbalance(words: ["irqbalance", "--oneshot"])
        #expect(try once.run(IrqbalanceMovesCheck.self).findings.isEmpty)
        // Somebody else did it.
        var stopped = box()
        stopped.tasks[700] = nil
        #expect(try stopped.run(IrqbalanceMovesCheck.self).findings.isEmpty)
    }

    @Test func whatProvesNothingIsUnknown() throws {
        var short = box(to: "4")
        short.seconds = 2
        #expect(try short.run(IrqbalanceMovesCheck.self).unknown.first?.reason.contains("2.0 s apart prove nothing") == true)
        var one = box()
        one.hasTwoSamples = false
        #expect(try one.run(IrqbalanceMovesCheck.self).unknown.count == 1)
        var blind = box()
        blind.tasks = [:]
        let run = try blind.run(IrqbalanceMovesCheck.self)
        #expect(run.findings.isEmpty && run.unknown.first?.reason.contains("no process can be seen") == true)
        var masks = box()
        masks.remove("proc/irq")
        #expect(try masks.run(IrqbalanceMovesCheck.self).unknown.first?.reason == "proc/irq/1/smp_affinity is not there")
    }

    @Test func aCopyWithNamesOnly() throws {
        var box = box()
        box.tasks = [:]
        box.files["proc/700/comm"] = "irqbalance\n"
        #expect(try box.run(IrqbalanceMovesCheck.self).findings.count == 1)
    }
}
