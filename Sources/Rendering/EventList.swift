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
        let units = Units(isUnicode: false)
        TextTable(Self.purposes, units: units, width: width).write(groups.count, to: &output) { groups[$0] }
        output.put("\n")
        let entries = groups.flatMap(\.entries)
        TextTable(Self.events, units: units, width: width).write(entries.count, to: &output) { entries[$0] }
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
            json.member("schema", .text("irqscope.events.v1"))
            json.array("groups") { json in for group in groups { json.object(group, Self.purposes) } }
        }
    }

    private static let purposes = Columns<(group: EventGroup, entries: [Entry])>([
        .init("group", .left("GROUP")) { .text($0.group.rawValue) },
        .init(
            "is_default", .left("DEFAULT"), shown: { $0.group == .irq ? .text("always") : .flag(isStandard($0.group)) }
        ) { .flag(isStandard($0.group)) },
        .init("is_deep", .left("DEEP")) { .flag(EventGroup.deep.contains($0.group)) },
        .init("purpose", .sentence("PURPOSE")) { .text($0.group.purpose) },
        .init("events", each: events) { $0.entries },
    ])

    private static func isStandard(_ group: EventGroup) -> Bool { EventGroup.standard.contains(group) }

    private static let events = Columns<Entry>([
        .init(screen: .left("GROUP")) { .text($0.event.group.rawValue) },
        .init("event", .left("EVENT")) { .text($0.event.fullName) },
        .init("purpose", .left("PURPOSE", dispensability: 1)) { .text($0.event.purpose) },
        .init(screen: .left("FIELDS", dispensability: 2)) { entry in
            .text(entry.event.fields.map { "\($0.name): \($0.role)" }.joined(separator: ", "))
        },
        .init("fields", each: fields) { $0.event.fields },
        .init(
            "report", .left("REPORT"),
            shown: { .text($0.event.kind.map { $0.rows?.traits.title ?? "Deep analysis" } ?? "counted only") }
        ) { .text($0.event.kind.map { "\($0.rows?.traits.json.rows ?? "deep")" }) },
        .init("found", .left("HERE"), shown: { .text(here($0)) }) { .texts($0.found) },
    ])

    private static let fields = Columns<(name: String, role: String)>([
        .init("field") { .text($0.name) }, .init("role") { .text($0.role) },
    ])
}
