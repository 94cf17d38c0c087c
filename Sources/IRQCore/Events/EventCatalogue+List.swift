extension EventCatalogue {
    /// The x86 vectors that have events, where nothing tells others: those of arch/x86/include/asm/trace/irq_vectors.h.
    public static let usualVectors = [
        "local_timer", "reschedule", "call_function", "call_function_single", "irq_work", "thermal_apic",
        "threshold_apic", "deferred_error_apic", "error_apic", "spurious_apic", "x86_platform_ipi",
    ]
}

extension EventKind {
    /// The kind of rows for which the event counts; nil if only the deep analysis reads it.
    public var rows: RowKind? {
        switch self {
        case .irqEntry, .irqExit: .irq
        case .softirqRaise, .softirqEntry, .softirqExit: .softirq
        case .vectorEntry, .vectorExit: .vector
        case .workQueue, .workStart, .workEnd: .work
        case .taskletEntry, .taskletExit: .tasklet
        default: nil
        }
    }

    /// The roles of the numbers, in the order of `TraceEvent`'s.
    var numberRoles: [String] {
        switch self {
        case .irqEntry: ["interrupt"]
        case .irqExit: ["interrupt", "result"]
        case .softirqRaise, .softirqEntry, .softirqExit: ["softirq"]
        case .vectorEntry, .vectorExit: []
        case .workQueue, .workStart: ["work item", "function"]
        case .workEnd: ["work item"]
        case .taskletEntry, .taskletExit: ["tasklet", "function"]
        case .napiPoll: ["packets", "budget"]
        case .ipiSendCPU, .ipiSendMask: ["caller", "function"]
        case .ipiRaise: ["reason"]
        case .csdQueue, .csdEntry: ["call", "function"]
        case .timerEntry: ["timer", "function"]
        case .timerExit, .hrtimerExit: ["timer"]
        case .hrtimerStart: ["timer", "function", "expiry"]
        case .hrtimerEntry: ["timer", "function", "time"]
        case .schedSwitch: ["next task", "state", "priority"]
        case .schedWaking, .schedWakeup: ["task", "CPU"]
        case .csdExit, .pageFaultUser, .pageFaultKernel, .schedMigrate, .other: []
        }
    }

    /// The role of the text.
    var textRole: String {
        switch self {
        case .schedSwitch: "next task's name"
        case .schedWaking, .schedWakeup: "task's name"
        case .napiPoll: "device"
        default: "action"
        }
    }
}

extension CatalogueEvent {
    /// The fields that are read, each with its role, such as `irq` and "interrupt".
    public var fields: [(name: String, role: String)] {
        var fields = zip(numbers, kind?.numberRoles ?? []).map { (name: $0, role: $1) }
        if let text { fields.append((text, kind?.textRole ?? "action")) }
        if let secondText { fields.append((secondText, "task's name")) }
        return fields
    }
}
