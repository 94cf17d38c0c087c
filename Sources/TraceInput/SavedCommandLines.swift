import IRQCore

/// Reads a recording's saved_cmdlines: lines of "pid name".
enum SavedCommandLines {
    /// The tasks' names by pid; untrusted text. Lines that are none are passed over.
    static func read(_ text: RawSpan) -> [Int32: String] {
        var names: [Int32: String] = [:]
        var offset = 0
        while offset < text.byteCount {
            var end = offset
            while let byte = text.byte(at: end), byte != 0x0A, byte != 0 { end += 1 }
            let line = text.text(offset..<end)
            if let space = line.firstIndex(of: " "), let pid = Int32(line[..<space]) {
                names[pid] = String(line[line.index(after: space)...])
            }
            offset = end + 1
        }
        return names
    }
}
