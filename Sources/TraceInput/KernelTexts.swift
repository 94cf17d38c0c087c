import IRQCore

/// Reads a recording's copy of printk_formats: lines of `0xffffffff81a00000 : "Rescheduling interrupts"`.
enum KernelTexts {
    /// More texts than this are left out.
    private static let limit = 1 << 16

    /// The texts by their addresses; untrusted. Lines that are none are passed over.
    static func read(_ text: RawSpan) -> [UInt64: String] {
        var texts: [UInt64: String] = [:]
        var offset = 0
        while offset < text.byteCount, texts.count < limit {
            var end = offset
            while let byte = text.byte(at: end), byte != 0x0A, byte != 0 { end += 1 }
            let line = text.text(offset..<end)
            offset = end + 1
            guard line.hasPrefix("0x"), let space = line.firstIndex(of: " "),
                let address = UInt64(line[..<space].dropFirst(2), radix: 16),
                let first = line.firstIndex(of: "\""), let last = line.lastIndex(of: "\""), first < last
            else { continue }
            texts[address] = String(line[line.index(after: first)..<last])
        }
        return texts
    }
}
