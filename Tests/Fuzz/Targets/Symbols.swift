import IRQCore
@testable import KernelSource
@testable import TraceInput

/// Any bytes as a table that a recording or the kernel has beside events: the first byte chooses kallsyms, printk_formats,
/// saved_cmdlines, or the counts of a buffer.
func readSymbols(_ span: RawSpan) {
    guard let choice = span.byte(at: 0) else { return }
    let text = span.extracting(1..<span.byteCount)
    switch choice {
    case UInt8(ascii: "p"): _ = KernelTexts.read(text)
    case UInt8(ascii: "c"): _ = SavedCommandLines.read(text)
    case UInt8(ascii: "s"): _ = TraceStatistics(text).lost
    default: readKallsyms(text)
    }
}

private func readKallsyms(_ text: RawSpan) {
    _ = SymbolText.hasHiddenAddresses(text)
    let table = SymbolTable(copying: text)
    // The addresses as a slow and simple reader finds them.
    var addresses: Set<UInt64> = [0, .max]
    let lines = text.array.split(separator: 0x0A)
    for line in lines.prefix(64) {
        let digits = line.prefix { byte in
            (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) || (0x41...0x46).contains(byte)
        }
        if let address = UInt64(String(decoding: digits, as: UTF8.self), radix: 16) { addresses.insert(address) }
    }
    let found = SymbolNames.find(addresses, in: text)
    let around = SymbolNames.findAround(addresses, in: text)
    for address in addresses {
        // What begins just there or before is also found around it.
        if found[address] != nil { precondition(around[address] != nil) }
        _ = table.symbol(at: address)
    }
    precondition(Set(found.keys).isSubset(of: addresses))
}
