import IRQCore

/// Looks up functions in a recording's copy of /proc/kallsyms: lines of "address type name [module]".
enum SymbolNames {
    /// The names of the functions that begin at or before each address, nearest first.
    /// Addresses before the first symbol have none.
    ///
    /// One pass over the text, whatever its order; memory is that of the answer.
    static func find(_ addresses: Set<UInt64>, in kallsyms: RawSpan) -> [UInt64: FunctionSymbol] {
        let wanted = addresses.sorted()
        guard !wanted.isEmpty else { return [:] }
        var best = [(address: UInt64, name: Range<Int>)?](repeating: nil, count: wanted.count)
        var offset = 0
        while offset < kallsyms.byteCount {
            let (symbol, next) = line(kallsyms, at: offset)
            offset = next
            guard let (address, name) = symbol else { continue }
            // The wanted addresses from this symbol on may lie in it.
            var index = lowerBound(wanted, address)
            while index < wanted.count, best[index].map({ $0.address < address }) ?? true {
                best[index] = (address, name)
                index += 1
            }
        }
        var names: [UInt64: FunctionSymbol] = [:]
        for (index, address) in wanted.enumerated() {
            guard let found = best[index] else { continue }
            let words = kallsyms.text(found.name).split(whereSeparator: { $0 == "\t" || $0 == " " })
            guard let name = words.first else { continue }
            let module = words.count > 1 ? String(words[1].filter { $0 != "[" && $0 != "]" }) : nil
            names[address] = FunctionSymbol(name: String(name), module: module)
        }
        return names
    }

    private static func lowerBound(_ sorted: [UInt64], _ value: UInt64) -> Int {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The address and name of the line at `offset`, if it is one, and where the next begins.
    private static func line(_ text: RawSpan, at start: Int) -> ((UInt64, Range<Int>)?, Int) {
        var offset = start
        var address: UInt64 = 0
        var digits = 0
        while let byte = text.byte(at: offset), let digit = hexDigit(byte) {
            address = address << 4 | UInt64(digit)
            digits += 1
            offset += 1
        }
        // " t name"
        let nameStart = offset + 3
        var end = offset
        while let byte = text.byte(at: end), byte != 0x0A { end += 1 }
        guard digits > 0, digits <= 16, address != 0, nameStart < end else { return (nil, end + 1) }
        return ((address, nameStart..<end), end + 1)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x61...0x66: byte - 0x57
        case 0x41...0x46: byte - 0x37
        default: nil
        }
    }
}
