/// A statistic of a kind of row, as the analysis keeps it.
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

    /// The row and the statistic of it that this is.
    var row: (kind: RowKind, measure: Measure) {
        switch self {
        case .irq: (.irq, .duration)
        case .softirq: (.softirq, .duration)
        case .raiseLatency: (.softirq, .raiseLatency)
        case .vector: (.vector, .duration)
        case .work: (.work, .duration)
        case .queueLatency: (.work, .queueLatency)
        }
    }
}

/// The identity of a row in the analysis, apart from the text, which lies in the table's arena.
struct SpanKey: BitwiseCopyable, Equatable {
    let kind: SpanKind
    let number: UInt64
}
