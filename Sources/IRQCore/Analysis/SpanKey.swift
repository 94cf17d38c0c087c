/// The identity of a row in the analysis, apart from the text, which lies in the table's arena.
struct SpanKey: BitwiseCopyable, Equatable {
    let kind: SpanKind
    let number: UInt64
}
