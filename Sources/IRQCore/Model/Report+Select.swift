/// Which rows of a report to show.
public struct RowSelection: Sendable {
    /// The IRQs to show; if given, softirqs, vectors and work are not.
    public var irqs: [ClosedRange<Int64>]?
    /// Tells from a row's name whether to show it.
    public var isNameWanted: (@Sendable (String) -> Bool)?

    /// True if it leaves out anything.
    public var isNarrowed: Bool { irqs != nil || isNameWanted != nil }

    /// Creates a selection of all rows.
    public init() {}

    func contains(_ kind: RowKind, _ number: Int64, _ name: String) -> Bool {
        if let irqs { guard kind == .irq, irqs.contains(where: { $0.contains(number) }) else { return false } }
        return isNameWanted?(name) ?? true
    }

    func contains(_ key: RowKey) -> Bool { contains(key.kind, key.number, key.name) }
}

/// Decides when a row is made whether its spans may be among the slowest.
public struct RowSelector: Sendable {
    private let selection: RowSelection
    private let names: SpanNames

    /// Creates a selector of the rows of `selection`, which has names from `names`.
    public init(_ selection: RowSelection, names: SpanNames) {
        self.selection = selection
        self.names = names
    }

    func isWanted(_ key: SpanKey, text: [UInt8]) -> Bool {
        selection.contains(key.kind.row.kind, Int64(bitPattern: key.number), names.name(of: key, text: text))
    }
}

extension Report {
    /// True if it has no rows at all.
    public var isEmpty: Bool { rows.isEmpty }

    /// Leaves only the rows, storms and slowest spans of `selection`. What was read and lost stays as it
    /// is: the quality of a recording does not depend on what is shown of it.
    public mutating func select(_ selection: RowSelection) {
        rows.removeAll { !selection.contains($0.key) }
        storms.removeAll { !selection.contains($0.row) }
        slowest.removeAll { !selection.contains($0.row) }
    }

    /// Narrows the window to the times that were asked for.
    public mutating func clipWindow(from: UInt64, to: UInt64) {
        guard let start = startNanoseconds, let end = endNanoseconds else { return }
        startNanoseconds = max(start, min(from, end))
        endNanoseconds = max(min(end, max(to, start)), startNanoseconds ?? start)
    }
}
