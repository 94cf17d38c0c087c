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

/// What tells one row from another, apart from the text, which lies in the table's arena.
struct SpanKey: BitwiseCopyable, Equatable {
    let kind: SpanKind
    let number: UInt64
}
