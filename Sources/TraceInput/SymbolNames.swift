import IRQCore

/// Looks up functions in a recording's copy of /proc/kallsyms: lines of "address type name [module]".
enum SymbolNames {
    /// A function's address may lie this far behind its symbol: powerpc has a second entry point. What lies
    /// farther belongs to a symbol that is missing, such as an unloaded module's.
    private static let entryByteCount: UInt64 = 16
    /// Longer lines are no symbols.
    private static let lineByteLimit = 1024

    /// The names of the functions that begin at or just before each address. Addresses far behind any symbol have none.
    ///
    /// The kernel's own symbols come in order, so a function's first address is looked up by bisection; what is
    /// not found that way takes one pass over the text, whatever its order.
    static func find(_ addresses: Set<UInt64>, in kallsyms: RawSpan) -> [UInt64: FunctionSymbol] {
        var names: [UInt64: FunctionSymbol] = [:]
        var others: [UInt64] = []
        for address in addresses.sorted() {
            if let name = bisect(kallsyms, address) {
                names[address] = symbol(kallsyms, name)
            } else {
                others.append(address)
            }
        }
        if others.isEmpty { return names }
        let places = places(kallsyms)
        for address in others { names[address] = symbol(at: address, places, kallsyms) }
        return names
    }

    /// The names of the functions that the addresses lie in or behind: those of the symbols next below.
    static func findAround(_ addresses: Set<UInt64>, in kallsyms: RawSpan) -> [UInt64: FunctionSymbol] {
        let places = places(kallsyms)
        var names: [UInt64: FunctionSymbol] = [:]
        for address in addresses {
            names[address] = symbol(at: address, places, kallsyms, within: .max)
        }
        return names
    }

    /// The name on the first line with just this address, if bisection of the text finds one.
    private static func bisect(_ text: RawSpan, _ wanted: UInt64) -> Range<Int>? {
        var low = 0
        var high = text.byteCount
        var found: Range<Int>?
        while low < high {
            guard let middle = lineStart(text, before: (low + high) / 2, notBefore: low) else { return nil }
            let (symbol, next) = line(text, at: middle)
            if next - middle > lineByteLimit + 1 { return nil }
            let address = symbol?.0 ?? 0
            if address < wanted {
                low = next
            } else {
                if address == wanted { found = symbol?.1 }
                high = middle
            }
        }
        return found
    }

    /// The beginning of the line in which `offset` lies.
    private static func lineStart(_ text: RawSpan, before offset: Int, notBefore low: Int) -> Int? {
        var start = offset
        while start > low, text.byte(at: start - 1) != 0x0A {
            start -= 1
            if offset - start > lineByteLimit { return nil }
        }
        return start
    }

    /// A line of the text: an address, and where its name lies.
    fileprivate struct Place {
        let address: UInt64
        let name: Range<Int>
    }

    /// All symbols in the order of their addresses; of those with one address in that of the text.
    fileprivate static func places(_ kallsyms: RawSpan) -> [Place] {
        var places: [Place] = []
        // A line of the kernel's has some forty bytes.
        places.reserveCapacity(kallsyms.byteCount / 32)
        var offset = 0
        // The kernel's own symbols come in order, those of modules behind them do not.
        var isSorted = true
        while offset < kallsyms.byteCount {
            let (symbol, next) = line(kallsyms, at: offset)
            offset = next
            guard let (address, name) = symbol else { continue }
            if let last = places.last, last.address > address { isSorted = false }
            places.append(Place(address: address, name: name))
        }
        if !isSorted {
            places.sort { ($0.address, $0.name.lowerBound) < ($1.address, $1.name.lowerBound) }
        }
        return places
    }

    /// The symbol whose function begins at `address` or just before.
    fileprivate static func symbol(
        at address: UInt64, _ places: [Place], _ text: RawSpan, within distance: UInt64 = entryByteCount
    ) -> FunctionSymbol? {
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].address <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0, address - places[low - 1].address <= distance else { return nil }
        low -= 1
        while low > 0, places[low - 1].address == places[low].address { low -= 1 }
        return symbol(text, places[low].name)
    }

    /// The symbol of a name as it stands in the text: "name", or "name\t[module]".
    private static func symbol(_ text: RawSpan, _ name: Range<Int>) -> FunctionSymbol? {
        let words = text.text(name).split(whereSeparator: { $0 == "\t" || $0 == " " })
        guard let name = words.first else { return nil }
        let module = words.count > 1 ? String(words[1].filter { $0 != "[" && $0 != "]" }) : nil
        return FunctionSymbol(name: String(name), module: module)
    }

    /// The address and name of the line at `offset`, if it is one, and where the next begins.
    private static func line(_ text: RawSpan, at start: Int) -> ((UInt64, Range<Int>)?, Int) {
        var offset = start
        var address: UInt64 = 0
        // Eight digits at a time: an address has eight or sixteen, and a kernel some 200,000 symbols.
        while offset < start + 16,
            let word = text.load(at: offset, as: UInt64.self, isSwapped: ByteOrder.big.isSwapped),
            let digits = eightHexDigits(word)
        {
            address = address << 32 | digits
            offset += 8
        }
        while let byte = text.byte(at: offset), let digit = ASCII.hexadecimalDigit(byte) {
            address = address << 4 | UInt64(digit)
            offset += 1
        }
        let digits = offset - start
        // " t name"
        let nameStart = offset + 3
        var end = offset
        while let word = text.load(at: end, as: UInt64.self, isSwapped: false) {
            let difference = word ^ 0x0A0A_0A0A_0A0A_0A0A
            if (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080 != 0 { break }
            end += 8
        }
        while let byte = text.byte(at: end), byte != 0x0A { end += 1 }
        guard digits > 0, digits <= 16, address != 0, nameStart < end, end - start <= lineByteLimit,
            let first = text.byte(at: nameStart), first > 0x20
        else { return (nil, end + 1) }
        return ((address, nameStart..<end), end + 1)
    }

    /// The value of eight lower-case hexadecimal digits, the first in the highest byte; nil if a byte is none.
    @inline(always)
    private static func eightHexDigits(_ text: UInt64) -> UInt64? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let isLetter = text >> 6 & ones
        let digits = (text & (ones * 0x0F)) &+ isLetter &* 9
        let isAboveNine = (digits &+ ones * 6) >> 4 & ones
        guard digits & (ones * 0xF0) == 0, isAboveNine == isLetter, digits &+ ones * 0x30 &+ isLetter &* 0x27 == text
        else { return nil }
        var packed = (digits | digits >> 4) & 0x00FF_00FF_00FF_00FF
        packed = (packed | packed >> 8) & 0x0000_FFFF_0000_FFFF
        return (packed | packed >> 16) & 0xFFFF_FFFF
    }
}

/// The functions of a copy of /proc/kallsyms, for lookups one by one: the text is gone through once.
struct SymbolTable: Sendable {
    private let text: [UInt8]
    private let places: [SymbolNames.Place]

    init(copying kallsyms: RawSpan) {
        text = Array(copying: kallsyms)
        places = SymbolNames.places(kallsyms)
    }

    /// The function that begins at or just before `address`; nil if there is none.
    func symbol(at address: UInt64) -> FunctionSymbol? {
        let span = text.span
        return SymbolNames.symbol(at: address, places, unsafe span.bytes)  // plain bytes have no padding
    }
}
