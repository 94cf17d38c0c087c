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
            if let role = Self.role(ofName: name.lowercased()) { self = role; return }
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

    private static func role(ofName name: String) -> Self? {
        if networkPrefixes.contains(where: name.hasPrefix) || networkParts.contains(where: { name.contains($0) })
            || isVirtio(name, "input.") || isVirtio(name, "output.")
        {
            return .network
        }
        if storagePrefixes.contains(where: name.hasPrefix) || isVirtio(name, "req.") || name.contains("-request") {
            return .storage
        }
        let isUnseen = unseenPrefixes.contains(where: name.hasPrefix) || unseenParts.contains { name.contains($0) }
        return isUnseen ? .unseen : nil
    }

    private static let networkPrefixes = [
        "eth", "enp", "ens", "eno", "enx", "wlan", "wlp", "mlx4", "mlx5_comp", "mlx5_async", "i40e", "ice-", "ixgbe",
        "igb", "iavf", "bnxt", "bnx2", "ena-", "qede", "cxgb", "hns3", "atlantic", "r8169", "e1000", "tg3", "be2net",
        "gve", "mana", "iwlwifi", "ath1",
    ]
    private static let networkParts = ["-txrx-", "-rx-", "-tx-", "txrx", "-rxtx", ".ethernet", "gmac"]
    private static let storagePrefixes = [
        "nvme", "ahci", "megasas", "mpt2sas", "mpt3sas", "hpsa", "qla2xxx", "lpfc", "smartpqi", "ata_", "sdhci", "mmc",
        "ufshcd", "aacraid", "pvscsi", "vmw_pvscsi", "blkif",
    ]
    private static let unseenPrefixes = [
        "snd_", "snd-", "i915", "xe[", "amdgpu", "radeon", "nouveau", "nvidia", "vfio-", "uio", "ttys", "ttyama",
        "serial",
        "can", "pcan", "peak", "mcan", "m_can", "flexcan", "c_can", "kvaser", "sja1000", "hpet", "rtc", "timer",
    ]
    private static let unseenParts = [
        ".gpu", "mali", "kgsl", "vc4", "v3d", ".i2s", ".can", "_can", "uart", "-timer", "_timer", ".timer",
    ]

    private static func isVirtio(_ name: String, _ queue: String) -> Bool {
        guard name.hasPrefix("virtio") else { return false }
        return name.drop { $0 != "-" }.dropFirst().hasPrefix(queue)
    }
}
