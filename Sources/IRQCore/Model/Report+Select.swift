/// Which rows of a report to show.
public struct RowSelection: Sendable {
    /// The IRQs to show; if given, softirqs, vectors and work are not.
    public var irqs: [ClosedRange<Int64>]?
    /// Tells from a row's name whether to show it.
    public var isNameWanted: (@Sendable (String) -> Bool)?

    /// Whether it leaves out anything.
    public var isNarrowed: Bool { irqs != nil || isNameWanted != nil }

    /// Creates a selection of all rows.
    public init() {}

    func contains(_ kind: ReportRowKind, _ number: Int64, _ name: String) -> Bool {
        if let irqs { guard kind == .irq, irqs.contains(where: { $0.contains(number) }) else { return false } }
        return isNameWanted?(name) ?? true
    }
}

extension Report {
    /// Whether it has no rows at all.
    public var isEmpty: Bool { irqs.isEmpty && softirqs.isEmpty && vectors.isEmpty && work.isEmpty }

    /// Leaves only the rows, storms and slowest spans of `selection`. What was read and lost stays as it
    /// is: the quality of a recording does not depend on what is shown of it.
    public mutating func select(_ selection: RowSelection) {
        irqs.removeAll { !selection.contains($0.kind, $0.number, $0.name) }
        softirqs.removeAll { !selection.contains($0.kind, $0.number, $0.name) }
        vectors.removeAll { !selection.contains($0.kind, $0.number, $0.name) }
        work.removeAll { !selection.contains($0.kind, $0.number, $0.name) }
        storms.removeAll { !selection.contains($0.kind, $0.number, $0.name) }
        slowest.removeAll { !selection.contains($0.kind, $0.number, $0.name) }
    }

    /// Narrows the window to the times that were asked for.
    public mutating func clipWindow(from: UInt64, to: UInt64) {
        guard let start = startNanoseconds, let end = endNanoseconds else { return }
        startNanoseconds = max(start, min(from, end))
        endNanoseconds = max(min(end, max(to, start)), startNanoseconds ?? start)
    }
}
