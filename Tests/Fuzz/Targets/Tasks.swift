@testable import KernelSource

/// Any bytes as the stat file of a process, held against a simple reader of the words behind the name.
func readTask(_ span: RawSpan) {
    let bytes = span.array
    guard let stat = PIDStat(span) else { return }
    guard let close = bytes.lastIndex(of: UInt8(ascii: ")")), let open = bytes.firstIndex(of: UInt8(ascii: "(")) else {
        preconditionFailure("it has no name")
    }
    precondition(stat.nameStart == open + 1 && stat.nameEnd == close)
    let words = bytes[(close + 1)...].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true)
    precondition(words.count >= 39 && words[0].first == stat.state)
    // A number ends where something else begins.
    func number(_ field: Int) -> UInt64? {
        let digits = words[field - 3].prefix { (0x30...0x39).contains($0) }
        return UInt64(String(decoding: digits, as: UTF8.self))
    }
    for (field, value) in [(9, stat.flags), (22, stat.startTicks), (39, stat.lastCPU), (40, stat.realtimePriority)] {
        if let wanted = number(field) { precondition(wanted == value) }
    }
    if let (role, offset) = KernelThread.Role.read(span.extracting(stat.nameStart..<stat.nameEnd)) {
        precondition(stat.nameStart + offset <= stat.nameEnd)
        _ = role.order
    }
}
