import IRQCore
import Foundation
import Testing
import TestSupport

@testable import KernelSource

/// Trees that no kernel makes: an answer within bounded time, never a trap or a wait.
@Suite(.timeLimit(.minutes(1))) struct HostileTreeTests {
    @Test func pipesLoopsAndStrangersArePassedOver() throws {
        let tree = try FakeTree()
        try tree.pci("0000:00:02.0", messages: [36], below: ["net/eth0"])
        for file in ["irq", "numa_node", "vendor", "device", "class", "msi_irqs/36"] {
            try tree.remove("devices/pci0000:00/0000:00:02.0/" + file)
            try tree.pipe("devices/pci0000:00/0000:00:02.0/" + file)
        }
        try tree.link("bus/pci/devices/0000:00:03.0", to: "0000:00:03.0")
        try tree.link("bus/pci/devices/0000:00:04.0", to: "..")
        try tree.write("bus/pci/devices/0000:00:05.0", "a file")
        try tree.pipe("bus/pci/devices/0000:00:06.0")
        try tree.link("bus/pci/devices/0000:00:07.0", to: "/dev/null")
        try tree.folder("bus/pci/devices/not an address")
        try tree.folder("bus/pci/devices/0000:00:1\u{1b}[31m.0")
        try tree.link("devices/pci0000:00/0000:00:02.0/virtio1", to: "..")
        try tree.link("bus/virtio/devices/virtio1", to: "/")
        try tree.link("bus/virtio/devices/virtio2", to: "virtio2")
        let map = DeviceMap(sysRoot: tree.root)
        let device = try #require(map.device(irq: 36))
        #expect(device == Device(address: "0000:00:02.0", bus: "pci", driver: "driver", name: "eth0", kind: "net"))
        #expect(map.skippedCount == 6 && map.devices.count == 2)
    }

    @Test func badValuesAreUnknown() throws {
        let tree = try FakeTree()
        let long = String(repeating: "9", count: 100_000)
        try tree.pci("0000:00:01.0", node: long, vendor: "0x\(long)", device: "0x", code: "0xé0000", below: [])
        try tree.write("devices/pci0000:00/0000:00:01.0/irq", long)
        try tree.pci("0000:00:02.0", messages: [7], kind: "neither", node: "-2", vendor: "1af4", code: "0x01020304")
        for name in ["0", "-1", "99999999999", "+", "7 ", "x"] {
            try tree.write("devices/pci0000:00/0000:00:02.0/msi_irqs/\(name)", "msix\n")
        }
        try tree.pci("0000:00:03.0", irq: 5, node: "99999", below: ["net/\u{1b}[2J\n"])
        try tree.write("devices/pci0000:00/0000:00:03.0/irq", Data([0x35, 0x0A, 0xFF, 0xFE]))
        let map = DeviceMap(sysRoot: tree.root)
        #expect(map.devices.allSatisfy { $0.numaNode == nil && $0.interruptKind == nil })
        #expect(map.devices[0].vendorDevice == nil && map.devices[0].classCode == nil)
        #expect(map.devices[1].vendorDevice == nil && map.devices[1].classCode == nil)
        #expect(map.device(irq: 7)?.address == "0000:00:02.0")
        #expect(map.device(irq: 5)?.name == "\u{1b}[2J\n", "escaped when it is shown, not before")
    }

    @Test func largeDirectoriesAreCut() throws {
        let tree = try FakeTree()
        try tree.pci("0000:00:02.0", below: ["msi_irqs"])
        let made = try shell("cd '\(tree.root)/devices/pci0000:00/0000:00:02.0/msi_irqs' && touch {1..5000}")
        #expect(made.status == 0)
        let scan = DeviceScan(Folder(path: tree.root + "/bus"))
        #expect(scan.budget.isExceeded && !DeviceMap(sysRoot: tree.root).isWhole)
        #expect(scan.messagePlaces.count == DeviceScan.messageLimit)
    }

    @Test func budgetsEnd() {
        var budget = ScanBudget(3)
        let isTaken = [budget.take(2), budget.take(2), budget.take(), budget.take()]
        #expect(isTaken == [true, false, true, false])
        #expect(budget.isExceeded)
    }

    @Test func bytesInFilesNeverTrap() throws {
        let seed = UInt64.random(in: 0..<1 << 32)
        var random = SeededGenerator(seed: seed)
        print("seed \(seed)")
        let pieces = ["0000:00:02.0", "virtio1", "PCI:1:0:0", "-", ":", ".", "irq/7-", "ksoftirqd/1", "(", ")", " ", "7"]
        let map = DeviceMap(sysRoot: "/nonexistent")
        for _ in 0..<5000 {
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                if Bool.random(using: &random) {
                    text.append(.random(in: 0...255, using: &random))
                } else {
                    text += pieces.randomElement(using: &random)?.bytes ?? []
                }
            }
            _ = map.device(irq: 1, chip: text, actions: [text])
            _ = text.withUnsafeBytes { PIDStat(RawSpan(_unsafeBytes: $0)) }
            _ = text.withUnsafeBytes { KernelThread.Role.read(RawSpan(_unsafeBytes: $0))?.actionOffset }
        }
    }
}
