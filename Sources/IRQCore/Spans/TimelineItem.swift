/// A thing on a timeline.
public enum TimelineItem: Sendable {
    /// A span of a row.
    case span(FinishedSpan)
    /// A task's run on a CPU. Its own time is the number of the arrow that ends there; 0 for none.
    case run(FinishedSpan, buffer: String)
    /// An arrow from the span that begins at the same time on the same CPU and comes next; its own time is its number.
    case arrow(FinishedSpan, buffer: String)
    /// A stretch of time of which events of a CPU are missing; where there is none before, it has no length.
    case gap(FinishedSpan, buffer: String)
}
