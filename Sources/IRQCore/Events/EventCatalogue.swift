/// A group of events that is chosen as a whole: `record --events irq,softirq`.
public enum EventGroup: String, Sendable, CaseIterable {
    case irq, softirq
    case irqVectors = "irq_vectors"
    case tasklet, workqueue, napi, ipi, csd, timer, sched, exceptions

    /// The group's purpose, for lists of events.
    public var purpose: String {
        switch self {
        case .irq: "interrupt handlers: how long each ran, on which CPU, whether it was its own interrupt"
        case .softirq: "softirqs: how long each ran, and how long it waited after it was raised"
        case .irqVectors: "timers, IPIs and other vectors of x86, which have no interrupt number"
        case .tasklet: "tasklets: how long each function ran"
        case .workqueue: "work items: how long each function ran, and how long it was queued"
        case .napi: "polls of network devices"
        case .ipi: "interrupts that one CPU sends to another, and the functions they call"
        case .csd: "functions that one CPU calls on another: how long they were queued, and how long each ran"
        case .timer: "timers and hrtimers: how long each function ran, and how late it was"
        case .sched: "switches and wake-ups: of threads that serve interrupts, or of the tasks of --threads"
        case .exceptions: "page faults, of which there can be very many"
        }
    }

    /// The groups that are traced unless others are asked for.
    public static let standard: Set<EventGroup> = [.irq, .softirq]

    /// Those that follow interrupts to what they cause: all but page faults, of which there are too many.
    public static let deep = Set(allCases).subtracting([.exceptions])

    /// Those whose events name functions by their addresses.
    public static let withFunctions: Set<EventGroup> = [.tasklet, .workqueue, .ipi, .csd, .timer]

    /// Those whose events hold addresses of the kernel's functions, data or texts, which only root may know.
    public static let withAddresses: Set<EventGroup> = [
        .tasklet, .workqueue, .napi, .ipi, .csd, .timer, .exceptions,
    ]
}

/// An event of the kernel that irqscope can record or read: the one place where it is described.
///
/// Fields are named in the order of `TraceEvent`'s numbers, so that whoever reads an event, from pages or from text, puts
/// the same field into the same place. Sources: include/trace/events/irq.h, workqueue.h, napi.h, ipi.h, sched.h and
/// arch/x86/include/asm/trace/irq_vectors.h.
public struct CatalogueEvent: Sendable, Equatable {
    /// The tasks or interrupts whose events are recorded, where not all are.
    public enum Filter: Sendable, Equatable {
        /// The interrupts that were asked for, by this field.
        case interrupts(field: String)
        /// The tasks that were chosen, by the ends of their fields; without the filter the event may flood the buffer.
        ///
        /// `prefixes` are those of the fields `pid`, `comm` and `prio`, such as `prev_`.
        case tasks(prefixes: [String])
    }

    /// The name or names of an event.
    public enum Name: Sendable, Equatable {
        /// One name.
        case exactly(String)
        /// All of the system's that end so: `_entry` for local_timer_entry, reschedule_entry, ….
        case ending(String)
        /// All of the system's.
        case any
    }

    /// The group that it is recorded with.
    public let group: EventGroup
    /// The directory of events/ where it lies, such as "irq".
    public let system: String
    /// Its name there.
    public let name: Name
    /// Its meaning for the analysis; nil if it is recorded for other programs only, and counted here.
    public let kind: EventKind?
    /// The fields of its numbers, in the order of `TraceEvent`'s.
    public let numbers: [String]
    /// The field of its text; nil if it has none.
    public let text: String?
    /// The field of its second text; nil if it has none.
    public let secondText: String?
    /// The filter it has in the kernel.
    public let filter: Filter?

    init(
        _ group: EventGroup, _ system: String, _ name: Name, _ kind: EventKind? = nil, numbers: [String] = [],
        text: String? = nil, secondText: String? = nil, filter: Filter? = nil
    ) {
        self.group = group
        self.system = system
        self.name = name
        self.kind = kind
        self.numbers = numbers
        self.text = text
        self.secondText = secondText
        self.filter = filter
    }

    /// The full name, with a star where it stands for several: "irq:irq_handler_entry", "irq_vectors:*_entry".
    public var fullName: String {
        switch name {
        case .exactly(let name): "\(system):\(name)"
        case .ending(let ending): "\(system):*\(ending)"
        case .any: "\(system):*"
        }
    }

    /// True if an event of the system is this one.
    public func matches(_ event: String) -> Bool {
        switch name {
        case .exactly(let name): name == event
        case .ending(let ending): event.hasSuffix(ending) && event.utf8.count > ending.utf8.count
        case .any: true
        }
    }
}

/// All events that irqscope knows.
public enum EventCatalogue {
    /// The events, by group.
    public static let events: [CatalogueEvent] = [
        CatalogueEvent(
            .irq, "irq", .exactly("irq_handler_entry"), .irqEntry, numbers: ["irq"], text: "name",
            filter: .interrupts(field: "irq")),
        CatalogueEvent(
            .irq, "irq", .exactly("irq_handler_exit"), .irqExit, numbers: ["irq", "ret"],
            filter: .interrupts(field: "irq")),
        CatalogueEvent(.softirq, "irq", .exactly("softirq_raise"), .softirqRaise, numbers: ["vec"]),
        CatalogueEvent(.softirq, "irq", .exactly("softirq_entry"), .softirqEntry, numbers: ["vec"]),
        CatalogueEvent(.softirq, "irq", .exactly("softirq_exit"), .softirqExit, numbers: ["vec"]),
        // The system's vector_* events tell of set-up, not of interrupts.
        CatalogueEvent(.irqVectors, "irq_vectors", .ending("_entry"), .vectorEntry),
        CatalogueEvent(.irqVectors, "irq_vectors", .ending("_exit"), .vectorExit),
        CatalogueEvent(.tasklet, "irq", .exactly("tasklet_entry"), .taskletEntry, numbers: ["tasklet", "func"]),
        CatalogueEvent(.tasklet, "irq", .exactly("tasklet_exit"), .taskletExit, numbers: ["tasklet", "func"]),
        CatalogueEvent(
            .workqueue, "workqueue", .exactly("workqueue_queue_work"), .workQueue, numbers: ["work", "function"]),
        CatalogueEvent(
            .workqueue, "workqueue", .exactly("workqueue_execute_start"), .workStart, numbers: ["work", "function"]),
        CatalogueEvent(.workqueue, "workqueue", .exactly("workqueue_execute_end"), .workEnd, numbers: ["work"]),
        CatalogueEvent(
            .napi, "napi", .exactly("napi_poll"), .napiPoll, numbers: ["work", "budget"], text: "dev_name"),
        CatalogueEvent(
            .ipi, "ipi", .exactly("ipi_send_cpu"), .ipiSendCPU, numbers: ["callsite", "callback"]),
        CatalogueEvent(
            .ipi, "ipi", .exactly("ipi_send_cpumask"), .ipiSendMask, numbers: ["callsite", "callback"]),
        CatalogueEvent(.ipi, "ipi", .exactly("ipi_raise"), .ipiRaise, numbers: ["reason"]),
        CatalogueEvent(.ipi, "ipi", .any),
        CatalogueEvent(.csd, "csd", .exactly("csd_queue_cpu"), .csdQueue, numbers: ["csd", "func"]),
        CatalogueEvent(.csd, "csd", .exactly("csd_function_entry"), .csdEntry, numbers: ["csd", "func"]),
        CatalogueEvent(.csd, "csd", .exactly("csd_function_exit"), .csdExit),
        CatalogueEvent(.timer, "timer", .exactly("timer_expire_entry"), .timerEntry, numbers: ["timer", "function"]),
        CatalogueEvent(.timer, "timer", .exactly("timer_expire_exit"), .timerExit, numbers: ["timer"]),
        CatalogueEvent(
            .timer, "timer", .exactly("hrtimer_start"), .hrtimerStart, numbers: ["hrtimer", "function", "softexpires"]),
        CatalogueEvent(
            .timer, "timer", .exactly("hrtimer_expire_entry"), .hrtimerEntry, numbers: ["hrtimer", "function", "now"]),
        CatalogueEvent(.timer, "timer", .exactly("hrtimer_expire_exit"), .hrtimerExit, numbers: ["hrtimer"]),
        CatalogueEvent(
            .sched, "sched", .exactly("sched_switch"), .schedSwitch, numbers: ["next_pid", "prev_state", "next_prio"],
            text: "next_comm", secondText: "prev_comm",
            filter: .tasks(prefixes: ["prev_", "next_"])),
        CatalogueEvent(
            .sched, "sched", .exactly("sched_waking"), .schedWaking, numbers: ["pid", "target_cpu"], text: "comm",
            filter: .tasks(prefixes: [""])),
        CatalogueEvent(
            .sched, "sched", .exactly("sched_wakeup"), .schedWakeup, numbers: ["pid", "target_cpu"], text: "comm",
            filter: .tasks(prefixes: [""])),
        CatalogueEvent(.sched, "sched", .exactly("sched_wakeup_new"), filter: .tasks(prefixes: [""])),
        CatalogueEvent(
            .sched, "sched", .exactly("sched_migrate_task"), .schedMigrate,
            filter: .tasks(prefixes: [""])),
        CatalogueEvent(.exceptions, "exceptions", .exactly("page_fault_user"), .pageFaultUser),
        CatalogueEvent(.exceptions, "exceptions", .exactly("page_fault_kernel"), .pageFaultKernel),
    ]

    /// The events of some groups, in the order of the catalogue.
    public static func events(of groups: Set<EventGroup>) -> [CatalogueEvent] {
        events.filter { groups.contains($0.group) }
    }

    /// The systems of which the analysis reads something.
    public static let systems = Set(events.lazy.filter { $0.kind != nil }.map(\.system))

    /// The event of this name that the analysis reads; nil if it reads none.
    public static func find(system: String, name: String) -> CatalogueEvent? {
        guard systems.contains(system) else { return nil }
        return events.first { $0.kind != nil && $0.system == system && $0.matches(name) }
    }
}
