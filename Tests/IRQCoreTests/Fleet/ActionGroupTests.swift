import Testing

@testable import IRQCore

/// The names that handlers of many queues have in common, and the words for what they are for.
@Suite struct ActionGroupTests {
    static let network = Device(address: "0000:3b:00.0", bus: "pci", driver: "sfc", name: "ens1f0", kind: "net")
    static let storage = Device(address: "0000:5e:00.0", bus: "pci", driver: "lpfc", name: "host3", kind: "host")

    @Test(arguments: [
        ("eth0-TxRx-3", "eth0-TxRx-*"), ("eth0-TxRx-63", "eth0-TxRx-*"), ("eth0-Tx-Rx-3", "eth0-Tx-Rx-*"),
        ("ice-eth0-TxRx-3", "ice-eth0-TxRx-*"), ("mlx5_comp3@pci:0000:3b:00.0", "mlx5_comp*@pci:0000:3b:00.0"),
        ("mana_q12@pci:7870:00:00.0", "mana_q*@pci:7870:00:00.0"), ("gve-ntfy-blk3@pci:0000:00:04.0", "gve-ntfy-blk*@pci:0000:00:04.0"),
        ("virtio0-input.3", "virtio0-input.*"), ("virtio0-output.3", "virtio0-output.*"), ("virtio12-req.3", "virtio12-req.*"),
        ("nvme0q3", "nvme0q*"), ("nvme10q31", "nvme10q*"), ("megasas0-msix3", "megasas0-msix*"), ("eth0-q3-rx", "eth0-q*-rx"),
        ("eth0-q3-tx", "eth0-q*-tx"), ("eth0:rx-3", "eth0:rx-*"), ("eth0-3", "eth0-*"), ("eth0-Rx3", "eth0-Rx*"),
        ("vfio-msix[3](0000:3b:00.0)", "vfio-msix[*](0000:3b:00.0)"),
    ]) func queuesHaveOneName(action: String, group: String) {
        #expect(ActionGroup.name(of: action) == group)
    }

    /// What is no queue keeps its name, and so do the lines by which a device tells of itself.
    @Test(arguments: [
        "acpi", "rtc0", "i8042", "ahci[0000:00:1f.2]", "0000:00:1f.2", "nvme0q0", "mlx5_async0@pci:0000:3b:00.0", "eth0", "virtio0-config",
        "virtio2-request", "dmar0", "ttyS0", "i2c_designware.3", "9030000.pl061", "ehci_hcd:usb1", "mmc0", "", "*", "-1", "i40e-eth0:misc",
        "i40e-0000:3b:00.0:misc", "snd_hda_intel:card0", "idma64.0", "PCIe PME, aerdrv", "vfio-msix[](0000:3b:00.0)", "IPI-0",
        String(repeating: "x", count: 300) + "-TxRx-3",
    ]) func othersKeepTheirs(action: String) {
        #expect(ActionGroup.name(of: action) == action)
    }

    /// A number behind a mark is a queue's where the device is known to be a network card's or a disk's.
    @Test func devicesTellMore() {
        #expect(ActionGroup.name(of: "ens1f0-3", device: Self.network) == "ens1f0-*")
        #expect(ActionGroup.name(of: "sfc-12", device: Self.network) == "sfc-*")
        #expect(ActionGroup.name(of: "lpfc:3", device: Self.storage) == "lpfc:*")
        #expect(ActionGroup.name(of: "0000:3b:00.0", device: Self.network) == "0000:3b:00.0")
        #expect(ActionGroup.name(of: "ens1f0", device: Self.network) == "ens1f0")
        #expect(ActionGroup.name(of: "ens1f0-misc", device: Self.network) == "ens1f0-misc")
    }

    @Test func kindsAreFewWords() {
        let usb = Device(address: "0000:00:14.0", bus: "pci", driver: "xhci_hcd", name: "usb1", kind: "usb")
        let card = Device(address: "0000:00:02.0", bus: "pci", driver: "i915", name: "card0", kind: "drm")
        #expect(DeviceWord.name(of: Self.network, action: "ens1f0-3") == "network")
        #expect(DeviceWord.name(of: Self.storage, action: "lpfc:3") == "storage")
        #expect(DeviceWord.name(of: usb, action: "xhci_hcd") == "usb" && DeviceWord.name(of: nil, action: "xhci_hcd") == "usb")
        #expect(DeviceWord.name(of: card, action: "i915") == "graphics")
        #expect(DeviceWord.name(of: nil, action: "acpi") == "firmware")
        #expect(DeviceWord.name(of: nil, action: "nvme0q1") == "storage" && DeviceWord.name(of: nil, action: "eth0-TxRx-1") == "network")
        #expect(DeviceWord.name(of: nil, action: "gadget0") == "other")
    }
}
