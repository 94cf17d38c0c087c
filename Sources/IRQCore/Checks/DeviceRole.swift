/// The purpose of a device, as far as that changes what a high rate means.
public enum DeviceRole: UInt8, Sendable {
    /// Packets: each interrupt of a healthy queue raises NET_RX.
    case network
    /// Disks: many interrupts are many requests.
    case storage
    /// Anything else: nothing explains a high rate.
    case other

    /// From the PCI class (include/linux/pci_ids.h), then from what drivers call their queues.
    public init(classCodes: [UInt32], names: [String]) {
        for code in classCodes {
            if code >> 16 == 0x02 { self = .network; return }
            if code >> 16 == 0x01 { self = .storage; return }
        }
        for name in names.map({ $0.lowercased() }) {
            if Self.networkPrefixes.contains(where: name.hasPrefix)
                || Self.networkParts.contains(where: { name.contains($0) })
                || Self.isVirtio(name, "input.") || Self.isVirtio(name, "output.")
            {
                self = .network
                return
            }
            if Self.storagePrefixes.contains(where: name.hasPrefix) || Self.isVirtio(name, "req.")
                || name.contains("-request")
            {
                self = .storage
                return
            }
        }
        self = .other
    }

    private static let networkPrefixes = [
        "eth", "enp", "ens", "eno", "enx", "wlan", "wlp", "mlx4", "mlx5_comp", "mlx5_async", "i40e", "ice-", "ixgbe",
        "igb", "iavf", "bnxt", "bnx2", "ena-", "qede", "cxgb", "hns3", "atlantic", "r8169", "e1000", "tg3", "be2net",
        "gve", "mana", "iwlwifi", "ath1",
    ]
    private static let networkParts = ["-txrx-", "-rx-", "-tx-", "txrx", "-rxtx"]
    private static let storagePrefixes = [
        "nvme", "ahci", "megasas", "mpt2sas", "mpt3sas", "hpsa", "qla2xxx", "lpfc", "smartpqi", "ata_", "sdhci", "mmc",
        "ufshcd", "aacraid", "pvscsi", "vmw_pvscsi", "blkif",
    ]

    private static func isVirtio(_ name: String, _ queue: String) -> Bool {
        guard name.hasPrefix("virtio") else { return false }
        return name.drop { $0 != "-" }.dropFirst().hasPrefix(queue)
    }
}
