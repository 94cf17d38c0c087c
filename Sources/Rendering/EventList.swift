public import IRQCore

/// The events that can be recorded, and which of them this kernel has.
public struct EventList: Sendable {
    /// An event of the catalogue.
    public struct Entry: Sendable {
        /// The event.
        public let event: CatalogueEvent
        /// The kernel's events that it stands for; nil if the kernel could not be asked.
        public let found: [String]?

        /// Creates an entry.
        public init(_ event: CatalogueEvent, found: [String]?) {
            self.event = event
            self.found = found
        }
    }

    private let groups: [(group: EventGroup, entries: [Entry])]

    /// Creates a list of the entries, by group.
    public init(_ entries: [Entry]) {
        groups = EventGroup.allCases.map { group in (group, entries.filter { $0.event.group == group }) }
            .filter { !$0.entries.isEmpty }
    }

    /// Writes a table of the groups and one of the events.
    public func writeText(width: Int?, to output: inout ByteOutput) {
        var purposes = TextTable([.init("GROUP", .left), .init("DEFAULT", .left), .init("PURPOSE", .left)])
        var events = TextTable([
            .init("GROUP", .left), .init("EVENT", .left), .init("FIELDS", .left, dispensability: 1),
            .init("REPORT", .left), .init("HERE", .left),
        ])
        for (group, entries) in groups {
            let isStandard = EventGroup.standard.contains(group)
            purposes.add([group.rawValue, group == .irq ? "always" : isStandard ? "yes" : "no", group.purpose])
            for entry in entries {
                let fields = entry.event.fields.map { "\($0.name): \($0.role)" }.joined(separator: ", ")
                let rows = entry.event.kind?.rows.traits.title ?? "counted only"
                events.add([group.rawValue, entry.event.fullName, fields, rows, Self.here(entry)])
            }
        }
        for line in purposes.lines() + [""] + events.lines(width: width) { output.put(line + "\n") }
    }

    /// The cell that says whether the kernel has an event: of one that stands for several their number.
    private static func here(_ entry: Entry) -> String {
        guard let found = entry.found else { return "-" }
        if found.isEmpty { return "no" }
        if case .exactly = entry.event.name { return "yes" }
        return "\(found.count)"
    }

    /// Writes the list as JSON (irqscope.events.v1).
    public func writeJSON(to output: inout ByteOutput) {
        output.json { json in
            json.array("groups") { json in for group in groups { json.object(group, Self.groupFields) } }
            json.member("schema", "irqscope.events.v1")
        }
    }

    private static let groupFields = JSONFields<(group: EventGroup, entries: [Entry])>([
        .init("group") { $0.group.rawValue }, .init("purpose") { $0.group.purpose },
        .init("is_default") { EventGroup.standard.contains($0.group) },
        .init("events", each: eventFields) { $0.entries },
    ])
    private static let eventFields = JSONFields<Entry>([
        .init("event") { $0.event.fullName }, .init("report") { $0.event.kind.map { "\($0.rows.traits.json.rows)" } },
        .init("found") { $0.found },
        .init("fields", each: fieldFields) { $0.event.fields },
    ])
    private static let fieldFields = JSONFields<(name: String, role: String)>([
        .init("field") { $0.name }, .init("role") { $0.role },
    ])
}
