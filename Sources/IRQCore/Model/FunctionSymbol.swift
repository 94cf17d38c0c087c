/// A kernel function by name.
public struct FunctionSymbol: Sendable, Hashable {
    /// The function. Untrusted text.
    public let name: String
    /// The module that it belongs to; nil for the kernel itself. Untrusted text.
    public let module: String?

    /// Creates a symbol.
    public init(name: String, module: String?) {
        self.name = name
        self.module = module
    }
}
