/// The kinds of rows of a report, in the order in which reports show them. `traits` says all that is special about a kind.
public enum RowKind: String, Sendable, CaseIterable {
    /// A hardirq handler: one row an IRQ and action.
    case irq
    /// A softirq vector.
    case softirq
    /// A function run by a tasklet, inside of the softirqs HI and TASKLET.
    case tasklet
    /// An x86 interrupt vector.
    case vector
    /// A function run by a workqueue.
    case work
}

/// The statistics that a row can have.
public enum Measure: Sendable, CaseIterable {
    /// The time from the beginning to the end of a span.
    case duration
    /// The time from the first raise of a softirq to its entry.
    case raiseLatency
    /// The time from the queueing of a work item to the start of its execution.
    case queueLatency

    /// The statistic's key in JSON.
    public var jsonName: StaticString {
        switch self {
        case .duration: "duration"
        case .raiseLatency: "raise_latency"
        case .queueLatency: "queue_latency"
        }
    }
}

/// All that tells one kind of row from another: how it is titled, named in JSON, and what it has.
public struct RowTraits: Sendable {
    /// A kind's names in JSON.
    public typealias JSONNames = (
        rows: StaticString, number: StaticString?, name: StaticString, calls: StaticString
    )

    /// The title of the kind's table.
    public let title: String
    /// The title of the column of numbers; nil if rows of the kind have a name only.
    public let numberTitle: String?
    /// The title of the column of names.
    public let nameTitle: String
    /// The kind's key in JSON, and the keys of number, name and entries there.
    public let json: JSONNames
    /// The statistic of the time before a span began, and its title in columns; nil if the kind has none.
    public let latency: (measure: Measure, title: String)?
    /// The title of the kind's column in the table of CPU time; nil for what may sleep.
    public let loadTitle: String?
    /// True if its spans return a result: handled, unhandled, thread woken.
    public let hasResults: Bool
    /// True if the number is a function's address, which has a name in the recording's kallsyms.
    public let isFunction: Bool

    init(
        _ title: String, number: String? = nil, name: String,
        json: JSONNames,
        latency: (measure: Measure, title: String)? = nil, load: String? = nil, hasResults: Bool = false,
        isFunction: Bool = false
    ) {
        self.title = title
        numberTitle = number
        nameTitle = name
        self.json = json
        self.latency = latency
        loadTitle = load
        self.hasResults = hasResults
        self.isFunction = isFunction
    }
}

extension RowKind {
    /// The kind's traits.
    public var traits: RowTraits {
        switch self {
        case .irq: Self.irqTraits
        case .softirq: Self.softirqTraits
        case .tasklet: Self.taskletTraits
        case .vector: Self.vectorTraits
        case .work: Self.workTraits
        }
    }

    private static let irqTraits = RowTraits(
        "Interrupt handlers", number: "IRQ", name: "ACTION", json: ("irqs", "irq", "action", "calls"), load: "HARDIRQ",
        hasResults: true)
    private static let softirqTraits = RowTraits(
        "Softirqs", number: "VEC", name: "SOFTIRQ", json: ("softirqs", "vector", "name", "entries"),
        latency: (.raiseLatency, "RAISE"), load: "SOFTIRQ")
    private static let taskletTraits = RowTraits(
        "Tasklets", name: "FUNCTION", json: ("tasklets", nil, "function", "calls"), isFunction: true)
    private static let vectorTraits = RowTraits(
        "Interrupt vectors (x86)", name: "VECTOR", json: ("vectors", nil, "vector", "entries"), load: "VECTORS")
    private static let workTraits = RowTraits(
        "Work items", name: "FUNCTION", json: ("work", nil, "function", "starts"), latency: (.queueLatency, "WAIT"),
        isFunction: true)
}

/// A statistic of a kind of row, as the analysis keeps it.
enum SpanKind: UInt8, BitwiseCopyable, CaseIterable {
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
    /// A tasklet's execution: the number is the function's address.
    case tasklet

    /// The row and the statistic of it that this is.
    var row: (kind: RowKind, measure: Measure) {
        switch self {
        case .irq: (.irq, .duration)
        case .softirq: (.softirq, .duration)
        case .raiseLatency: (.softirq, .raiseLatency)
        case .vector: (.vector, .duration)
        case .work: (.work, .duration)
        case .queueLatency: (.work, .queueLatency)
        case .tasklet: (.tasklet, .duration)
        }
    }
}
