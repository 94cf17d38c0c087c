/// The row that spans of an export are of, with its name as reports have it.
public struct SpanTitle: Sendable, Hashable {
    /// The kind of row.
    public let kind: RowKind
    /// The statistic of the row that the spans are.
    public let measure: Measure
    /// The IRQ or the softirq's number; nil where rows have a name only.
    public let number: Int64?
    /// The action, softirq, vector or function. Untrusted text.
    public let name: String
    /// The buffer (trace instance) it was recorded in; "" is the top-level one. Untrusted text.
    public let buffer: String

    /// Names a row.
    ///
    /// - Parameters:
    ///   - vectorNames: those that the sink was finished with.
    ///   - functions: the functions by address.
    public init(
        _ row: SpanRow, buffer: String, vectorNames: [String], functions: [UInt64: FunctionSymbol]
    ) {
        (kind, measure) = (row.kind, row.measure)
        self.buffer = buffer
        let names = SpanNames(vectors: vectorNames) { functions[$0] }
        name = names.name(of: row)
        number = row.kind.traits.numberTitle == nil ? nil : Int64(bitPattern: row.number)
    }

    /// The word for the spans: that of the kind of row, or of the time that is waited before.
    public var word: String { measure == .duration ? kind.rawValue : measure.jsonName.description }
}

extension SpanNames {
    /// The name of a row.
    func name(of row: SpanRow) -> String {
        name(of: row.kind, row.number, text: row.text)
    }
}

/// The names that a recording tells beside its events.
public struct RecordingNames: Sendable {
    /// The functions by address.
    public var functions: [UInt64: FunctionSymbol] = [:]
    /// The tasks' names by pid, if they were asked for. Untrusted text.
    public var tasks: [Int32: String] = [:]

    /// Creates names, of nothing.
    public init() {}

    init(functions: [UInt64: FunctionSymbol], tasks: [Int32: String]) {
        (self.functions, self.tasks) = (functions, tasks)
    }

    /// The name of a task; nil if it is not known.
    public func task(_ pid: Int32) -> String? { pid == 0 ? "<idle>" : tasks[pid] }
}

extension RowSelection {
    /// True if the selection has the row's number, whatever its name.
    public func containsNumber(of row: SpanRow) -> Bool {
        guard let irqs else { return true }
        return row.kind == .irq && irqs.contains { $0.contains(Int64(bitPattern: row.number)) }
    }
}
