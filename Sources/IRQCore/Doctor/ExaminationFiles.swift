/// The files whose first sample all examinations have, and the patterns that name such files.
public enum ExaminationFiles {
    /// The patterns of all examinations; those of checks come on top (`DoctorCheck.sampled`).
    public static let always = [
        "proc/interrupts", "proc/softirqs", "proc/stat", "proc/uptime", "proc/diskstats", "proc/net/softnet_stat",
        "proc/irq/*/smp_affinity", "proc/irq/*/effective_affinity", "proc/irq/*/spurious",
        "sys/class/net/*/statistics/rx_packets", "sys/class/net/*/statistics/tx_packets",
        "sys/firmware/acpi/interrupts/*",
    ]

    /// True if a path fits a pattern, in which `*` stands for any text without a `/`.
    public static func fits(_ path: String, _ pattern: String) -> Bool {
        let parts = path.split(separator: "/")
        let patterns = pattern.split(separator: "/")
        return parts.count == patterns.count && zip(parts, patterns).allSatisfy { fits(name: $0, $1) }
    }

    private static func fits(name: Substring, _ pattern: Substring) -> Bool {
        guard let star = pattern.firstIndex(of: "*") else { return name == pattern }
        let (head, tail) = (pattern[..<star], pattern[pattern.index(after: star)...])
        return name.count >= head.count + tail.count && name.hasPrefix(head) && name.hasSuffix(tail)
    }
}
