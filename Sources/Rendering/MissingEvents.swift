/// The sentences on events that a kernel does not have.
public enum MissingEvents {
    /// The event without which nothing is known of tasks.
    private static let switches = "sched:sched_switch"

    /// The sentences, none where nothing is missing.
    ///
    /// - Parameters:
    ///   - events: full names, such as "irq:tasklet_entry"; "irq_vectors:*" is a whole system.
    ///   - isDeep: true if interrupts were to be followed to tasks: of the many events of that some are always missing.
    public static func sentences(_ events: [String], isDeep: Bool) -> [String] {
        var sentences: [String] = []
        if isDeep, events.contains(switches) {
            sentences.append(
                "this kernel has no event \(switches), or does not filter it: a report cannot follow interrupts to tasks without it"
            )
        }
        let others = events.filter { !isDeep || $0 != switches }
        if isDeep, others.count > 1 {
            return sentences + ["this kernel has none of \(others.joined(separator: ", ")); the others are recorded"]
        }
        return sentences + others.map { "this kernel has no event \($0); the others are recorded" }
    }
}
