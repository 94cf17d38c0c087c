internal import ArgumentParser
internal import KernelSource

/// What is traced, and where tracefs is: options that the commands that trace share.
struct TracingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Events to trace: \(TraceEvents.names.map(\.name).joined(separator: ", ")). (default: irq,softirq)",
            valueName: "list"))
    var events: [String] = []

    @Option(help: ArgumentHelp("Where tracefs is. (default: found, and mounted if need be)", valueName: "dir"))
    var tracingRoot: [String] = []

    func validate() throws { _ = try events(default: .standard) }

    /// The events asked for; those of handlers are always among them.
    func events(default standard: TraceEvents) throws -> TraceEvents {
        let chosen = try OptionTexts.last(of: events, "--events <list>") { text in
            var events: TraceEvents = [.handlers]
            for word in text.split(separator: ",", omittingEmptySubsequences: false) {
                guard let group = TraceEvents.names.first(where: { $0.name == word }) else {
                    let names = TraceEvents.names.map(\.name).joined(separator: ", ")
                    throw ValidationError("'\(word)' is none of \(names)")
                }
                events.insert(group.events)
            }
            return events
        }
        return chosen ?? standard
    }
}
