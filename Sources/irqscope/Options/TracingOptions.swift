internal import ArgumentParser
internal import IRQCore
internal import KernelSource

/// The events that are traced, and where tracefs is: options that the commands that trace share.
struct TracingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Events to trace: \(Self.names). (default: irq,softirq)", valueName: "list"),
        completion: Completions.list(EventGroup.allCases.map(\.rawValue)), transform: TracingOptions.groups)
    var events: Set<EventGroup>?

    @Option(
        help: ArgumentHelp("Where tracefs is. (default: found, and mounted if need be)", valueName: "dir"),
        completion: .directory, transform: OptionValue.path)
    var tracingRoot: String?

    private static let names = EventGroup.allCases.map(\.rawValue).joined(separator: ", ")

    /// Groups of events; that of handlers is always among them.
    @Sendable private static func groups(_ text: String) throws -> Set<EventGroup> {
        var groups: Set<EventGroup> = [.irq]
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            groups.insert(
                try OptionValue.known(
                    EventGroup(rawValue: String(word)), "\(OptionValue.subject(word, of: text)) is none of \(names)"))
        }
        return groups
    }

    /// Says so if there is no tracefs where an option says.
    ///
    /// - Parameter what: what a command leaves out without it, as a sentence.
    static func sayAbsent(_ tracingRoot: String?, _ what: String) {
        guard let tracingRoot, let error = TracingPlace.problem(tracingRoot) else { return }
        Diagnostics.say("\(what): \(error)")
    }

    /// The groups of events asked for.
    var groups: Set<EventGroup> { events ?? EventGroup.standard }
}
