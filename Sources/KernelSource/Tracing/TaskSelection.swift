/// The tasks whose switches and wake-ups are traced.
public enum TaskSelection: Sendable, Equatable {
    /// All tasks.
    case all
    /// Those that one of the terms is true of.
    case any([TaskTerm])

    /// The threads that serve interrupts.
    public static let serviceThreads = TaskSelection.any([.serviceThreads])

    /// The words that stand for the terms, as `--threads` takes them; nil for all tasks.
    public var words: [String]? {
        guard case .any(let terms) = self else { return nil }
        return terms.map { term in
            switch term {
            case .serviceThreads: "irq"
            case .realTime: "rt"
            case .pid(let pid): "\(pid)"
            case .name(let name): name
            }
        }
    }
}

/// A choice of tasks that the kernel can make before it writes an event.
public enum TaskTerm: Sendable, Equatable {
    /// The threads that serve interrupts: irq/N, ksoftirqd, ktimers, napi.
    case serviceThreads
    /// Tasks with a real-time priority or a deadline.
    case realTime
    /// The task with this pid.
    case pid(Int32)
    /// Tasks with this name, in which * and ? stand for any letters and any letter.
    case name(String)

    /// The names of threads that serve interrupts, as the kernel matches them.
    private static let serviceNames = ["irq/*", "ksoftirqd/*", "ktimers/*", "napi/*"]

    /// The kernel's conditions on the fields that begin so, such as `prev_`.
    ///
    /// A priority is the kernel's: below 100 is real-time, -1 a deadline.
    func conditions(prefix: String) -> [String] {
        switch self {
        case .serviceThreads: Self.serviceNames.map { "\(prefix)comm ~ \"\($0)\"" }
        case .realTime: ["\(prefix)prio < 100"]
        case .pid(let pid): ["\(prefix)pid == \(pid)"]
        case .name(let name): ["\(prefix)comm ~ \"\(name)\""]
        }
    }
}

extension TaskSelection {
    /// The text for the `filter` file of an event with such fields; nil lets all through.
    func filter(prefixes: [String]) -> String? {
        guard case .any(let terms) = self else { return nil }
        return prefixes.flatMap { prefix in terms.flatMap { $0.conditions(prefix: prefix) } }.joined(separator: " || ")
    }
}
