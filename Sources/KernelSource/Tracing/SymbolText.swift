import IRQCore

/// The text of /proc/kallsyms: an address, a letter and a name in each line.
enum SymbolText {
    /// True if the kernel hides the addresses from this reader: then all of them are zero.
    ///
    /// One that is zero says nothing: x86 has its variables of each CPU at 0 before Linux 6.15, in the first lines.
    static func hasHiddenAddresses(_ text: RawSpan) -> Bool {
        var place = 0
        while let first = text.byte(at: place) {
            var byte: UInt8? = first
            while let digit = byte, digit != UInt8(ascii: " "), digit != UInt8(ascii: "\n") {
                if digit != UInt8(ascii: "0") { return false }
                place += 1
                byte = text.byte(at: place)
            }
            while let other = byte, other != UInt8(ascii: "\n") {
                place += 1
                byte = text.byte(at: place)
            }
            place += 1
        }
        return true
    }
}
