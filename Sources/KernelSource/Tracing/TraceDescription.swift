/// The facts about a kernel that a reader of its pages needs.
public struct TraceDescription: Sendable {
    /// The text of one event's format file.
    public struct Event: Sendable, Equatable {
        /// The event's system, such as "irq".
        public let system: String
        /// Its name.
        public let name: String
        /// The text.
        public let format: [UInt8]
    }

    /// events/header_page.
    public let headerPage: [UInt8]
    /// events/header_event.
    public let headerEvent: [UInt8]
    /// The events, in order of their system and name.
    public let events: [Event]
    /// The events of system "ftrace", which a recording has apart from the others.
    public let ftraceEvents: [Event]
    /// trace_clock: all clocks, the chosen one in brackets.
    public let clocks: String
    /// The names in the instance's options/ whose value is 1, in order.
    public let options: [String]
    /// printk_formats: addresses and format strings; empty if there is none.
    public let printkFormats: [UInt8]
    /// The highest CPU number that can be, and one.
    public let cpuCount: Int
}

/// Reads the files that a `TraceDescription` is made of.
struct DescriptionReader: ~Copyable {
    private let root: Folder
    private let instance: Folder
    private let path: String
    /// Formats and lists are far smaller, names of commands and formats of messages not always.
    private static let byteLimit = 1 << 20
    private static let largeByteLimit = 16 << 20
    private static let nameLimit = 4096

    init(root: String, instance: String) throws(TraceError) {
        guard let rootFolder = Folder(path: root), let folder = Folder(path: instance) else {
            throw TraceError(path: instance, reason: .absent)
        }
        self.root = rootFolder
        self.instance = folder
        path = instance
    }

    /// The bytes of a file that must be there.
    borrowing func bytes(_ name: String) throws(TraceError) -> [UInt8] {
        guard let bytes = instance.bytes(name, limit: Self.byteLimit) ?? root.bytes(name, limit: Self.byteLimit)
        else { throw TraceError(path: "\(path)/\(name)", reason: .absent) }
        return bytes
    }

    /// The bytes of a file of the top directory: empty if it is not there.
    borrowing func top(_ name: String) -> [UInt8] { root.bytes(name, limit: Self.largeByteLimit) ?? [] }

    /// The names of a system's events.
    borrowing func events(_ system: String) -> [String] {
        guard let folder = instance.folder("events/\(system)"), let found = folder.names(limit: Self.nameLimit)
        else { return [] }
        return found.names.filter { $0 != "enable" && $0 != "filter" }.sorted()
    }

    /// The format of one event; nil if there is none.
    borrowing func event(_ system: String, _ name: String) -> TraceDescription.Event? {
        let file = "events/\(system)/\(name)/format"
        guard let text = instance.bytes(file, limit: Self.byteLimit), !text.isEmpty else { return nil }
        return TraceDescription.Event(system: system, name: name, format: text)
    }

    /// All there is to know.
    borrowing func all(systems: [String], cpuCount: Int) throws(TraceError) -> TraceDescription {
        var described: [TraceDescription.Event] = []
        for system in systems.sorted() {
            for name in events(system) {
                if let event = event(system, name) { described.append(event) }
            }
        }
        var ftrace: [TraceDescription.Event] = []
        for name in events("ftrace") {
            if let event = event("ftrace", name) { ftrace.append(event) }
        }
        return TraceDescription(
            headerPage: try bytes("events/header_page"), headerEvent: try bytes("events/header_event"),
            events: described, ftraceEvents: ftrace, clocks: String(decoding: try bytes("trace_clock"), as: UTF8.self),
            options: options(), printkFormats: top("printk_formats"), cpuCount: cpuCount)
    }

    private borrowing func options() -> [String] {
        guard let folder = instance.folder("options"), let found = folder.names(limit: Self.nameLimit)
        else { return [] }
        return found.names.filter { folder.bytes($0, limit: 2)?.first == UInt8(ascii: "1") }.sorted()
    }
}
