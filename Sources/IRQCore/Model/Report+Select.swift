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

    /// True for a row that has a wanted number, and a wanted name, in one of its recordings.
    public func contains(_ row: ReportRow) -> Bool { contains(row.key) || row.members.contains(where: contains) }
}

/// Decides when a row is made whether its spans may be among the slowest, and in pictures.
public struct RowSelector: Sendable {
    /// The rows that are wanted.
    public let selection: RowSelection
    private let names: SpanNames

    /// Creates a selector of the rows of `selection`, which has names from `names`.
    public init(_ selection: RowSelection, names: SpanNames) {
        self.selection = selection
        self.names = names
    }

    func isWanted(_ key: SpanKey, text: [UInt8]) -> Bool { isWanted(key.kind.row.kind, key.number, text) }
    func isWanted(_ row: SpanRow) -> Bool { isWanted(row.kind, row.number, row.text) }

    private func isWanted(_ kind: RowKind, _ number: UInt64, _ text: [UInt8]) -> Bool {
        selection.contains(kind, Int64(bitPattern: number), names.name(of: kind, number, text: text))
    }
}

extension DeepReport {
    /// Leaves only the tables of interrupts, with the rows of `selection`.
    mutating func select(_ selection: RowSelection) {
        func isWanted(_ irq: Int64?, _ name: String) -> Bool {
            if let irqs = selection.irqs {
                guard let irq, irqs.contains(where: { $0.contains(irq) }) else { return false }
            }
            return selection.isNameWanted?(name) ?? true
        }
        threads.removeAll { !isWanted($0.irq, $0.name) }
        wakes.removeAll { wake in
            switch wake.cause {
            case .irq(let irq, let action): !isWanted(irq, action)
            case .irqThread(let irq): !isWanted(irq, wake.name)
            case .vector(let name), .softirq(let name), .packetThread(let name): !isWanted(nil, name)
            }
        }
        softirqs.removeAll { !isWanted(nil, SoftirqNames.name(of: Int64($0.vector))) }
        devices.removeAll { !isWanted(nil, $0.name) }
        chains.removeAll { !isWanted($0.irq, $0.devices) }
        handlers.removeAll { !isWanted($0.irq, $0.action) }
        let tables: [WritableKeyPath<DeepReport, [Function]>] = [
            \.tasklets, \.received, \.calls, \.timers, \.hrtimers, \.work,
        ]
        for table in tables { self[keyPath: table].removeAll { !isWanted(nil, $0.name ?? "") } }
        lateWakes.removeAll { late in
            switch late.cause ?? late.originCause {
            case .irq(let irq, let action): !isWanted(irq, action)
            case .irqThread(let irq): !isWanted(irq, late.name)
            case .vector(let name), .softirq(let name), .packetThread(let name): !isWanted(nil, name)
            case nil: !isWanted(nil, late.name)
            }
        }
        lateSoftirqs.removeAll { !isWanted(nil, SoftirqNames.name(of: Int64($0.softirq ?? 0))) }
        softirqWaits.removeAll { !isWanted(nil, SoftirqNames.name(of: Int64($0.vector))) }
        senders.removeAll { !isWanted(nil, $0.callsite ?? $0.reason ?? "") }
        sendingTasks.removeAll { !isWanted(nil, $0.name) }
        victims.removeAll { !isWanted(nil, $0.name) }
        faults.removeAll { !isWanted(nil, $0.name) }
    }

    /// True if a table has a task that is wanted.
    public func has(task isWanted: (_ name: String, _ pid: Int64) -> Bool) -> Bool {
        threads.contains { isWanted($0.name, $0.pid) } || wakes.contains { isWanted($0.name, $0.pid) }
            || lateWakes.contains { isWanted($0.name, $0.pid) } || sendingTasks.contains { isWanted($0.name, $0.pid) }
            || victims.contains { isWanted($0.name, $0.pid) } || faults.contains { isWanted($0.name, $0.pid) }
    }

    /// Leaves only the rows of tasks that are wanted, in the tables that have tasks.
    public mutating func select(task isWanted: (_ name: String, _ pid: Int64) -> Bool) {
        threads.removeAll { !isWanted($0.name, $0.pid) }
        wakes.removeAll { !isWanted($0.name, $0.pid) }
        lateWakes.removeAll { !isWanted($0.name, $0.pid) }
        lateSoftirqs = []
        sendingTasks.removeAll { !isWanted($0.name, $0.pid) }
        victims.removeAll { !isWanted($0.name, $0.pid) }
        faults.removeAll { !isWanted($0.name, $0.pid) }
    }
}

extension Timeline {
    /// Leaves only the pictures and moments of what is wanted.
    mutating func select(_ isWanted: (HeatMap.Subject) -> Bool) {
        heatMaps.removeAll { !isWanted($0.subject) }
        moments.removeAll { !isWanted($0.subject) }
    }
}

extension Report {
    /// True if it has no rows at all.
    public var isEmpty: Bool { rows.isEmpty }

    /// Leaves only the rows, storms and slowest spans of `selection`. What was read and lost stays as it
    /// is: the quality of a recording does not depend on what is shown of it.
    public mutating func select(_ selection: RowSelection) {
        rows.removeAll { !selection.contains($0) }
        // What is wanted of a row that was added up is wanted in all recordings, whatever it is called there.
        let members = Set(rows.lazy.flatMap(\.members))
        storms.removeAll { !selection.contains($0.row) && !members.contains($0.row) }
        slowest.removeAll { !selection.contains($0.row) && !members.contains($0.row) }
        if selection.isNarrowed {
            if timeline != nil {
                let choice = PictureChoice(selection, self)
                timeline?.select(choice.contains)
            }
            deep?.select(selection)
            // They have the time of all interrupts.
            timeline?.lanes = []
            for place in parts.indices { parts[place].deep?.select(selection) }
        }
    }

    /// Leaves only the rows of tasks that are wanted, in the tables that have tasks.
    public mutating func select(task isWanted: (_ name: String, _ pid: Int64) -> Bool) {
        deep?.select(task: isWanted)
        timeline?.select { subject in
            switch subject {
            case .row: true
            case .wake(let name, let pid), .task(let name, let pid): isWanted(name, pid)
            }
        }
        for place in parts.indices { parts[place].deep?.select(task: isWanted) }
    }

    /// Takes the time in which was traced: rates and shares are by that. Times that do not fit the events, as those of another
    /// clock, are left out.
    public mutating func setTraced(_ time: ClosedRange<UInt64>) {
        guard let start = startNanoseconds, let end = endNanoseconds else {
            traced = time
            return
        }
        guard time.overlaps(start...max(start, end)) else { return }
        traced = min(start, time.lowerBound)...max(end, time.upperBound)
    }

    /// Narrows the window to the times that were asked for.
    public mutating func clipWindow(from: UInt64, to: UInt64) {
        if let time = traced {
            let start = max(time.lowerBound, min(from, time.upperBound))
            traced = start...max(start, min(time.upperBound, to))
        }
        guard let start = startNanoseconds, let end = endNanoseconds else { return }
        startNanoseconds = max(start, min(from, end))
        endNanoseconds = max(min(end, max(to, start)), startNanoseconds ?? start)
    }
}
