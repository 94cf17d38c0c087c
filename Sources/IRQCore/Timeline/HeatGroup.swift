/// The kinds of rows that are ranked among themselves for a place among the heat maps, in the order of these.
enum HeatGroup: Int8, CaseIterable, Sendable {
    case handler, softirq, raise, wake, work, queue, vector, tasklet

    init(_ row: SpanRow) {
        switch (row.kind, row.measure) {
        case (.irq, _): self = .handler
        case (.softirq, .duration): self = .softirq
        case (.softirq, _): self = .raise
        case (.work, .duration): self = .work
        case (.work, _): self = .queue
        case (.vector, _): self = .vector
        case (.tasklet, _): self = .tasklet
        }
    }

    /// The number of maps that are shown.
    ///
    /// Of handlers some more, for a network card alone has several queues; of the ten softirqs three or four have nearly all of the
    /// time. Tasklets are the time of their softirqs, and have no map of their own.
    var shownCount: Int {
        switch self {
        case .handler: 6
        case .softirq, .raise, .wake: 4
        case .work, .queue, .vector: 2
        case .tasklet: 0
        }
    }
}
