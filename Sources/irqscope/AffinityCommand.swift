internal import ArgumentParser
internal import IRQCore
internal import Rendering

/// `irqscope affinity`: which CPUs serve which interrupts, and how they should.
struct AffinityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "affinity",
        abstract: "Shows, plans, writes, verifies and puts back which CPUs serve which interrupts.",
        subcommands: [
            AffinityShowCommand.self, AffinityPlanCommand.self, AffinityApplyCommand.self, AffinityVerifyCommand.self,
            AffinityUndoCommand.self,
        ])

    /// Without a subcommand there is nothing to do but to say what there is.
    func run() throws { throw CommandFailure(usage: Self.words) }

    private static let words: StaticString = """
        name what to do with the masks of interrupts
          irqscope affinity show          which CPUs may serve and do serve each line, and who has a say in it
          irqscope affinity plan spread   a dry run: one CPU a queue (spread), near the device (numa), off some CPUs (isolate)
          irqscope affinity apply spread  as root: writes it, so that it can be put back
          irqscope affinity verify        whether it is so
          irqscope affinity undo          puts back what was before
        irqscope affinity COMMAND --help lists a command's options, man irqscope-affinity explains them
        """
}

/// The devices that are meant.
struct AffinityDeviceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only this device, by interface, name or PCI address; may be given several times.", valueName: "name"),
        transform: OptionValue.path)
    var device: [String] = []

    /// Throws if one of them is not there.
    func check(_ box: AffinityBox) throws {
        for name in device where !box.knows(name) {
            throw CommandFailure(
                ["no interrupt is of \(SafeText.escaped(name)); irqscope affinity show lists devices"],
                status: ExitStatus.failed)
        }
    }
}

/// The wishes that make a plan.
struct AffinityPlanOptions: ParsableArguments {
    @OptionGroup var devices: AffinityDeviceOptions

    @Option(
        help: ArgumentHelp("Only these CPUs get interrupts, such as 0-3.", valueName: "list"),
        completion: Completions.cpus, transform: OptionValue.cpus)
    var cpus: CPUSet?

    @Option(
        help: ArgumentHelp("These CPUs get none.", valueName: "list"), completion: Completions.cpus,
        transform: OptionValue.cpus)
    var away: CPUSet?

    @Option(
        help: ArgumentHelp("CPUs where latency matters: set aside like those of isolcpus=.", valueName: "list"),
        completion: Completions.cpus, transform: OptionValue.cpus)
    var latencyCpus: CPUSet?

    @Option(
        help: ArgumentHelp(
            "Leave this handler's, device's or number's interrupts to one CPU; may be given several times.",
            valueName: "name=cpu"), transform: OptionValue.keep)
    var keep: [AffinityWishes.Keep] = []

    @Flag(help: "Choose the queues by which CPUs send, too (XPS).")
    var xps = false

    @Flag(help: "Spread packets in software where there are too few queues, and nowhere else (RPS).")
    var rps = false

    /// The wishes for an aim.
    func wishes(_ goal: AffinityGoal) -> AffinityWishes {
        var wishes = AffinityWishes(goal)
        (wishes.devices, wishes.cpus, wishes.away, wishes.keep) = (devices.device, cpus, away ?? CPUSet(), keep)
        (wishes.steersSending, wishes.steersReceiving) = (xps, rps)
        return wishes
    }

    /// The options as words of a command line.
    var words: [String] {
        var words: [String] = []
        for device in devices.device { words += ["--device", device] }
        if let cpus { words += ["--cpus", cpus.list] }
        if let away { words += ["--away", away.list] }
        if let latencyCpus { words += ["--latency-cpus", latencyCpus.list] }
        for keep in keep { words += ["--keep", "\(keep.name)=\(keep.cpu)"] }
        if xps { words.append("--xps") }
        if rps { words.append("--rps") }
        return words
    }

    /// A command with an aim and these options, as a shell reads it.
    func command(_ verb: String, _ goal: AffinityGoal, _ more: [String] = []) -> String {
        let all = ["irqscope", "affinity", verb, goal.rawValue] + words + more
        // Options begin with a hyphen; a value that does is quoted, which helps nobody, but harms nobody either.
        return all.map { $0.hasPrefix("--") ? $0 : ShellWord.quoted($0) }.joined(separator: " ")
    }

    /// True if nothing was asked for.
    var isEmpty: Bool { words.isEmpty }

    /// The CPUs that are named and not online; nil if all are.
    func absent(_ online: CPUSet) -> CPUSet? {
        var named = (cpus ?? CPUSet()).union(away ?? CPUSet()).union(latencyCpus ?? CPUSet())
        for keep in keep { named.insert(keep.cpu) }
        let absent = named.subtracting(online)
        return absent.isEmpty ? nil : absent
    }
}

extension OptionValue {
    /// A name and a CPU.
    @Sendable static func keep(_ text: String) throws -> AffinityWishes.Keep {
        let problem = "a name and a CPU are needed, such as eth1=3"
        guard let sign = text.lastIndex(of: "="), sign > text.startIndex,
            let cpu = Int(text[text.index(after: sign)...]), (0...ProcTextLimits.highestCPU).contains(cpu)
        else { return try known(nil, problem) }
        return AffinityWishes.Keep(name: String(text[..<sign]), cpu: cpu)
    }
}
