internal import IRQCore

/// Reads how often each event of ACPI came (Documentation/ABI/testing/sysfs-firmware-acpi):
///
///     /sys/firmware/acpi/interrupts/gpe03    "  123456  EN STS enabled      unmasked"
enum FirmwareEvents {
    /// 256 events of each of two blocks, and the fixed ones.
    private static let limit = 1_024

    /// The events that have come at all; nil where the kernel does not tell.
    static func read(sysRoot: String?) -> [NamedCount]? {
        guard let sysRoot, let folder = Folder(path: sysRoot + "/firmware/acpi/interrupts"),
            let names = folder.names(limit: limit)
        else { return nil }
        var found: [NamedCount] = []
        for name in names.names.sorted() where isEvent(name) {
            let words = folder.attribute(name)?.split(separator: " ")
            if let count = words?.first.flatMap({ UInt64($0) }), count > 0 {
                found.append(NamedCount(name: name, count: count))
            }
        }
        return found
    }

    /// True for `gpe03` and `ff_pwr_btn`, but not for `gpe_all`, which is a sum.
    private static func isEvent(_ name: String) -> Bool {
        let digits = name.dropFirst(3)
        let isGeneral = name.hasPrefix("gpe") && !digits.isEmpty && digits.allSatisfy { $0.isASCII && $0.isHexDigit }
        return name.utf8.count <= 32 && (isGeneral || name.hasPrefix("ff_"))
    }
}
