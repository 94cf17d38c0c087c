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
    /// The recording it is of, in a report of several: of rows that are kept apart, of storms and of slow spans. Nil of rows
    /// that are added up, and in a report of one recording.
    public internal(set) var recording: Recording?

    /// A recording of a report of several.
    public struct Recording: Sendable, Hashable {
        /// The recording's place in `Report.parts`.
        public let place: Int
        /// The file's name as the user gave it. Untrusted text.
        public let file: String
        /// The last part of that, where it tells the files apart. Untrusted text.
        public let label: String
    }

    /// Creates a key.
    public init(kind: RowKind, buffer: String = "", number: Int64, name: String, device: Device? = nil) {
        self.kind = kind
        self.buffer = buffer
        self.number = number
        self.name = name
        self.device = device
    }

    /// The same row of another buffer.
    func inBuffer(_ buffer: String) -> RowKey {
        RowKey(kind: kind, buffer: buffer, number: number, name: name, device: device)
    }

    /// The number, where rows of the kind show one.
    public var shownNumber: Int64? { kind.traits.numberTitle == nil ? nil : number }
}
