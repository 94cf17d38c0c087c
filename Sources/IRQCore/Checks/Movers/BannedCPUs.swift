/// The CPUs that irqbalance was told to keep lines off (cputree.c).
struct BannedCPUs {
    /// The variable that counts.
    let name: String
    /// Its text.
    let value: String
    /// The CPUs; nil if the text is none that irqbalance can read.
    let cpus: CPUSet?
    /// The CPUs that the text probably means, where it cannot be read.
    let meant: CPUSet?

    /// Reads settings; nil if they have no list, or an empty one: then the isolated CPUs are banned.
    init?(_ settings: [String: String], last: Int?) {
        if let text = settings["IRQBALANCE_BANNED_CPUS"], !text.isEmpty {
            (name, value, cpus) = ("IRQBALANCE_BANNED_CPUS", text, Self.mask(text))
            let digits = text.lowercased().hasPrefix("0x") ? String(text.dropFirst(2)) : text
            meant = CPUSet.parse(mask: digits) ?? CPUSet.parse(list: text, last: last)
        } else if let text = settings["IRQBALANCE_BANNED_CPULIST"], !text.isEmpty {
            (name, value, cpus) = ("IRQBALANCE_BANNED_CPULIST", text, CPUSet.parse(list: text, last: nil))
            meant = CPUSet.parse(list: text, last: last) ?? Self.mask(String(text.lowercased().dropFirst(2)))
        } else {
            return nil
        }
    }

    /// A mask as irqbalance reads it: words of up to eight digits with commas between them, the highest first.
    private static func mask(_ text: String) -> CPUSet? {
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        guard words.allSatisfy({ (1...8).contains($0.utf8.count) }) else { return nil }
        return CPUSet.parse(
            mask: words.map { String(repeating: "0", count: 8 - $0.utf8.count) + $0 }.joined(separator: ","))
    }
}
