extension EventKind {
    /// The kind of rows for which the event counts.
    public var rows: RowKind {
        switch self {
        case .irqEntry, .irqExit: .irq
        case .softirqRaise, .softirqEntry, .softirqExit: .softirq
        case .vectorEntry, .vectorExit: .vector
        case .workQueue, .workStart, .workEnd: .work
        case .taskletEntry, .taskletExit: .tasklet
        }
    }

    /// The roles of the numbers, in the order of `TraceEvent`'s.
    var numberRoles: [String] {
        switch self {
        case .irqEntry: ["interrupt"]
        case .irqExit: ["interrupt", "result"]
        case .softirqRaise, .softirqEntry, .softirqExit: ["softirq"]
        case .vectorEntry, .vectorExit: []
        case .workQueue, .workStart: ["work item", "function"]
        case .workEnd: ["work item"]
        case .taskletEntry, .taskletExit: ["tasklet", "function"]
        }
    }
}

extension CatalogueEvent {
    /// The fields that are read, each with its role, such as `irq` and "interrupt".
    public var fields: [(name: String, role: String)] {
        var fields = zip(numbers, kind?.numberRoles ?? []).map { (name: $0, role: $1) }
        if let text { fields.append((text, "action")) }
        return fields
    }
}
