/// Writes a plan, so that each step can be taken back.
///
/// The state is kept first, with all that will be written. Each line is identified again just before its mask is written. An
/// error that says that nobody can set a mask leaves that line alone; any other one ends the run, and what it wrote is undone.
public struct AffinityApply {
    private let port: any KernelPort
    private let keeper: AffinityKeeper
    private var outcome = AffinityOutcome()

    /// Creates a run.
    public init(_ port: any KernelPort, _ keeper: AffinityKeeper) { (self.port, self.keeper) = (port, keeper) }

    /// Writes a plan.
    ///
    /// - Parameters:
    ///   - previous: the state of an earlier run of this boot that was not undone; its first values are kept.
    ///   - fresh: the state's head for a first run.
    public mutating func run(
        _ plan: AffinityPlan, previous: AffinityState?, fresh: AffinityState, undoWaitNanoseconds: UInt64
    ) -> AffinityOutcome {
        if plan.isEmpty { return outcome }
        var state = previous ?? fresh
        (state.goal, state.options, state.phase) = (fresh.goal, fresh.options, .applying)
        state.add(plan)
        if let problem = keeper.save(state) {
            outcome.failure = "nothing is written: the state cannot be kept: \(problem)"
            return outcome
        }
        for line in plan.lines {
            write(line, &state)
            if outcome.failure != nil { return takeBack(plan, state, previous, undoWaitNanoseconds) }
        }
        for file in plan.files {
            write(file, &state)
            if outcome.failure != nil { return takeBack(plan, state, previous, undoWaitNanoseconds) }
        }
        state.phase = .applied
        if state.lines.isEmpty, state.files.isEmpty {
            if let problem = keeper.remove() {
                outcome.warnings.append("the state is empty and could not be removed: \(problem)")
            }
        } else if let problem = keeper.save(state) {
            outcome.warnings.append("all is written, but the state still says that it is not: \(problem)")
        }
        return outcome
    }

    private mutating func write(_ line: PlannedLine, _ state: inout AffinityState) {
        let title = "irq \(line.irq) \(line.identity.actions)"
        func leave(_ verdict: AffinityResult.Verdict, _ words: String) {
            // It was never written: there is nothing to undo unless an earlier run wrote it.
            state.lines.removeAll { $0.identity.irq == line.irq && $0.oldMask == line.mask }
            outcome.results.append(AffinityResult(title: title, irq: line.irq, verdict: verdict, words: words))
        }
        guard let now = LineIdentity.read(line.irq, address: line.identity.address, port) else {
            return leave(.gone, "is not there any more")
        }
        guard now == line.identity else {
            return leave(.gone, "its number belongs to \(now.actions.isEmpty ? "nobody" : now.actions) by now")
        }
        if let mask = port.mask(ofLine: line.irq), mask != line.mask {
            outcome.failure =
                "\(title): its mask changed from \(line.mask.list) to \(mask.list) meanwhile: somebody else writes it, too"
            return
        }
        for value in line.values {
            let error = port.write(line.path, value)
            if error == 0 { continue }
            if MaskError.isOfManaged(error) { return leave(.managed, MaskError.words(error)) }
            if error == MaskError.absent { return leave(.gone, MaskError.words(error)) }
            outcome.failure = "/\(line.path): \(value): \(MaskError.words(error))"
            return
        }
        if let index = state.lines.firstIndex(where: { $0.identity.irq == line.irq }) {
            state.lines[index].earlier = []
        }
        outcome.results.append(
            AffinityResult(
                title: title, irq: line.irq, verdict: .written, words: "\(line.mask.list) → \(line.new.list)"))
    }

    private mutating func write(_ file: PlannedFile, _ state: inout AffinityState) {
        guard let now = port.read(file.path).text else {
            state.files.removeAll { $0.path == file.path && $0.old == file.old }
            outcome.results.append(
                AffinityResult(
                    title: "/\(file.path)", irq: nil, verdict: .gone, words: MaskError.words(MaskError.absent)))
            return
        }
        guard now == file.old else {
            outcome.failure = "/\(file.path) changed from \(file.old) to \(now) meanwhile: somebody else writes it, too"
            return
        }
        let error = port.write(file.path, file.value)
        guard error == 0 else {
            outcome.failure = "/\(file.path): \(file.value): \(MaskError.words(error))"
            return
        }
        if let index = state.files.firstIndex(where: { $0.path == file.path }) { state.files[index].earlier = [] }
        outcome.results.append(
            AffinityResult(title: "/\(file.path)", irq: nil, verdict: .written, words: "\(file.old) → \(file.value)"))
    }

    /// Undoes what this run wrote, and leaves the state of the run before it.
    private mutating func takeBack(
        _ plan: AffinityPlan, _ state: AffinityState, _ previous: AffinityState?, _ wait: UInt64
    ) -> AffinityOutcome {
        // This run's own changes: they go back to what the plan found, not to what was before an earlier run.
        var mine = AffinityState(bootID: state.bootID, savedSeconds: state.savedSeconds, goal: state.goal)
        mine.add(plan)
        var keeper = keeper
        let kept = self.keeper
        // A run that is stopped amid this must find the whole state.
        keeper.save = { _ in nil }
        keeper.remove = { previous.map { kept.save($0) } ?? kept.remove() }
        var undo = AffinityUndo(port, keeper)
        let undone = undo.run(mine, devices: [], waitNanoseconds: wait)
        outcome.undone = undone.results
        outcome.warnings += undone.warnings
        if !undone.isDone { outcome.warnings.append("not all could be put back; irqscope affinity undo tries again") }
        return outcome
    }
}

/// The result of a run, line by line.
public struct AffinityOutcome: Sendable {
    /// The lines and files.
    public var results: [AffinityResult] = []
    /// What was undone of them, after a failure.
    public var undone: [AffinityResult]?
    /// The error that ended the run; nil if it came to its end.
    public var failure: String?
    /// Other trouble.
    public var warnings: [String] = []

    /// Creates an outcome.
    public init() {}

    /// True if nothing failed.
    public var isDone: Bool { failure == nil && !results.contains { $0.verdict == .failed } }
}

/// The result for a line or a file.
public struct AffinityResult: Equatable, Sendable {
    /// The ways in which it may end.
    public enum Verdict: String, Sendable {
        /// Its new mask is written.
        case written
        /// The old mask is there again, and it is served where it was.
        case restored
        /// The old mask is there again; its next interrupts come to another CPU than before.
        case elsewhere
        /// It was as before.
        case untouched
        /// Somebody else has written it since: that stays.
        case foreign
        /// The kernel alone chooses its CPUs.
        case managed
        /// It is not there any more, or another has its number.
        case gone
        /// It could not be written.
        case failed

        /// True if whoever is in charge should know.
        public var isTrouble: Bool { self == .failed || self == .foreign || self == .elsewhere }
    }

    /// The line or the file.
    public var title: String
    /// The number of the interrupt; nil for another file.
    public var irq: Int?
    /// The way in which it ended.
    public var verdict: Verdict
    /// The details.
    public var words: String
}
