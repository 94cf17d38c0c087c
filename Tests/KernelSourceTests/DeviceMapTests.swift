import IRQCore
import Foundation
import Testing
import TestSupport

@testable import KernelSource

/// What the map says of trees that are made for it; the devices of real machines look like these.
@Suite struct DeviceMapTests {
    @Test func messagesNameTheirDevice() throws {
        let tree = try FakeTree()
        try tree.pci(
            "0000:00:02.0", irq: 11, messages: [35, 36], driver: "virtio-pci", node: "1",
            below: ["virtio1/block/vda", "power"])
        try tree.pci(
            "0000:00:1f.2", irq: 40, messages: [40], kind: "msi", driver: "ahci", vendor: "0x8086", device: "0x2922",
            code: "0x010601")
        let map = DeviceMap(sysRoot: tree.root)
        let disk = Device(
            address: "0000:00:02.0", bus: "pci", driver: "virtio-pci", name: "vda", kind: "block", numaNode: 1, interruptKind: .msix,
            vendorDevice: "1af4:1042", classCode: 0x018000)
        #expect(map.device(irq: 36) == disk)
        #expect(map.devices(irq: 35) == [disk])
        #expect(map.devices(irq: 11) == [], "with messages on, the wire is not used")
        let ahci = try #require(map.device(irq: 40))
        #expect(ahci.interruptKind == .msi && ahci.driver == "ahci" && ahci.numaNode == nil && ahci.name == nil)
        #expect(ahci.vendorDevice == "8086:2922" && ahci.classCode == 0x010601)
        #expect(map.device(irq: 99) == nil && map.devices(irq: 0) == [])
        #expect(map.isKnown && map.isWhole && map.skippedCount == 0)
    }

    @Test func oneWireHasSeveralDevices() throws {
        let tree = try FakeTree()
        try tree.pci("0000:00:1d.0", irq: 16, driver: "ehci-pci", below: ["usb1", "usb2"])
        try tree.pci("0000:00:19.0", irq: 16, driver: "e1000", below: ["net/eth0"])
        try tree.pci("0000:00:1b.0", irq: 16, driver: nil)
        try tree.pci("0000:00:1c.0", irq: 17, driver: "i801_smbus")
        let map = DeviceMap(sysRoot: tree.root)
        #expect(map.devices(irq: 16).map { $0.name } == ["eth0", "usb1"])
        #expect(map.devices(irq: 16).allSatisfy { $0.interruptKind == nil })
        #expect(map.device(irq: 16) == nil, "either may be meant")
        #expect(map.device(irq: 16, actions: ["ehci_hcd:usb1".bytes])?.address == "0000:00:1d.0")
        #expect(map.device(irq: 16, actions: ["eth0".bytes])?.address == "0000:00:19.0")
        #expect(map.device(irq: 16, actions: ["e1000".bytes])?.address == "0000:00:19.0")
        #expect(map.device(irq: 16, actions: ["eth01".bytes]) == nil)
        #expect(map.device(irq: 17, actions: ["anything".bytes])?.driver == "i801_smbus")
    }

    @Test func namesInTextGoBeforeNumbers() throws {
        let tree = try FakeTree()
        try tree.pci("0000:00:02.0", messages: [36], below: ["virtio1/net/eth0"])
        try tree.pci("0000:00:03.0", messages: [37], below: ["virtio12/block/vdb"])
        try tree.link("bus/virtio/devices/virtio1", to: "../../../devices/pci0000:00/0000:00:02.0/virtio1")
        try tree.link("bus/virtio/devices/virtio12", to: "../../../devices/pci0000:00/0000:00:03.0/virtio12")
        let map = DeviceMap(sysRoot: tree.root)
        // The numbers have moved on since the counts were saved.
        #expect(map.device(irq: 36, chip: "PCI-MSIX-0000:00:03.0".bytes)?.name == "vdb")
        #expect(map.device(irq: 36, actions: ["virtio12-req.0".bytes])?.name == "vdb")
        #expect(map.device(irq: 5, actions: ["virtio1-input.0".bytes])?.name == "eth0")
        #expect(map.device(irq: 5, actions: ["virtio1".bytes])?.name == "eth0")
        for other in ["virtio", "virtio2-req.0", "virtio1x", "xvirtio1"] {
            #expect(map.device(irq: 5, actions: [other.bytes]) == nil, "\(other)")
        }
        // A function that /sys does not have is known by its address.
        let unknown = map.device(irq: 36, chip: "IR-PCI-MSI-0000:81:00.1".bytes, actions: ["virtio1-req.0".bytes])
        #expect(unknown == Device(address: "0000:81:00.1", bus: "pci", interruptKind: .msi))
        #expect(map.device(irq: 5, actions: ["mlx5_async@pci:0002:00:00.0".bytes])?.address == "0002:00:00.0")
        #expect(map.device(irq: 5, actions: ["fglrx[0]@PCI:0:3:0".bytes])?.name == "vdb")
    }

    @Test func nothingInSysLeavesTheNames() throws {
        let map = DeviceMap(sysRoot: try FakeTree().root)
        #expect(!map.isKnown && map.devices.isEmpty)
        #expect(
            map.device(irq: 36, chip: "PCI-MSIX-0000:00:02.0".bytes)
                == Device(address: "0000:00:02.0", bus: "pci", interruptKind: .msix))
        #expect(map.device(irq: 36, chip: "IO-APIC".bytes, actions: ["virtio1-req.0".bytes]) == nil)
        #expect(!DeviceMap(sysRoot: "/nonexistent").isKnown)
    }

    @Test func linksAloneTellTheAddress() throws {
        let tree = try FakeTree()
        try tree.link("bus/virtio/devices/virtio3", to: "../../../devices/pci0000:00/0000:00:04.0/virtio3")
        try tree.link("bus/virtio/devices/virtio4", to: "../../../devices/elsewhere/virtio4")
        try tree.link("bus/virtio/devices/virtio5", to: "../../../devices/pci0000:00/0000:00:04.0/virtio9")
        let map = DeviceMap(sysRoot: tree.root)
        #expect(
            map.device(irq: 9, actions: ["virtio3-rx".bytes]) == Device(address: "0000:00:04.0", bus: "pci"))
        #expect(map.device(irq: 9, actions: ["virtio4-rx".bytes]) == nil)
        #expect(map.device(irq: 9, actions: ["virtio5-rx".bytes]) == nil)
    }

    @Test func otherBusesAreFoundByName() throws {
        let tree = try FakeTree()
        try tree.write("devices/platform/fe340000.mmc/numa_node", "0\n")
        try tree.folder("devices/platform/fe340000.mmc/mmc_host/mmc0")
        try tree.link("devices/platform/fe340000.mmc/driver", to: "../../../bus/platform/drivers/sdhci-iproc")
        try tree.link("bus/platform/devices/fe340000.mmc", to: "../../../devices/platform/fe340000.mmc")
        try tree.folder("devices/platform/9030000.pl061")
        try tree.link("bus/amba/devices/9030000.pl061", to: "../../../devices/platform/9030000.pl061")
        try tree.folder("devices/platform/a003e00.virtio_mmio/virtio0/net/eth0")
        try tree.link("bus/platform/devices/a003e00.virtio_mmio", to: "../../../devices/platform/a003e00.virtio_mmio")
        try tree.link("bus/virtio/devices/virtio0", to: "../../../devices/platform/a003e00.virtio_mmio/virtio0")
        for number in 1...2 { try tree.folder("bus/platform/devices/twin.\(number)/net/eth9") }
        let map = DeviceMap(sysRoot: tree.root)
        let card = Device(
            address: "fe340000.mmc", bus: "platform", driver: "sdhci-iproc", name: "mmc0", kind: "mmc_host", numaNode: 0)
        #expect(map.device(irq: 50, actions: ["mmc0".bytes]) == card)
        #expect(map.device(irq: 50, actions: ["fe340000.mmc".bytes]) == card)
        #expect(map.device(irq: 51, actions: ["9030000.pl061".bytes])?.bus == "amba")
        #expect(map.device(irq: 51, chip: "9030000.pl061".bytes, actions: ["ACPI:Event".bytes])?.bus == "amba")
        #expect(map.device(irq: 52, actions: ["virtio0".bytes])?.name == "eth0")
        #expect(map.device(irq: 53, actions: ["eth9".bytes]) == nil, "two have the name")
    }

    @Test(
        arguments: [
            (["net/eth10", "net/eth2", "virtio0"], "eth2"),
            (["nvme/nvme0/nvme0n1", "nvme/nvme0/hwmon1"], "nvme0"),
            (["virtio1/block/vda"], "vda"),
            (["virtio0/power"], "virtio0"),
            (["drm/card1/card1-HDMI-A-1", "drm/renderD128"], "card1"),
            (["sound/card0/pcmC0D0p"], "card0"),
            (["usb2", "usb1/1-1/1-1:1.0/net/eth7"], "usb1"),
            (["infiniband/mlx5_0"], "mlx5_0"),
            (["ata1/host0/target0:0:0/0:0:0:0/block/sda", "ata2/host1"], "sda"),
            (["host3/target3:0:0/3:0:0:0/block/sda", "host3/target3:0:1/3:0:1:0/block/sdb"], "host3"),
            (["virtio4/host2/target2:0:0/2:0:0:1/block/sdc"], "sdc"),
            (["0000:01:00.0/net/eth5", "pci_bus/0000:01", "usbmon", "net"], nil),
        ] as [([String], String?)])
    func devicesHaveTheNamesPeopleUse(below: [String], name: String?) throws {
        let tree = try FakeTree()
        try tree.pci("0000:00:05.0", messages: [40], below: below)
        #expect(DeviceMap(sysRoot: tree.root).device(irq: 40)?.name == name)
    }

    @Test(
        arguments: [
            ("0000:00:02.0", "0000:00:02.0"), ("PCI-MSIX-0000:00:02.0", "0000:00:02.0"),
            ("mlx5_async@pci:0002:00:00.0", "0002:00:00.0"), ("ahci[0000:00:1F.2]", "0000:00:1f.2"),
            ("10000:e1:00.0", "10000:e1:00.0"), ("fglrx[0]@PCI:1:0:0", "0000:01:00.0"), ("x@PCI:16:31:7", "0000:10:1f.7"),
            ("0000:00:02.0-0000:00:03.0", "0000:00:02.0"), ("a:b 0000:00:02.0", "0000:00:02.0"),
            ("0000:00:02.8", nil), ("0000:00:20.0", nil), ("000:00:02.0", nil), ("123456789:00:02.0", nil),
            ("0000:00:02.01", nil), ("0000:00:02.0x", nil), ("PCI:1:0:0a", nil), ("x0000:00:02.0", nil), ("0000:00:02", nil),
            ("0000:00:02.", nil), ("PCI:256:0:0", nil),
            ("PCI:1:0:8", nil), ("PCI:1:0", nil), ("", nil), (":::::", nil),
        ] as [(String, String?)])
    func addressesAreFoundInNames(text: String, address: String?) {
        #expect(PCIAddress.find(in: text.bytes)?.address.description == address)
    }
}
