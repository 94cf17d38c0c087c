extension QueueName {
    /// True for a line by which a device tells of itself: its commands, its link, its errors. It is no queue.
    ///
    /// - Parameters:
    ///   - action: the handler's name.
    ///   - siblings: the names of the device's other lines. A line that is called as the interface, where others name the
    ///     interface's queues, is one of this kind.
    public static func isAdmin(_ action: String, siblings: [String] = []) -> Bool {
        if QueueName(action) != nil { return false }
        if isFirstOfNVMe(action) { return true }
        if siblings.contains(where: { QueueName($0, interfaces: [action])?.owner == action }) { return true }
        // The first word is the name of the driver or of the interface, which may be called mgmt0.
        return hasAdminWord(action.drop { isLetter($0) })
    }

    static func hasAdminWord(_ text: Substring) -> Bool {
        if text.hasSuffix("-ll_ts") { return true }
        return text.split { !isLetter($0) }.contains { adminWords.contains($0.lowercased()) }
    }

    /// The words in names of such lines. `mbx` and `hwc` are how iavf and mana call theirs.
    private static let adminWords: Set<String> = [
        "async", "misc", "mgmnt", "mgmt", "event", "ctrl", "fdir", "config", "control", "mbx", "hwc",
    ]

    private static func isLetter(_ character: Character) -> Bool { character.isASCII && character.isLetter }

    private static func isFirstOfNVMe(_ action: String) -> Bool {
        guard action.hasPrefix("nvme"), action.hasSuffix("q0") else { return false }
        let middle = action.dropFirst(4).dropLast(2)
        return !middle.isEmpty && middle.allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// The text behind a PCI address, `:fdir` of `0000:3b:00.0:fdir`; nil if there is none at the start.
    static func wordsBehindAddress(_ text: Substring) -> Substring? {
        let bytes = text.utf8
        // A domain of four digits or more, a bus, a device and a function.
        let domain = bytes.prefix { ASCII.hexadecimalDigit($0) != nil }.count
        guard domain >= 4, bytes.count >= domain + 8 else { return nil }
        for (offset, byte) in bytes.dropFirst(domain).prefix(8).enumerated() {
            switch offset {
            case 0, 3: guard byte == UInt8(ascii: ":") else { return nil }
            case 6: guard byte == UInt8(ascii: ".") else { return nil }
            default: guard ASCII.hexadecimalDigit(byte) != nil else { return nil }
            }
        }
        return text.dropFirst(domain + 8)
    }
}
