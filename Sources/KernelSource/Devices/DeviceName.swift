/// The limits of a look at a tree: it may be larger than any machine's.
struct ScanBudget {
    /// Files and directories that may still be opened.
    var remaining: Int
    /// True if something was left out.
    private(set) var isExceeded = false

    init(_ count: Int) { remaining = count }

    /// Takes `count` from the budget; false if that is too much.
    mutating func take(_ count: Int = 1) -> Bool {
        guard remaining >= count else {
            isExceeded = true
            return false
        }
        remaining -= count
        return true
    }

    /// Notes that a directory has more entries than were read.
    mutating func exceed() { isExceeded = true }
}

/// Finds what a person calls a device, from the directories below its own in /sys:
///
///     0000:00:02.0/virtio1/block/vda                              "vda"
///     0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda       "sda", or "host0" if there are more disks
///     0000:00:14.0/usb1, …/usb2                                   "usb1"
struct DeviceName {
    /// Directories that hold things with names, the best first, and what such names begin with.
    private static let classes: [(folder: String, prefix: String)] = [
        ("net", ""), ("nvme", "nvme"), ("block", ""), ("infiniband", ""), ("mmc_host", "mmc"), ("drm", "card"),
        ("sound", "card"), ("video4linux", "video"), ("graphics", "fb"), ("tty", "tty"), ("tpm", "tpm"),
        ("ieee80211", "phy"), ("input", "input"), ("ptp", "ptp"), ("rtc", "rtc"), ("mei", "mei"),
    ]
    /// Directories with names of their own, the best first, behind all of the above.
    private static let parts = ["usb", "host", "ata", "virtio", "i2c-"]
    /// ataN/hostN/targetH:C:T/H:C:T:L/block/sda.
    private static let depthLimit = 4
    /// An adapter may have thousands of disks: two tell as much as all.
    private static let folderLimit = 64
    private static let entryLimit = 4096

    /// The type of a network interface of a CAN bus (ARPHRD_CAN of include/uapi/linux/if_arp.h).
    private static let canType = "280"

    private var best: (rank: Int, name: String)?
    private var foldersLeft = Self.folderLimit
    /// Disks below a SCSI host.
    private var disks: [String] = []

    /// The name of the device whose directory is `folder`, and its class; nil if it has none.
    static func find(_ folder: borrowing Folder, budget: inout ScanBudget) -> (name: String, kind: String)? {
        var search = DeviceName()
        search.look(folder, depth: 0, isBelowHost: false, &budget)
        if search.disks.count == 1, (search.best?.rank ?? .max) >= Self.classes.count {
            return (search.disks[0], "block")
        }
        guard let best = search.best else { return nil }
        let kind = best.rank < classes.count ? classes[best.rank].folder : parts[best.rank - classes.count]
        let isCAN = kind == "net" && budget.take() && folder.attribute("net/\(best.name)/type") == canType
        return (best.name, isCAN ? "can" : kind)
    }

    private mutating func look(_ folder: borrowing Folder, depth: Int, isBelowHost: Bool, _ budget: inout ScanBudget) {
        guard foldersLeft > 0, let entries = names(folder, &budget) else { return }
        for (rank, kind) in Self.classes.enumerated() where entries.contains(kind.folder) {
            guard let inner = folder.folder(kind.folder), let names = names(inner, &budget),
                let name = Self.first(names.filter { Self.isNumbered($0, kind.prefix) })
            else { continue }
            if isBelowHost {
                if kind.folder == "block" { disks.append(name) }
            } else {
                propose(rank, name)
            }
        }
        for (rank, prefix) in Self.parts.enumerated() {
            guard !isBelowHost, let name = Self.first(entries.filter { Self.isNumbered($0, prefix) }) else { continue }
            propose(Self.classes.count + rank, name)
        }
        guard depth < Self.depthLimit, disks.count < 2 else { return }
        for entry in entries.sorted(by: Self.isBefore) {
            let isHost = isBelowHost || Self.isNumbered(entry, "host")
            let isSCSI = isBelowHost && (entry.hasPrefix("target") || entry.utf8.first.map { $0 < 0x3A } ?? false)
            guard isHost || Self.isNumbered(entry, "ata") || Self.isNumbered(entry, "virtio"), isSCSI || !isBelowHost
            else { continue }
            guard disks.count < 2, foldersLeft > 0, budget.take(), let inner = folder.folder(entry) else { continue }
            look(inner, depth: depth + 1, isBelowHost: isHost, &budget)
        }
    }

    private mutating func names(_ folder: borrowing Folder, _ budget: inout ScanBudget) -> [String]? {
        foldersLeft -= 1
        guard budget.take(), let list = folder.names(limit: Self.entryLimit) else { return nil }
        if !list.isWhole { budget.exceed() }
        return list.names
    }

    private mutating func propose(_ rank: Int, _ name: String) {
        if let best, best.rank <= rank { return }
        best = (rank, name)
    }

    /// True if `name` is `prefix` and a number; with no prefix, any name.
    private static func isNumbered(_ name: String, _ prefix: String) -> Bool {
        guard !prefix.isEmpty else { return true }
        if prefix == "tty" || prefix == "tpm" { return name.hasPrefix(prefix) }
        let digits = name.utf8.dropFirst(prefix.utf8.count)
        return name.hasPrefix(prefix) && !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func first(_ names: [String]) -> String? { names.min(by: isBefore) }

    /// "eth2" comes before "eth10".
    private static func isBefore(_ left: String, _ right: String) -> Bool {
        (left.utf8.count, left) < (right.utf8.count, right)
    }
}
