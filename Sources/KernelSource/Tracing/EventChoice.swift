internal import IRQCore

/// One event to switch on.
struct EventChoice: Equatable {
    let system: String
    var name: String
    /// The filter in the kernel; nil lets all through.
    var filter: String?
    /// True if it must stay off if the kernel does not take the filter: it would flood the buffer.
    var isFilterNeeded = false
    /// True if there is nothing to measure without it.
    var isRequired = false

    /// As users know it: "irq:irq_handler_entry".
    var fullName: String { "\(system):\(name)" }
    /// Its directory below that of an instance.
    var folder: String { "events/\(system)/\(name)" }

    /// The events of a plan, of the catalogue's groups; those of handlers are always among them.
    ///
    /// - Parameter names: the names of a system's events; empty if the kernel has no such system.
    /// - Returns: what to switch on, which may be missing; and groups that this kernel has nothing of.
    static func all(_ plan: TracePlan, names: (String) -> [String]) -> (choices: [EventChoice], missing: [String]) {
        var missing: [String] = []
        var choices: [EventChoice] = []
        for event in EventCatalogue.events(of: plan.events.union([.irq])) {
            // The line for all events of a system stands for those that have lines of their own as well.
            if event.name != .any,
                EventCatalogue.events.contains(where: { $0.system == event.system && $0.name == .any })
            {
                continue
            }
            var choice = EventChoice(system: event.system, name: "", isRequired: event.group == .irq)
            switch event.filter {
            case .interrupts(let field): choice.filter = plan.irqs.map { EventFilter.irqs($0, field: field) }
            case .tasks(let prefixes):
                choice.filter = plan.tasks.filter(prefixes: prefixes)
                choice.isFilterNeeded = true
            case nil: break
            }
            var wanted: [String]
            if case .exactly(let name) = event.name {
                wanted = [name]
            } else {
                wanted = names(event.system).filter(event.matches).sorted()
                let group = "\(event.system):*"
                if wanted.isEmpty, !missing.contains(group) { missing.append(group) }
            }
            for name in wanted {
                choice.name = name
                // One that has a line of its own stands before the line for all others.
                if !choices.contains(where: { $0.system == choice.system && $0.name == name }) {
                    choices.append(choice)
                }
            }
        }
        return (choices, missing)
    }
}

/// Texts for an event's `filter` file (Documentation/trace/events.rst).
enum EventFilter {
    /// Lets through some interrupts: `(irq >= 30 && irq <= 33) || irq == 40`.
    static func irqs(_ ranges: [ClosedRange<Int64>], field: String = "irq") -> String {
        var merged: [ClosedRange<Int64>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, last.upperBound == .max || range.lowerBound <= last.upperBound + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        // The field is an int of the kernel's; a number outside cannot be one. None at all lets nothing through.
        let terms = merged.compactMap { range -> String? in
            guard range.lowerBound <= Int64(Int32.max), range.upperBound >= 0 else { return nil }
            let low = max(range.lowerBound, 0)
            let high = min(range.upperBound, Int64(Int32.max))
            return low == high ? "\(field) == \(low)" : "(\(field) >= \(low) && \(field) <= \(high))"
        }
        return terms.isEmpty ? "\(field) < 0" : terms.joined(separator: " || ")
    }
}
