/// The purpose of a device, as far as that changes what a high rate means, and which counts can tell of its work.
public enum DeviceRole: UInt8, Sendable {
    /// Packets: each interrupt of a healthy queue raises NET_RX.
    case network
    /// Disks: many interrupts are many requests.
    case storage
    /// The firmware's events: nothing that is counted follows them.
    case firmware
    /// Work that no count need tell of: sound, graphics, video, serial ports, field buses, devices that a program or a guest
    /// drives by itself, timers.
    case unseen
    /// Anything else.
    case other

    /// The role that /sys tells, and where it tells none, the names.
    ///
    /// - Parameters:
    ///   - devices: the devices behind the line.
    ///   - actions: the names that drivers gave their handlers.
    public init(devices: [Device], actions: [String]) {
        if actions.contains("acpi") { self = .firmware; return }
        // A driver that hands a device on to a program or a guest says more than what the device is.
        if devices.contains(where: { $0.driver.map { Self.handsOn($0) } ?? false }) { self = .unseen; return }
        for device in devices { if let role = Self.role(ofKind: device.kind) { self = role; return } }
        for device in devices {
            if let role = device.classCode.flatMap({ Self.role(ofClass: $0) }) { self = role; return }
        }
        for name in actions + devices.compactMap(\.name) {
            if let role = Self.role(ofName: name) { self = role; return }
        }
        self = .other
    }

    private static func handsOn(_ driver: String) -> Bool { driver.hasPrefix("vfio") || driver.hasPrefix("uio") }

    /// By the directory of a class that /sys has below the device's own; nil where that tells nothing.
    private static func role(ofKind kind: String?) -> Self? {
        switch kind {
        case "net": .network
        case "nvme", "block", "mmc_host", "host", "ata": .storage
        case "can", "infiniband", "drm", "sound", "video4linux", "graphics", "tty", "uio", "ptp", "rtc": .unseen
        default: nil
        }
    }

    /// By the PCI class (include/linux/pci_ids.h); nil where that tells nothing.
    private static func role(ofClass code: UInt32) -> Self? {
        switch (code >> 16, code >> 8 & 0xFF) {
        case (0x02, _): .network
        case (0x01, _): .storage
        case (0x0C, 0x09), (0x03, _), (0x04, _), (0x07, _), (0x11, _), (0x12, _): .unseen
        default: nil
        }
    }

    // MARK: Names, where nothing else tells

    /// By a name, as bytes: `alert` asks for the names of all lines again and again, and a search in characters would be most
    /// of what it does.
    private static func role(ofName name: String) -> Self? {
        // Small letters: the names of drivers are ASCII.
        let name = name.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        if starts(name, networkPrefixes) || holds(name, networkParts) || isVirtio(name, networkQueues) {
            return .network
        }
        if starts(name, storagePrefixes) || holds(name, storageParts) || isVirtio(name, diskQueues) { return .storage }
        return starts(name, unseenPrefixes) || holds(name, unseenParts) ? .unseen : nil
    }

    private static func words(_ words: String...) -> [[UInt8]] { words.map { Array($0.utf8) } }

    private static func starts(_ name: [UInt8], _ prefixes: [[UInt8]]) -> Bool {
        prefixes.contains { name.starts(with: $0) }
    }

    private static func holds(_ name: [UInt8], _ parts: [[UInt8]]) -> Bool {
        parts.contains { part in
            name.indices.contains { name[$0] == part[0] && name[$0...].starts(with: part) }
        }
    }

    private static let networkPrefixes = words(
        "eth", "enp", "ens", "eno", "enx", "wlan", "wlp", "mlx4", "mlx5_comp", "mlx5_async", "i40e", "ice-", "ixgbe",
        "igb", "iavf", "bnxt", "bnx2", "ena-", "qede", "cxgb", "hns3", "atlantic", "r8169", "e1000", "tg3", "be2net",
        "gve", "mana", "iwlwifi", "ath1")
    private static let networkParts = words("-txrx-", "-rx-", "-tx-", "txrx", "-rxtx", ".ethernet", "gmac")
    private static let storageParts = words("-request")
    private static let storagePrefixes = words(
        "nvme", "ahci", "megasas", "mpt2sas", "mpt3sas", "hpsa", "qla2xxx", "lpfc", "smartpqi", "ata_", "sdhci", "mmc",
        "ufshcd", "aacraid", "pvscsi", "vmw_pvscsi", "blkif")
    private static let unseenPrefixes = words(
        "snd_", "snd-", "i915", "xe[", "amdgpu", "radeon", "nouveau", "nvidia", "vfio-", "uio", "ttys", "ttyama",
        "serial",
        "can", "pcan", "peak", "mcan", "m_can", "flexcan", "c_can", "kvaser", "sja1000", "hpet", "rtc", "timer")
    private static let unseenParts = words(
        ".gpu", "mali", "kgsl", "vc4", "v3d", ".i2s", ".can", "_can", "uart", "-timer", "_timer", ".timer")

    private static func isVirtio(_ name: [UInt8], _ queues: [[UInt8]]) -> Bool {
        guard starts(name, virtio), let place = name.firstIndex(of: UInt8(ascii: "-")) else { return false }
        return queues.contains { name[(place + 1)...].starts(with: $0) }
    }

    private static let virtio = words("virtio")
    private static let networkQueues = words("input.", "output.")
    private static let diskQueues = words("req.")
}
