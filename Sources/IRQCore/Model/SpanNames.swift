/// The names of rows, where a recording has them apart from its events.
public struct SpanNames: Sendable {
    /// Those of the x86 vectors, from `EventFormats`.
    public var vectors: [String]
    /// That of the function at an address; nil if none is known.
    public var function: @Sendable (UInt64) -> FunctionSymbol?

    /// Creates names; without a symbol a function is called by its address.
    public init(vectors: [String] = [], function: @escaping @Sendable (UInt64) -> FunctionSymbol? = { _ in nil }) {
        self.vectors = vectors
        self.function = function
    }

    /// The name of a row. Untrusted text.
    func name(of kind: RowKind, _ number: UInt64, text: [UInt8]) -> String {
        if kind.traits.isFunction { return symbol(number).name }
        return switch kind {
        case .softirq: SoftirqNames.name(of: Int64(bitPattern: number))
        case .vector: number < UInt64(vectors.count) ? vectors[Int(number)] : String(number)
        default: String(decoding: text, as: UTF8.self)
        }
    }

    /// The symbol of an address, or the address itself as a name.
    func symbol(_ address: UInt64) -> FunctionSymbol {
        function(address) ?? FunctionSymbol(name: "0x" + String(address, radix: 16), module: nil)
    }
}
