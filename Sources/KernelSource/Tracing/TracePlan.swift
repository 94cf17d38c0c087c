public import IRQCore

/// The events to trace, and the memory that the kernel may use for them.
public struct TracePlan: Sendable, Equatable {
    /// The groups of events; that of handlers is always among them.
    public var events = EventGroup.standard
    /// The tasks whose switches and wake-ups are wanted, with the events of the scheduler.
    public var tasks = TaskSelection.serviceThreads
    /// True if interrupts are followed to the tasks that they wake and delay, live.
    public var isDeep = false
    /// The interrupts whose handlers are wanted; nil is all. Only handler events know an interrupt's number.
    public var irqs: [ClosedRange<Int64>]?
    /// The CPUs that are wanted; nil is all.
    public var cpus: Set<Int>?
    /// Memory of the kernel for each CPU, which it must have; nil is `usualKilobytesPerCPU`.
    public var bufferKilobytesPerCPU: Int?
    /// Memory of the kernel for each CPU, or half of it as long as there is none; nil is `defaultKilobytes(cpuCount:)`.
    public var usualKilobytesPerCPU: Int?
    /// The clock, as trace_clock names it.
    public var clock = "mono"
    /// True if a full buffer loses its oldest events; otherwise the newest ones.
    ///
    /// Only the loss of old events is marked in the pages, so that no duration spans it.
    public var isOverwrite = true
    /// The fill of a buffer at which waiting ends, in percent.
    ///
    /// Measured with 360,000 events a second: 50 wakes the reader 2.6 times a second, 0 18,000 times.
    public var wakePercent = 50
    /// True if it traces as soon as the instance is made; otherwise from `start` on.
    public var startsAtOnce = true

    /// Plans the default.
    public init() {}

    /// The same plan for following interrupts to tasks, live: with all wake-ups, switches, and vectors, which wake and delay
    /// tasks as well. Events wait in our memory until all CPUs were read, so buffers are small enough for that.
    ///
    /// - Parameter tasks: the tasks to follow.
    public func following(_ tasks: TaskSelection, cpuCount: Int) -> TracePlan {
        var plan = self
        plan.isDeep = true
        plan.tasks = tasks
        plan.events.formUnion([.softirq, .irqVectors, .sched])
        plan.usualKilobytesPerCPU = max(min(4096, (32 << 10) / max(cpuCount, 1)), 256)
        return plan
    }

    /// Kilobytes for each of so many CPUs: 4,096, which last for a second of 240,000 events on a CPU, and
    /// at most 256 MiB in all, but for 512 a CPU.
    public static func defaultKilobytes(cpuCount: Int) -> Int {
        max(min(4096, (256 << 10) / max(cpuCount, 1)), 512)
    }

    /// Kilobytes for each of so many CPUs where events of the scheduler come as well: four times as much as by default, and at
    /// most 512 MiB or a sixteenth of the memory that is free in all.
    ///
    /// - Parameter availableKilobytes: the memory that is free; nil if that is unknown.
    /// - Returns: the usual size, and the largest.
    public static func deepKilobytes(cpuCount: Int, availableKilobytes: Int?) -> (usual: Int, most: Int) {
        let all = min(512 << 10, (availableKilobytes ?? .max) / 16)
        let most = max(all / max(cpuCount, 1), 512)
        return (min(16 << 10, most), most)
    }
}
