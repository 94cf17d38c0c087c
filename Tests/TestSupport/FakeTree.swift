import Foundation
import IRQCore

/// A directory tree in a temporary place that looks like /sys or /proc; removed with its last reference.
public final class FakeTree {
    public let root: String

    public init() throws {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-tree-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    public func folder(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: root + "/" + path, withIntermediateDirectories: true)
    }

    public func write(_ path: String, _ text: String) throws { try write(path, Data(text.utf8)) }

    public func write(_ path: String, _ data: Data) throws {
        try folder((path as NSString).deletingLastPathComponent)
        try data.write(to: URL(fileURLWithPath: root + "/" + path))
    }

    public func link(_ path: String, to target: String) throws {
        try folder((path as NSString).deletingLastPathComponent)
        try FileManager.default.createSymbolicLink(atPath: root + "/" + path, withDestinationPath: target)
    }

    public func pipe(_ path: String) throws {
        try folder((path as NSString).deletingLastPathComponent)
        if mkfifo(root + "/" + path, 0o600) != 0 { throw POSIXError(.EIO) }
    }

    public func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: root + "/" + path) }

    /// A function of the PCI bus, as the kernel lays it out.
    public func pci(
        _ address: String, irq: Int = 0, messages: [Int] = [], kind: String = "msix", driver: String? = "driver",
        node: String = "-1", vendor: String = "0x1af4", device: String = "0x1042", code: String = "0x018000",
        below: [String] = []
    ) throws {
        let path = "devices/pci0000:00/\(address)"
        try write(path + "/irq", "\(irq)\n")
        try write(path + "/numa_node", node + "\n")
        try write(path + "/vendor", vendor + "\n")
        try write(path + "/device", device + "\n")
        try write(path + "/class", code + "\n")
        for message in messages { try write(path + "/msi_irqs/\(message)", kind + "\n") }
        if let driver { try link(path + "/driver", to: "../../../bus/pci/drivers/\(driver)") }
        for folder in below { try self.folder(path + "/" + folder) }
        try link("bus/pci/devices/\(address)", to: "../../../devices/pci0000:00/\(address)")
    }

    /// A process's stat file, as Linux 6.18 writes it.
    public func process(
        _ pid: Int, _ name: String, flags: Int = 0x20_8040, user: Int = 1, system: Int = 2, start: Int = 40,
        cpu: Int = 0, priority: Int = 50, policy: Int = 1
    ) throws {
        try write(
            "\(pid)/stat",
            "\(pid) (\(name)) S 2 0 0 0 -1 \(flags) 0 0 0 0 \(user) \(system) 0 0 -51 0 1 0 \(start) 0 0 "
                + "18446744073709551615 0 0 0 0 0 0 0 2147483647 0 1 0 0 17 \(cpu) \(priority) \(policy) "
                + "0 0 0 0 0 0 0 0 0 0 0\n")
    }
}
