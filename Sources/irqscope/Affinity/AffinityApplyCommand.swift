internal import ArgumentParser
internal import FilePlaces
internal import Glibc
internal import IRQCore
internal import KernelSource
internal import Rendering

/// The state of `affinity` in its file, for commands that write masks: root alone, one at a time.
struct AffinityKeeping {
    let store: AffinityStore
    let state: AffinityState?

    /// Makes sure that root asks, then locks the state and reads it.
    init(_ verb: String) throws {
        guard geteuid() == 0 else {
            let reason = verb == "verify" ? "read what was applied" : "write masks"
            let words = Arguments.words.map(SafeText.escaped).joined(separator: " ")
            throw CommandFailure(
                ["\(verb) needs root, as only root may \(reason): sudo irqscope \(words)"], status: ExitStatus.failed)
        }
        AffinityStore.makeFolder()
        let path = AffinityStore.defaultPath
        do throws(FilePlaceError) {
            store = try AffinityStore(path: path)
        } catch {
            throw CommandFailure(["\(path): \(error.problem); move it away"], status: ExitStatus.failed)
        }
        if let problem = store.lock() { throw CommandFailure([problem], status: ExitStatus.failed) }
        switch store.read() {
        case .none: state = nil
        case .state(let state): self.state = state
        case .unusable(let problem): throw CommandFailure([problem], status: ExitStatus.failed)
        }
    }

    /// The keeper for runs.
    var keeper: AffinityKeeper {
        AffinityKeeper(save: { self.store.write($0) }, remove: { self.store.remove() })
    }
}

/// `irqscope affinity apply GOAL`: writes a plan.
struct AffinityApplyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Writes a plan, so that undo can put everything back. Needs root.")

    @Argument(
        help: ArgumentHelp(
            "The aim: spread, numa or isolate. (default: what was applied last, with its options)", valueName: "goal"),
        completion: Completions.choice(AffinityGoal.self), transform: OptionValue.choice)
    var goal: AffinityGoal?

    @OptionGroup var options: AffinityPlanOptions

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @Flag(name: .shortAndLong, help: "Do not ask, and tell nothing but trouble: for units and hooks.")
    var quiet = false

    @Flag(help: "Write although irqbalance runs, or in a container.")
    var force = false

    @OptionGroup var color: ColorOptions

    /// Lines that go back after an error are waited for so long, in nanoseconds.
    private static let undoWait: UInt64 = 5_000_000_000

    func validate() throws {
        if goal == nil, !options.isEmpty { throw ValidationError("options need a goal: spread, numa or isolate") }
    }

    func run() throws {
        let keeping = try AffinityKeeping("apply")
        let kernel = RunningKernel()
        var previous = keeping.state
        let (goal, options) = try wishes(previous)
        // After another boot only the wishes are of use.
        if previous?.bootID != kernel.bootID { previous = nil }
        let planned = try PlannedBox(
            goal, options, CopyOptions.parse([]), isProgressShown: !quiet, state: previous)
        let plan = planned.plan
        let command = options.command("apply", goal)
        if !plan.refusals.isEmpty, !force || planned.box.hasUnfinishedState {
            throw CommandFailure(
                ["nothing is written: " + plan.refusals.joined(separator: "; also ")], status: ExitStatus.failed)
        }
        if plan.isEmpty {
            if !quiet { StandardOutput.write(Array("all is as \(goal.rawValue) wants it: nothing to write\n".utf8)) }
            return
        }
        if !quiet {
            let text = AffinityText(
                plan, planned.box, command: command, style: color.style, width: StandardOutput.width
            ).text(isDryRun: false)
            StandardOutput.write(Array(text.utf8))
        }
        try ask(plan)
        var fresh = AffinityState(
            bootID: kernel.bootID, savedSeconds: KernelClock.wall() / 1_000_000_000, goal: goal)
        fresh.options = options.words
        var run = AffinityApply(kernel, keeping.keeper)
        let outcome = run.run(plan, previous: previous, fresh: fresh, undoWaitNanoseconds: Self.undoWait)
        StandardOutput.write(Array(AffinityText.results(outcome, isQuiet: quiet).utf8))
        for warning in outcome.warnings { Diagnostics.say(warning) }
        if let failure = outcome.failure {
            throw CommandFailure([failure], status: ExitStatus.failed)
        }
        if !quiet {
            StandardOutput.write(
                Array("irqscope affinity verify looks whether it is so, irqscope affinity undo puts it back\n".utf8))
        }
    }

    /// The goal and options that are given, or those of the run before.
    private func wishes(_ state: AffinityState?) throws -> (AffinityGoal, AffinityPlanOptions) {
        if let goal { return (goal, options) }
        guard let state else {
            throw CommandFailure(
                ["nothing was applied before: name a goal, spread, numa or isolate"], status: ExitStatus.usage)
        }
        do {
            return (state.goal, try AffinityPlanOptions.parse(state.options))
        } catch {
            throw CommandFailure(
                ["the options of the run before are of no use any more: name a goal and options"],
                status: ExitStatus.failed)
        }
    }

    private func ask(_ plan: AffinityPlan) throws {
        if yes || quiet { return }
        guard isatty(0) == 1, isatty(2) == 1 else {
            throw CommandFailure(
                ["nothing is written: there is no terminal to ask on; --yes writes without a question"],
                status: ExitStatus.usage)
        }
        let count = plan.writes.count
        let question = Array("irqscope: write \(count == 1 ? "this" : "these \(count)")? [y/N] ".utf8)
        _ = unsafe Glibc.write(2, question, question.count)
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
            throw CommandFailure(["nothing is written"], status: ExitStatus.failed)
        }
    }
}

/// `irqscope affinity verify`: whether what was applied is so.
struct AffinityVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Looks whether what was applied is so, line by line. Needs root.")

    @Option(
        help: ArgumentHelp("The longest time to wait for interrupts. (default: 5s)", valueName: "time"),
        transform: OptionValue.time)
    var wait: UInt64?

    @Option(
        help: ArgumentHelp(
            "Look at the masks again after this time. (default: 25s where irqbalance or the like runs)",
            valueName: "time"), transform: OptionValue.time)
    var again: UInt64?

    @OptionGroup var output: AffinityOutputOptions

    private static let (waitNanoseconds, againNanoseconds): (UInt64, UInt64) = (5_000_000_000, 25_000_000_000)

    func run() throws {
        let keeping = try AffinityKeeping("verify")
        let kernel = RunningKernel()
        guard let state = keeping.state else {
            throw CommandFailure(
                ["nothing is applied; irqscope affinity plan spread shows what could be"], status: ExitStatus.failed)
        }
        guard state.bootID == kernel.bootID else {
            throw CommandFailure(
                ["what was applied is of another boot; irqscope affinity apply writes it again"],
                status: ExitStatus.failed)
        }
        if state.phase != .applied {
            Diagnostics.say(
                "the run before was stopped amid its writes; irqscope affinity undo puts back what it wrote")
        }
        var verify = AffinityVerify(kernel, state)
        let look = again ?? (AffinityMovers.running(kernel).isEmpty ? 0 : Self.againNanoseconds)
        let lines = verify.run(waitNanoseconds: wait ?? Self.waitNanoseconds, againNanoseconds: look)
        switch output.chosenFormat {
        case .text: StandardOutput.write(Array(AffinityText.verdicts(lines, style: output.color.style).utf8))
        case .json: StandardOutput.write { AffinityJSON.write(lines, goal: state.goal, to: &$0) }
        }
        let waiting = lines.count { $0.verdict == .waiting || $0.verdict == .polled }
        if waiting > 0 {
            Diagnostics.say("\(waiting) of \(lines.count) lines had no interrupt: look again when they have work")
        }
        if lines.contains(where: { $0.verdict.isBad }) { throw CommandFailure([], status: ExitStatus.conditionHeld) }
    }
}

/// `irqscope affinity undo`: puts back what was before.
struct AffinityUndoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Puts back what was before the first apply. Needs root.")

    @OptionGroup var devices: AffinityDeviceOptions

    @Option(
        help: ArgumentHelp(
            "The longest time to wait for lines that move with their next interrupt. (default: 5s)", valueName: "time"),
        transform: OptionValue.time)
    var wait: UInt64?

    @Flag(name: .shortAndLong, help: "Tell nothing but trouble.")
    var quiet = false

    private static let waitNanoseconds: UInt64 = 5_000_000_000

    func run() throws {
        let keeping = try AffinityKeeping("undo")
        guard let state = keeping.state else {
            if !quiet { StandardOutput.write(Array("nothing is applied: nothing to undo\n".utf8)) }
            return
        }
        let known = Set(state.lines.flatMap { [$0.device, $0.identity.address] })
        for device in devices.device where !known.contains(device) {
            throw CommandFailure(["nothing was written for \(device)"], status: ExitStatus.failed)
        }
        var run = AffinityUndo(RunningKernel(), keeping.keeper)
        let outcome = run.run(state, devices: devices.device, waitNanoseconds: wait ?? Self.waitNanoseconds)
        StandardOutput.write(Array(AffinityText.results(outcome, isQuiet: quiet).utf8))
        for warning in outcome.warnings { Diagnostics.say(warning) }
        if let failure = outcome.failure { throw CommandFailure([failure], status: ExitStatus.failed) }
        if !outcome.isDone {
            throw CommandFailure(["not all could be put back; undo tries the rest again"], status: ExitStatus.failed)
        }
    }
}
