import IRQCore

/// The events of a trace: those that Perfetto has messages for, and others, of which the trace tells name and fields.
struct PerfettoEvents {
    /// The field of FtraceEvent for events that Perfetto has no message for.
    static let genericField = 327

    private(set) var events: [PerfettoEvent] = []
    /// The names of x86 vectors, in the order of `TraceEvent.vectorIndex`.
    private(set) var vectorNames: [String] = []
    /// By the field of FtraceEvent: the place in `events`.
    private var places: [Int: Int] = [:]
    private var lowPlaces = [Int16](repeating: -1, count: 1024)
    /// Generic events by their name: the place in `events`.
    private var generic: [(name: [UInt8], place: Int)] = []

    private static let vectorLimit = 64
    private static let eventLimit = 4096

    /// The events that are read, or often recorded: the field of FtraceEvent, and its message's.
    private static let known: [(field: Int, system: String, name: String, fields: [Int: String])] = [
        (3, "ftrace", "print", [:]),
        (
            4, "sched", "sched_switch",
            [1: "prev_comm", 2: "prev_pid", 4: "prev_state", 5: "next_comm", 6: "next_pid", 7: "next_prio"]
        ),
        (17, "sched", "sched_wakeup", [1: "comm", 2: "pid", 5: "target_cpu"]),
        (20, "sched", "sched_waking", [1: "comm", 2: "pid", 5: "target_cpu"]),
        (21, "ipi", "ipi_entry", [:]), (22, "ipi", "ipi_exit", [:]), (23, "ipi", "ipi_raise", [2: "reason"]),
        (24, "irq", "softirq_entry", [1: "vec"]), (25, "irq", "softirq_exit", [1: "vec"]),
        (26, "irq", "softirq_raise", [1: "vec"]), (36, "irq", "irq_handler_entry", [1: "irq", 2: "name"]),
        (37, "irq", "irq_handler_exit", [1: "irq", 2: "ret"]), (56, "workqueue", "workqueue_activate_work", [:]),
        (57, "workqueue", "workqueue_execute_end", [1: "work"]),
        (58, "workqueue", "workqueue_execute_start", [1: "work", 2: "function"]),
        (59, "workqueue", "workqueue_queue_work", [1: "work", 2: "function"]),
        (114, "sched", "sched_wakeup_new", [:]), (491, "sched", "sched_migrate_task", [:]),
        (551, "timer", "hrtimer_start", [1: "hrtimer", 2: "function", 4: "softexpires"]),
        (553, "timer", "hrtimer_expire_entry", [1: "hrtimer", 2: "now", 3: "function"]),
        (554, "timer", "hrtimer_expire_exit", [1: "hrtimer"]),
        (557, "timer", "timer_expire_entry", [1: "timer", 3: "function"]),
        (558, "timer", "timer_expire_exit", [1: "timer"]), (559, "irq_vectors", "local_timer_entry", [:]),
        (560, "irq_vectors", "local_timer_exit", [:]),
    ]

    /// The places of the events that `compact_sched` holds.
    let switchPlace: Int
    let wakingPlace: Int

    init() {
        (switchPlace, wakingPlace) = (1, 3)
        for event in Self.known { _ = add(event.field, event.system, event.name, event.fields) }
        // Generic events do not tell their system; the names are unlike those of any other.
        for event in EventCatalogue.events where event.kind != nil {
            guard case .exactly(let name) = event.name else { continue }
            addGeneric(event.system, name)
        }
        for vector in EventCatalogue.usualVectors {
            addGeneric("irq_vectors", vector + "_entry")
            addGeneric("irq_vectors", vector + "_exit")
        }
    }

    /// The place of an event by its field of FtraceEvent; those that nobody knows are added as unused.
    mutating func place(ofField field: Int) -> Int? {
        if field < lowPlaces.count, lowPlaces[field] >= 0 { return Int(lowPlaces[field]) }
        if let place = places[field] { return place }
        guard events.count < Self.eventLimit else { return nil }
        return addUnused("event \(field) of Perfetto", field: field)
    }

    /// The place of a generic event by its name.
    mutating func place(ofGeneric name: RawSpan) -> Int? {
        for entry in generic where entry.name.count == name.byteCount && name.begins(with: entry.name) {
            return entry.place
        }
        guard events.count < Self.eventLimit, name.byteCount <= 256 else { return nil }
        let place = addUnused(name.text(0..<name.byteCount), field: nil)
        generic.append((Array(copying: name), place))
        return place
    }

    /// Adds an event that the trace describes itself, unless its field is known.
    mutating func describe(field: Int, system: String, name: String, fields: [Int: String]) {
        guard field < lowPlaces.count ? lowPlaces[field] < 0 : places[field] == nil, events.count < Self.eventLimit
        else { return }
        _ = add(field, system, name, fields)
    }

    private mutating func add(_ field: Int?, _ system: String, _ name: String, _ fields: [Int: String]) -> Int {
        var names = vectorNames
        let event = PerfettoEvent(system, name, fields) { vector in
            if let place = names.firstIndex(of: vector) { return place }
            guard names.count < Self.vectorLimit else { return nil }
            names.append(vector)
            return names.count - 1
        }
        vectorNames = names
        events.append(event)
        if let field { setPlace(events.count - 1, field) }
        return events.count - 1
    }

    private mutating func addGeneric(_ system: String, _ name: String) {
        var fields: [Int: String] = [:]
        if let event = EventCatalogue.find(system: system, name: name) {
            let names = event.numbers + [event.text, event.secondText].compactMap(\.self)
            for (place, name) in names.enumerated() { fields[place + 1] = name }
        }
        generic.append((Array(name.utf8), add(nil, system, name, fields)))
    }

    private mutating func addUnused(_ name: String, field: Int?) -> Int {
        events.append(PerfettoEvent(unused: name))
        if let field { setPlace(events.count - 1, field) }
        return events.count - 1
    }

    private mutating func setPlace(_ place: Int, _ field: Int) {
        if field < lowPlaces.count {
            lowPlaces[field] = Int16(truncatingIfNeeded: place)
        } else {
            places[field] = place
        }
    }
}
