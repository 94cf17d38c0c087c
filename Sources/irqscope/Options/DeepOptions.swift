internal import ArgumentParser
internal import IRQCore
internal import KernelSource

/// The way from interrupts to the tasks that they wake: options that the commands that trace share.
struct DeepOptions: ParsableArguments {
    @Flag(help: "Follow interrupts to the threads and tasks that they wake and delay: far more events.")
    var deep = false

    @Option(
        help: ArgumentHelp(
            "Switches and wake-ups of these tasks only: irq, rt, all, pids, names with *. (default with --deep: all)",
            valueName: "list"),
        completion: Completions.list(["irq", "rt", "all"]), transform: DeepOptions.tasks)
    var threads: TaskSelection?

    /// More terms than this are no choice any more, and the kernel's filter has to be worked through at each event.
    private static let termLimit = 32
    /// The bytes that the kernel keeps of a task's name.
    private static let nameByteLimit = 15

    /// Tasks by kind, pid or name.
    @Sendable private static func tasks(_ text: String) throws -> TaskSelection {
        let words = text.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
        if words.contains("all") { return .all }
        _ = try OptionValue.known(words.count <= termLimit ? words : nil, "at most \(termLimit) can be named")
        return .any(
            try words.map { word in
                try OptionValue.known(
                    term(word),
                    "\(OptionValue.subject(word, of: text)) is none of irq, rt, all, a pid, or a name of up to "
                        + "\(nameByteLimit) letters")
            })
    }

    private static func term(_ word: String) -> TaskTerm? {
        switch word {
        case "irq": return .serviceThreads
        case "rt": return .realTime
        default: break
        }
        if let number = Int(word) { return Int32(exactly: number).flatMap { $0 > 0 ? .pid($0) : nil } }
        // What the kernel's filter takes for an end of the name, or for a set of letters, is no name here.
        let isName =
            (1...nameByteLimit).contains(word.utf8.count)
            && word.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"\\'[]".utf8.contains($0) }
        return isName ? .name(word) : nil
    }

    /// The groups of events to trace.
    ///
    /// - Parameter chosen: those of `--events`.
    func groups(_ chosen: Set<EventGroup>) -> Set<EventGroup> {
        var groups = deep ? chosen.union(EventGroup.deep) : chosen
        if threads != nil { groups.insert(.sched) }
        return groups
    }

    /// The tasks whose switches and wake-ups are asked for.
    var tasks: TaskSelection { threads ?? (deep ? .all : .serviceThreads) }
}
