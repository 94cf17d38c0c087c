/// The identity of a row: what storms, the slowest spans and comparisons refer to it by.
public struct RowKey: Sendable, Hashable {
    /// The kind of row it is.
    public let kind: RowKind
    /// The buffer (trace instance) it was recorded in; "" is the top-level one.
    public let buffer: String
    /// The IRQ or softirq vector; the address of a function; 0 for x86 vectors, which have a name only.
    public let number: Int64
    /// The action, softirq, vector or function. From the recording: untrusted text.
    public let name: String
    /// The device that raises the interrupt; nil where the recording does not tell, and of other kinds.
    public internal(set) var device: Device?

    /// Creates a key.
    public init(kind: RowKind, buffer: String = "", number: Int64, name: String, device: Device? = nil) {
        self.kind = kind
        self.buffer = buffer
        self.number = number
        self.name = name
        self.device = device
    }

    /// The number, where rows of the kind show one.
    public var shownNumber: Int64? { kind.traits.numberTitle == nil ? nil : number }
}
