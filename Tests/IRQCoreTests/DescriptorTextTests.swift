import Foundation
import Testing
import TestSupport

@testable import IRQCore

/// What follows the counts of numbered rows, of many machines (kernel/irq/proc.c `show_interrupts`).
@Suite struct DescriptorTextTests {
    typealias Case = (text: String, chip: String?, hwirq: UInt64?, trigger: String?, actions: [String])

    static let cases: [Case] = [
        ("PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0", "PCI-MSIX-0000:00:02.0", 1, "edge", ["virtio1-req.0"]),
        ("GICv3  27 Level     arch_timer", "GICv3", 27, "level", ["arch_timer"]),
        ("SiFive PLIC   1 Edge      ccache_ecc", "SiFive PLIC", 1, "edge", ["ccache_ecc"]),
        ("SiFive PLIC  32 Edge      ttyS0", "SiFive PLIC", 32, "edge", ["ttyS0"]),
        ("IR-IO-APIC-fasteoi   ehci_hcd:usb2", "IR-IO-APIC", nil, "level", ["ehci_hcd:usb2"]),
        ("IR-PCI-MSI-edge      snd_hda_intel", "IR-PCI-MSI", nil, "edge", ["snd_hda_intel"]),
        ("GIC  s3c2410-wdt", "GIC", nil, nil, ["s3c2410-wdt"]),
        ("GIC  27 Edge      gt", "GIC", 27, "edge", ["gt"]),
        ("combiner  exynos-sysmmu.11", "combiner", nil, nil, ["exynos-sysmmu.11"]),
        (
            "IO-APIC   27-fasteoi   idma64.0, i2c_designware.0", "IO-APIC", 27, "level",
            ["idma64.0", "i2c_designware.0"]
        ),
        ("IO-APIC    1-edge      i8042", "IO-APIC", 1, "edge", ["i8042"]),
        ("dummy   21  elan_i2c", "dummy", 21, nil, ["elan_i2c"]),
        ("icu 112  asc_tx", "icu", 112, nil, ["asc_tx"]),
        ("MIPS   0  IPI call", "MIPS", 0, nil, ["IPI call"]),
        ("XIVE-IPI   0 Edge      IPI-0", "XIVE-IPI", 0, "edge", ["IPI-0"]),
        ("XIVE-IRQ 4096 Edge      virtio3, virtio0, virtio2", "XIVE-IRQ", 4096, "edge", ["virtio3", "virtio0", "virtio2"]),
        ("ITS-MSI 142606344 Edge      PCIe PME", "ITS-MSI", 142_606_344, "edge", ["PCIe PME"]),
        ("9030000.pl061   3 Edge      GPIO Key Poweroff", "9030000.pl061", 3, "edge", ["GPIO Key Poweroff"]),
        ("GICv3  52 Edge      ACPI:Ged", "GICv3", 52, "edge", ["ACPI:Ged"]),
        ("bcm2836-timer   1 Edge      arch_timer", "bcm2836-timer", 1, "edge", ["arch_timer"]),
        (
            "ARMCTRL-level  64 Edge      dwc_otg, dwc_otg_pcd, dwc_otg_hcd:usb1", "ARMCTRL-level", 64, "edge",
            ["dwc_otg", "dwc_otg_pcd", "dwc_otg_hcd:usb1"]
        ),
        ("PCI-MSI  mlx5_async@pci:0002:00:00.0", "PCI-MSI", nil, nil, ["mlx5_async@pci:0002:00:00.0"]),
        ("PCI-MSI-edge      eth0-TxRx-2", "PCI-MSI", nil, "edge", ["eth0-TxRx-2"]),
        ("IO-APIC-fasteoi   uhci_hcd:usb5", "IO-APIC", nil, "level", ["uhci_hcd:usb5"]),
        ("xen-percpu-virq      timer1", "xen-percpu-virq", nil, nil, ["timer1"]),
        ("xen-pirq-ioapic-edge  i8042", "xen-pirq-ioapic", nil, "edge", ["i8042"]),
        ("PCI-MSI-0000:00:1d.0    0-edge      PCIe PME, PCIe bwctrl", "PCI-MSI-0000:00:1d.0", 0, "edge", ["PCIe PME", "PCIe bwctrl"]),
        ("PCI-MSIX-0000:00:14.3    0-edge      iwlwifi:default_queue", "PCI-MSIX-0000:00:14.3", 0, "edge", ["iwlwifi:default_queue"]),
        ("IO-APIC  16-fasteoi   fglrx[0]@PCI:1:0:0", "IO-APIC", 16, "level", ["fglrx[0]@PCI:1:0:0"]),
        // Guests of Xen have a flow without a hwirq; on arm64 a trigger stands between.
        ("xen-dyn    -event     xenbus", "xen-dyn", nil, nil, ["xenbus"]),
        ("xen-percpu    -virq      timer0", "xen-percpu", nil, nil, ["timer0"]),
        ("xen-dyn     Edge    -event     xenbus, eth0-q0-tx", "xen-dyn", nil, "edge", ["xenbus", "eth0-q0-tx"]),
        // A comma without a blank belongs to the name.
        ("GICv2  77 Level     arm,pl330, fsl,mu", "GICv2", 77, "level", ["arm,pl330", "fsl,mu"]),
        // Actions that begin with digits are no hwirq.
        ("GIC  12c00000.codec", "GIC", nil, nil, ["12c00000.codec"]),
        ("-   3 Edge      x", "-", 3, "edge", ["x"]),
        ("None   7  y", "None", 7, nil, ["y"]),
        ("IO-APIC   9-fasteoi", "IO-APIC", 9, "level", []),
        ("GICv3  99999999999999999999 Level     huge", "GICv3", nil, "level", ["huge"]),
        ("", nil, nil, nil, []), ("   ", nil, nil, nil, []), (",", ",", nil, nil, []),
    ]

    @Test(arguments: cases.indices) func partsAreFound(index: Int) {
        let expected = Self.cases[index]
        let found = DescriptorText(expected.text)
        #expect(found.chip == expected.chip, "\(expected.text)")
        #expect(found.hwirq == expected.hwirq, "\(expected.text)")
        #expect(found.trigger == expected.trigger, "\(expected.text)")
        #expect(found.actions == expected.actions, "\(expected.text)")
    }

    @Test(
        arguments: [
            ("PCI-MSIX-0000:00:02.0", 1, .msiX), ("PCI-MSI", 98_304, .msi), ("IR-PCI-MSI", nil, .msi), ("ITS-MSI", 3, .lpi),
            ("IO-APIC", 9, .wired), ("GICv3", 5, .sgi), ("GICv3", 27, .ppi), ("GICv3", 33, .spi), ("GICv3", 1056, .ppi),
            ("GICv3", 4096, .spi), ("GICv3", 8192, .lpi), ("XIVE-IPI", 0, .ipi), ("RISC-V INTC", 5, .perCPU),
            ("xen-percpu-virq", nil, .perCPU), ("MSI", 32_768, .msi), (nil, nil, nil),
        ] as [(String?, UInt64?, Delivery?)])
    func deliveryIsToldByChipAndNumber(chip: String?, hwirq: UInt64?, delivery: Delivery?) {
        var line = DescriptorText()
        (line.chip, line.hwirq) = (chip, hwirq)
        #expect(Delivery(line) == delivery)
    }

    @Test(
        arguments: [
            ("LOC", "Local timer interrupts", .perCPU), ("RES", "Rescheduling interrupts", .ipi), ("IPI3", "CPU stop", .ipi),
            ("ERR", "", nil), ("Err", "", nil), ("MIS", "", nil), ("FIQ", "usb_fiq", nil),
        ] as [(String, String, Delivery?)])
    func deliveryIsToldByTheLabel(label: String, text: String, delivery: Delivery?) {
        #expect(Delivery(architectureLabel: label, text: text) == delivery)
    }
}
