internal import ArgumentParser
internal import FilePlaces
internal import Glibc
internal import IRQCore
internal import KernelSource
internal import Rendering

/// A form of `affinity`'s output.
enum AffinityFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json
}

/// The options on output that `affinity`'s commands share.
struct AffinityOutputOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How to write the results. (default: text)", valueName: "format"))
    var format: AffinityFormat?

    @Flag(name: [.customShort("J"), .long], help: "The same as --format json.")
    var json = false

    @OptionGroup var color: ColorOptions

    func validate() throws {
        if let format, json, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other: give one")
        }
    }

    /// The form asked for.
    var chosenFormat: AffinityFormat { json ? .json : format ?? .text }
}

/// `irqscope affinity show`: which CPUs serve which interrupts now.
struct AffinityShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows masks, where interrupts come, and who has a say in that.")

    @OptionGroup var devices: AffinityDeviceOptions
    @OptionGroup var output: AffinityOutputOptions
    @OptionGroup var copy: CopyOptions

    func run() throws {
        let examination = try copy.examine(
            latencyCPUs: nil, isQuick: true, isProgressShown: output.chosenFormat == .text)
        let box = AffinityBox(examination)
        try devices.check(box)
        let view = AffinityView(examination, box, devices: devices.device)
        switch output.chosenFormat {
        case .json: StandardOutput.write { AffinityShow.writeJSON(view, to: &$0) }
        case .text:
            let (style, width) = (output.color.style, StandardOutput.width)
            StandardOutput.write { AffinityShow.write(view, style: style, width: width, to: &$0) }
        }
    }
}

/// `irqscope affinity plan GOAL`: a dry run.
struct AffinityPlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Prints what apply would write, what stays and why, and who would undo it.")

    @Argument(
        help: ArgumentHelp("The aim: spread, numa or isolate.", valueName: "goal"),
        completion: Completions.choice(AffinityGoal.self), transform: OptionValue.choice)
    var goal: AffinityGoal

    @OptionGroup var options: AffinityPlanOptions

    @Flag(help: "Print a shell script that does and undoes it without irqscope.")
    var script = false

    @Flag(help: "Print how to make it last on this box; nothing is installed.")
    var persist = false

    @OptionGroup var output: AffinityOutputOptions
    @OptionGroup var copy: CopyOptions

    func validate() throws {
        if script, persist { throw ValidationError("--script and --persist exclude each other: give one") }
        if script || persist, output.chosenFormat == .json {
            throw ValidationError("--\(script ? "script" : "persist") prints text: leave out --json")
        }
    }

    /// The state of an earlier run, where it may be read: a dry run waits for no lock and has nothing to say of it.
    static func keptState() -> AffinityState? {
        guard geteuid() == 0, let store = try? AffinityStore(path: AffinityStore.defaultPath),
            case .state(let state) = store.read()
        else { return nil }
        return state.bootID == RunningKernel().bootID ? state : nil
    }

    func run() throws {
        let isText = output.chosenFormat == .text
        let planned = try PlannedBox(
            goal, options, copy, isProgressShown: isText, state: copy.isLive ? Self.keptState() : nil)
        let (plan, box) = (planned.plan, planned.box)
        let command = options.command("apply", goal)
        if script {
            let made = options.command("plan", goal, ["--script"])
            StandardOutput.write(Array(AffinityScript.text(plan, command: made).utf8))
        } else if persist {
            let files = RunningKernel()
            let text = AffinityPersistence.text(plan, box, command: options.command("apply", goal, ["--quiet"])) {
                path in
                copy.isLive && files.names(String(path.dropFirst())) != nil
            }
            StandardOutput.write(Array(text.utf8))
        } else if isText {
            let text = AffinityText(
                plan, box, command: command, style: output.color.style, width: StandardOutput.width
            ).text()
            StandardOutput.write(Array(text.utf8))
        } else {
            StandardOutput.write { AffinityJSON.write(plan, to: &$0) }
        }
    }
}

/// A box and the plan for it.
struct PlannedBox {
    let box: AffinityBox
    let plan: AffinityPlan

    /// Examines the box and plans.
    ///
    /// - Parameter state: what is kept of an earlier run.
    init(
        _ goal: AffinityGoal, _ options: AffinityPlanOptions, _ copy: CopyOptions, isProgressShown: Bool,
        state: AffinityState?
    ) throws {
        let examination = try copy.examine(
            latencyCPUs: options.latencyCpus, isQuick: true, isProgressShown: isProgressShown)
        var box = AffinityBox(examination)
        box.hasUnfinishedState = state.map { $0.phase != .applied } ?? false
        if let absent = options.absent(box.cpus.online) {
            throw CommandFailure(
                ["CPU \(absent.list) is not online here, which has \(box.cpus.online.list); name others"],
                status: ExitStatus.failed)
        }
        if goal == .isolate, box.cpus.isolated.isEmpty, options.away == nil, options.cpus == nil {
            throw CommandFailure(
                ["no CPU of this box is set aside; name those to keep free with --away, or those to use with --cpus"],
                status: ExitStatus.failed)
        }
        if let cpus = options.cpus, cpus.subtracting(options.away ?? CPUSet()).isEmpty {
            throw CommandFailure(
                ["--away leaves no CPU of --cpus \(cpus.list) for interrupts; name others"], status: ExitStatus.failed)
        }
        if box.cpus.online.subtracting(options.away ?? CPUSet()).isEmpty {
            throw CommandFailure(
                ["--away leaves no CPU of \(box.cpus.online.list) for interrupts; name others"],
                status: ExitStatus.failed)
        }
        self.box = box
        plan = AffinityPlanner.plan(box, options.wishes(goal))
        guard !plan.allowed.isEmpty else { throw Self.noneIsLeft(box.cpus, options) }
        try options.devices.check(box)
    }

    /// The refusal where the CPUs of the box, those of the options and those to keep free leave none.
    private static func noneIsLeft(_ cpus: CPUMap, _ options: AffinityPlanOptions) -> CommandFailure {
        var names: [String] = []
        if cpus.isolated.count > cpus.named.count || cpus.named.isEmpty { names.append("the CPUs that are set aside") }
        if !cpus.named.isEmpty { names.append("--latency-cpus") }
        if options.away != nil { names.append("--away") }
        let verb = names == ["--latency-cpus"] ? "leaves" : "leave"
        return CommandFailure(
            ["\(names.joined(separator: " and ")) \(verb) no CPU of \(cpus.online.list) for interrupts; name others"],
            status: ExitStatus.failed)
    }
}
