import TestSupport
import Testing

@testable import IRQCore

@Suite struct INTxSharedTests {
    private func box(_ perSecond: Double = 0, chip: String = "IO-APIC 16-fasteoi") -> MemoryBox {
        var box = MemoryBox()
        box.line(16, chip, "i801_smbus, ehci_hcd:usb1, snd_hda_intel:card0", on: 2, perSecond: perSecond)
        box.devices[16] = [
            Device(address: "0000:00:1f.3", bus: "pci", driver: "i801_smbus"),
            Device(address: "0000:00:1a.0", bus: "pci", driver: "ehci-pci"),
            Device(address: "0000:00:1b.0", bus: "pci", driver: "snd_hda_intel"),
            Device(address: "0000:00:16.0", bus: "pci"),
        ]
        return box
    }

    @Test func threeShareAWire() throws {
        let finding = try #require(try box().run(INTxSharedCheck.self).findings.first)
        #expect(finding.severity == .note && finding.subject == "irq 16")
        #expect(
            finding.evidence
                == "irq 16: i801_smbus 00:1f.3, ehci-pci 00:1a.0, snd_hda_intel 00:1b.0; each interrupt calls all three")
        #expect(finding.next.first == "irqscope list --irq 16")
    }

    @Test(arguments: [(999.0, DoctorSeverity.note), (1000, .warn)])
    func levels(_ perSecond: Double, _ severity: DoctorSeverity) throws {
        #expect(try box(perSecond).run(INTxSharedCheck.self).findings.map(\.severity) == [severity])
    }

    @Test func unhandledOnesAreAWarning() throws {
        var box = box(500)
        box.files["proc/irq/16/spurious"] = "count 60\nunhandled 60\nlast_unhandled 5000 ms"
        box.later["proc/irq/16/spurious"] = "count 5060\nunhandled 5060\nlast_unhandled 15000 ms"
        #expect(try box.run(INTxSharedCheck.self).findings.map(\.severity) == [.warn])
    }

    @Test func oneDeviceIsNoSharing() throws {
        var box = box()
        box.devices[16] = [Device(address: "0000:00:1c.0", bus: "pci", driver: "pcieport")]
        #expect(try box.run(INTxSharedCheck.self).findings.isEmpty)
        // An edge has no second raiser that is served; a message has one sender.
        #expect(try self.box(chip: "IO-APIC 4-edge").run(INTxSharedCheck.self).findings.isEmpty)
        #expect(try self.box(chip: "PCI-MSI 409600-edge").run(INTxSharedCheck.self).findings.isEmpty)
    }

    @Test func withoutSysItIsToldByNames() throws {
        var box = box()
        box.devices = [:]
        let run = try box.run(INTxSharedCheck.self)
        #expect(run.findings.first?.evidence.hasPrefix("irq 16: i801_smbus, ehci_hcd:usb1, snd_hda_intel:card0") == true)
        #expect(run.unknown.count == 1)
        box.line(16, "IO-APIC 16-fasteoi", "PCIe PME, aerdrv, pciehp")
        #expect(try box.run(INTxSharedCheck.self).findings.isEmpty)
    }

    @Test func handlersOfOneChipAreNoSharing() throws {
        var box = MemoryBox()
        box.line(27, "IR-IO-APIC 27-fasteoi", "idma64.0, i2c_designware.0")
        box.line(93, "GICv3 93 Level", "pcie, wlan0")
        #expect(try box.run(INTxSharedCheck.self).findings.isEmpty)
    }

    @Test func aSecondDriverGotNoInterrupt() throws {
        var box = MemoryBox()
        box.log?.append("[ 3.5] genirq: Flags mismatch irq 17. 00000080 (foo) vs. 00000000 (bar)")
        #expect(try box.run(INTxSharedCheck.self).findings.map(\.severity) == [.warn])
    }
}
