/// One event to switch on.
struct EventChoice: Equatable {
    let system: String
    let name: String
    /// What the kernel lets through; nil is all.
    var filter: String?
    /// Whether it must stay off if the kernel does not take the filter: it would flood the buffer.
    var isFilterNeeded = false
    /// Whether there is nothing to measure without it.
    var isRequired = false

    /// As users know it: "irq:irq_handler_entry".
    var fullName: String { "\(system):\(name)" }
    /// Its directory below that of an instance.
    var folder: String { "events/\(system)/\(name)" }

    /// The events of a plan.
    ///
    /// - Parameter names: the names of a system's events; empty if the kernel has no such system.
    /// - Returns: what to switch on, which may be missing; and groups that this kernel has nothing of.
    static func all(_ plan: TracePlan, names: (String) -> [String]) -> (choices: [EventChoice], missing: [String]) {
        var missing: [String] = []
        let irqFilter = plan.irqs.map { EventFilter.irqs($0) }
        var choices = ["entry", "exit"].map {
            EventChoice(system: "irq", name: "irq_handler_\($0)", filter: irqFilter, isRequired: true)
        }
        func add(_ system: String, _ events: String...) {
            choices += events.map { EventChoice(system: system, name: $0) }
        }
        func addAll(_ system: String, where isWanted: (String) -> Bool = { _ in true }) {
            let wanted = names(system).filter(isWanted).sorted()
            if wanted.isEmpty { missing.append("\(system):*") }
            choices += wanted.map { EventChoice(system: system, name: $0) }
        }
        if plan.events.contains(.softirqs) { add("irq", "softirq_raise", "softirq_entry", "softirq_exit") }
        if plan.events.contains(.tasklets) { add("irq", "tasklet_entry", "tasklet_exit") }
        if plan.events.contains(.workqueues) {
            add("workqueue", "workqueue_queue_work", "workqueue_execute_start", "workqueue_execute_end")
        }
        if plan.events.contains(.napi) { add("napi", "napi_poll") }
        // The vector_* events there tell of set-up, not of interrupts.
        if plan.events.contains(.irqVectors) {
            addAll("irq_vectors") { $0.hasSuffix("_entry") || $0.hasSuffix("_exit") }
        }
        if plan.events.contains(.ipi) { addAll("ipi") }
        if plan.events.contains(.scheduler) {
            for (name, fields) in [
                ("sched_switch", ["prev_comm", "next_comm"]), ("sched_waking", ["comm"]), ("sched_wakeup", ["comm"]),
            ] {
                choices.append(
                    EventChoice(
                        system: "sched", name: name, filter: EventFilter.interruptThreads(fields), isFilterNeeded: true)
                )
            }
        }
        return (choices, missing)
    }
}

/// Texts for an event's `filter` file (Documentation/trace/events.rst).
enum EventFilter {
    /// Lets through some interrupts: `(irq >= 30 && irq <= 33) || irq == 40`.
    static func irqs(_ ranges: [ClosedRange<Int64>]) -> String {
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
            return low == high ? "irq == \(low)" : "(irq >= \(low) && irq <= \(high))"
        }
        return terms.isEmpty ? "irq < 0" : terms.joined(separator: " || ")
    }

    /// Lets through threads that work for interrupts, by any of the fields with a thread's name.
    static func interruptThreads(_ fields: [String]) -> String {
        fields.flatMap { ["\($0) ~ \"irq/*\"", "\($0) ~ \"ksoftirqd/*\""] }.joined(separator: " || ")
    }
}
