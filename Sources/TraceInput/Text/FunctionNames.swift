internal import Synchronization
import IRQCore

/// The names of functions that a text has told so far, for those who select rows while they are made.
final class FunctionNames: Sendable {
    private let names = Mutex<[String]>([])

    /// The number of functions that were added.
    var count: Int { names.withLock { $0.count } }

    /// Adds those that `decoder` met since the last time.
    func add(_ decoder: borrowing TextDecoder) {
        for number in count..<decoder.functionCount {
            let name = decoder.functionName(UInt64(number + 1)) ?? ""
            names.withLock { $0.append(name) }
        }
    }

    /// The function that a number stands for in events.
    func symbol(_ number: UInt64) -> FunctionSymbol? {
        names.withLock {
            number > 0 && number <= UInt64($0.count) ? FunctionSymbol(textName: $0[Int(number) - 1]) : nil
        }
    }
}

extension FunctionSymbol {
    /// A function as a text names it, its module behind it in brackets: an address if the text's program had no symbols.
    init(textName text: String) {
        let parts = text.split(separator: " ", maxSplits: 1)
        let name = parts.first.map(String.init) ?? text
        let module = parts.count == 2 ? String(parts[1].dropFirst().dropLast()) : nil
        let digits = name.hasPrefix("0x") || name.hasPrefix("0X") ? name.dropFirst(2) : name[...]
        let isAddress = digits.count >= 8 && digits.allSatisfy(\.isHexDigit)
        self.init(name: isAddress ? "0x" + digits.lowercased() : name, module: module)
    }
}
