/// What a row of statistics is about.
enum SpanKind: UInt8, BitwiseCopyable {
    /// A hardirq handler: the number is the IRQ, the text the action.
    case irq
    /// A softirq: the number is the vector.
    case softirq
    /// From the first raise of a softirq to its entry: the number is the vector.
    case raiseLatency
    /// An x86 interrupt vector: the number is its place in `EventFormats.vectorNames`.
    case vector
    /// A work item's execution: the number is the function's address.
    case work
    /// From the queueing of a work item to the start of its execution.
    case queueLatency
}

/// Rows that the list of the slowest spans leaves out. They are known only when a recording has been read
/// once; it is then read again.
public struct ExcludedRows: Sendable, Equatable {
    struct Row: Sendable, Equatable {
        let key: SpanKey
        let text: [UInt8]
    }

    var rows: [Row] = []

    /// Leaves out nothing.
    public init() {}

    /// Whether nothing is left out.
    public var isEmpty: Bool { rows.isEmpty }
}

/// What tells one row from another, apart from the text, which lies in the table's arena.
struct SpanKey: BitwiseCopyable, Equatable {
    let kind: SpanKind
    let number: UInt64
}
