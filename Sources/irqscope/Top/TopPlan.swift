internal import IRQCore
internal import KernelSource
internal import Rendering

/// The task of a run of `top`: the options as values.
struct TopPlan {
    var roots: KernelRoots
    var rows = RowOptions.Values()
    var format = OutputFormat.text
    var style = Style()
    var intervalNanoseconds: UInt64 = 1_000_000_000
    /// The events to trace; nil where nothing can be traced.
    var trace: TracePlan?
    /// The tasks that are followed where interrupts are followed to tasks.
    var tasks = TaskSelection.all
    /// The place of tracefs; nil to find it.
    var tracingRoot: String?
    /// The number of intervals; nil for no end.
    var intervalCount: Int?
    var start = TopState()
    /// True if an order was asked for: JSON and CSV otherwise keep the kernel's.
    var isOrdered = false

    /// The events to trace.
    ///
    /// - Parameter isDeep: true if interrupts are followed to tasks.
    func trace(isDeep: Bool) -> TracePlan? {
        guard isDeep, let trace else { return trace }
        let cpuCount = trace.cpus?.count ?? NUMATopology().possible?.count ?? 1
        return trace.following(tasks, cpuCount: cpuCount)
    }

    /// The limits on rows that hold for every screen.
    var limits: RowOrder.Limits {
        var limits = RowOrder.Limits()
        limits.irqs = rows.irqs
        return limits
    }

    /// The facts that the head shows beside numbers.
    var facts: TopFacts {
        TopFacts(
            kernel: KernelRelease.text(roots), root: roots.isLive ? nil : roots.proc,
            timeOfDay: { KernelClock.timeOfDay(wallNanoseconds: $0) })
    }

    /// The time of the next sample, all in nanoseconds: an interval after the last time that was due, so that small delays do not
    /// add up; but after a longer one, when this process was stopped or the box was busy, a whole interval after the last
    /// sample. Else the next would be one of next to no time, and its rates would be noise.
    static func nextDeadline(after deadline: UInt64, sampled: UInt64, interval: UInt64) -> UInt64 {
        let lateNanoseconds = sampled - min(deadline, sampled)
        return (lateNanoseconds > interval / 10 ? sampled : deadline) &+ interval
    }
}

/// The slots that a regular expression lets through: asked once for each row that appears.
struct WantedSlots {
    private let pattern: NamePattern?
    private var serials: [UInt32] = []
    /// By slot; nil without an expression.
    private(set) var isWanted: [Bool]?

    init(_ pattern: NamePattern?) {
        self.pattern = pattern
        if pattern != nil { isWanted = [] }
    }

    /// The softirqs that it lets through; nil without an expression. Their names never change.
    func softirqs(_ live: Box) -> Set<String>? {
        guard let pattern else { return nil }
        var names: Set<String> = []
        for row in 0..<live.softirqs.sample.table.rowCount {
            let name = live.softirqs.sample.label(live.softirqs.sample.table.row(row))
            if pattern.matches(name) { names.insert(name) }
        }
        return names
    }

    /// Asks for the slots that changed hands.
    mutating func update(_ live: Box) {
        guard let pattern else { return }
        for row in 0..<live.interrupts.sample.table.rowCount {
            let interval = live.interrupts.interval(row)
            let slot = Int(interval.slot)
            if slot < serials.count, serials[slot] == interval.serial { continue }
            while serials.count <= slot {
                serials.append(0)
                isWanted?.append(true)
            }
            serials[slot] = interval.serial
            isWanted?[slot] = live.details(row).searchableNames.contains { pattern.matches($0) }
        }
    }
}
