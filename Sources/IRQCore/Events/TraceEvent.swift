/// What a record tells, as far as the analysis wants to know it.
public enum EventKind: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// irq:irq_handler_entry: `value` is the IRQ number, the text is the action's name.
    case irqEntry = 1
    /// irq:irq_handler_exit: `value` is the IRQ number, `extra` the raw return value.
    case irqExit
    /// irq:softirq_raise: `value` is the vector.
    case softirqRaise
    /// irq:softirq_entry: `value` is the vector.
    case softirqEntry
    /// irq:softirq_exit: `value` is the vector.
    case softirqExit
    /// irq_vectors:NAME_entry (x86): `value` is the index of NAME in `EventFormats.vectorNames`.
    case vectorEntry
    /// irq_vectors:NAME_exit.
    case vectorExit
    /// workqueue:workqueue_queue_work: `value` is the work's address, `extra` its function.
    case workQueue
    /// workqueue:workqueue_execute_start: `value` is the work's address, `extra` its function.
    case workStart
    /// workqueue:workqueue_execute_end: `value` is the work's address.
    case workEnd
}

/// One decoded record.
public struct TraceEvent: Sendable, BitwiseCopyable {
    /// Nanoseconds of the trace clock.
    public internal(set) var time: UInt64
    /// The main number of the event; see `EventKind`.
    public let value: UInt64
    /// The second number; see `EventKind`.
    public let extra: UInt64
    /// Where the event's text begins in its page.
    public let textOffset: Int32
    /// How long the event's text is, its end mark not counted.
    public let textByteCount: Int32
    /// The task that was interrupted or ran the work (common_pid); 0 is an idle task.
    public let pid: Int32
    /// What happened.
    public let kind: EventKind
}
