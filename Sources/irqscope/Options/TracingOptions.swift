internal import ArgumentParser
internal import IRQCore

/// What is traced, and where tracefs is: options that the commands that trace share.
struct TracingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Events to trace: \(Self.names). (default: irq,softirq)",
            valueName: "list"))
    var events: [String] = []

    @Option(help: ArgumentHelp("Where tracefs is. (default: found, and mounted if need be)", valueName: "dir"))
    var tracingRoot: [String] = []

    private static let names = EventGroup.allCases.map(\.rawValue).joined(separator: ", ")

    func validate() throws { _ = try groups() }

    /// The groups of events asked for; that of handlers is always among them.
    func groups() throws -> Set<EventGroup> {
        let chosen = try OptionParsing.last(of: events, "--events <list>") { text in
            var groups: Set<EventGroup> = [.irq]
            for word in text.split(separator: ",", omittingEmptySubsequences: false) {
                guard let group = EventGroup(rawValue: String(word)) else {
                    throw ValidationError("'\(word)' is none of \(Self.names)")
                }
                groups.insert(group)
            }
            return groups
        }
        return chosen ?? EventGroup.standard
    }
}
