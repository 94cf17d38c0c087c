import IRQCore

/// Any bytes as an archive that `doctor --root` reads.
func readArchive(_ span: RawSpan) {
    var bytes = span.array
    _ = try? TarArchive.read(bytes)
    // The sums of what was changed would keep it all out.
    for start in stride(from: 0, to: max(bytes.count - 511, 0), by: 512) where bytes[start] != 0 {
        var sum = 0
        for offset in 0..<512 { sum += (148..<156).contains(offset) ? 0x20 : Int(bytes[start + offset]) }
        let digits = String(sum, radix: 8)
        let text = String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
        bytes.replaceSubrange((start + 148)..<(start + 154), with: text.utf8)
        (bytes[start + 154], bytes[start + 155]) = (0, 0x20)
    }
    guard let entries = try? TarArchive.read(bytes) else { return }
    for entry in entries {
        precondition(!entry.path.isEmpty && !entry.path.hasPrefix("/") && !entry.path.split(separator: "/").contains(".."))
    }
    let again = TarArchive.write(entries)
    guard let read = try? TarArchive.read(again) else { preconditionFailure("what was written cannot be read") }
    precondition(read.map(\.path) == entries.map(\.path) && read.map(\.contents) == entries.map(\.contents))
}
