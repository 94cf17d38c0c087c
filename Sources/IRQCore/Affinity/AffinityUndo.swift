/// Puts back what `apply` changed, from any point at which it was stopped.
///
/// Writing the old mask alone leaves a line on the CPU to which it was moved, as that is in the mask. So the CPU on which it
/// was is written first, alone; when the controller has moved it (at once, or with its next interrupt) the old mask follows.
/// Two quick writes would not do: of those before the next interrupt the kernel keeps the last only.
public struct AffinityUndo {
    private let port: any KernelPort
    private let keeper: AffinityKeeper
    private var outcome = AffinityOutcome()
    private var waiting: [AffinityState.Line] = []
    private var failed: [AffinityState.Line] = []
    private var failedFiles: [AffinityState.File] = []

    /// Creates a run.
    public init(_ port: any KernelPort, _ keeper: AffinityKeeper) { (self.port, self.keeper) = (port, keeper) }

    /// Undoes a state of this boot.
    ///
    /// - Parameters:
    ///   - devices: the devices whose lines are put back, by name or address; empty for everything.
    ///   - waitNanoseconds: the time for which lines are waited for that move with their next interrupt.
    public mutating func run(
        _ state: AffinityState, devices: [String], waitNanoseconds: UInt64
    ) -> AffinityOutcome {
        guard state.bootID == port.bootID else {
            outcome.failure = "these masks are of another boot, after which the kernel and the drivers set their own"
            if let problem = keeper.remove() { outcome.warnings.append("the state could not be removed: \(problem)") }
            return outcome
        }
        func isWanted(_ line: AffinityState.Line) -> Bool {
            devices.isEmpty || devices.contains { $0 == line.device || $0 == line.identity.address }
        }
        func isWanted(_ file: AffinityState.File) -> Bool {
            devices.isEmpty || devices.contains { file.path.hasPrefix("sys/class/net/\($0)/") }
        }
        var rest = state
        rest.lines.removeAll(where: isWanted)
        rest.files.removeAll(where: isWanted)
        var under = state
        under.phase = .undoing
        if let problem = keeper.save(under) { outcome.warnings.append("the state could not be kept: \(problem)") }

        for file in state.files.reversed() where isWanted(file) { restore(file) }
        for line in state.lines.reversed() where isWanted(line) { begin(line) }
        wait(waitNanoseconds)
        for line in waiting { finish(line) }
        end(rest, state)
        return outcome
    }

    // MARK: Lines

    private func title(_ line: AffinityState.Line) -> String { "irq \(line.identity.irq) \(line.identity.actions)" }

    private mutating func tell(_ line: AffinityState.Line, _ verdict: AffinityResult.Verdict, _ words: String) {
        outcome.results.append(
            AffinityResult(title: title(line), irq: line.identity.irq, verdict: verdict, words: words))
        if verdict == .failed { failed.append(line) }
    }

    /// Writes the CPU on which a line was, unless it is there.
    private mutating func begin(_ line: AffinityState.Line) {
        let irq = line.identity.irq
        guard let now = LineIdentity.read(irq, address: line.identity.address, port), now == line.identity else {
            return tell(line, .gone, "it is another line by now: left alone")
        }
        guard let mask = port.mask(ofLine: irq) else { return tell(line, .failed, "its mask cannot be read") }
        let effective = port.effective(ofLine: irq)
        let isBack = effective == nil || line.oldEffective == nil || effective == line.oldEffective
        if mask == line.oldMask, isBack || !wasWhereItMay(line) { return tell(line, .untouched, "as before") }
        guard line.isOurs(mask) || mask == line.oldMask else {
            return tell(line, .foreign, "its mask is \(mask.list) by now, which this program did not write: that stays")
        }
        if !isBack, let cpu = line.oldEffective?.lowest {
            let error = port.write(path(irq), "\(cpu)")
            // A CPU that is offline by now cannot be written alone, yet the mask can.
            if error != 0, error != MaskError.invalid {
                let isManaged = MaskError.isOfManaged(error)
                return tell(line, isManaged ? .managed : .failed, MaskError.words(error))
            }
        }
        waiting.append(line)
    }

    /// False for a line that waited for a move when the plan was made: such a move cannot be brought back.
    private func wasWhereItMay(_ line: AffinityState.Line) -> Bool {
        line.oldEffective.map { $0.isSubset(of: line.oldMask) } ?? true
    }

    private func path(_ irq: Int) -> String { "proc/irq/\(irq)/smp_affinity_list" }

    /// Waits until all lines are where they were, or for the time given.
    private func wait(_ nanoseconds: UInt64) {
        let end = port.nowNanoseconds &+ nanoseconds
        var left = waiting
        while true {
            left.removeAll { line in
                guard let old = line.oldEffective, let now = port.effective(ofLine: line.identity.irq) else {
                    return true
                }
                return now == old
            }
            let now = port.nowNanoseconds
            if left.isEmpty || now >= end { return }
            port.wait(min(Self.stepNanoseconds, end - now))
        }
    }

    private static let stepNanoseconds: UInt64 = 10_000_000

    /// Writes the old mask.
    private mutating func finish(_ line: AffinityState.Line) {
        let irq = line.identity.irq
        let error = port.write(path(irq), line.oldMask.list)
        if error != 0 { return tell(line, .failed, "\(line.oldMask.list): \(MaskError.words(error))") }
        guard port.mask(ofLine: irq) == line.oldMask else {
            return tell(line, .failed, "\(line.oldMask.list) was written, and something else is there")
        }
        if let old = line.oldEffective, let now = port.effective(ofLine: irq), now != old {
            let words =
                wasWhereItMay(line)
                ? "\(line.oldMask.list), and its next interrupts come to CPU \(now.list): none came in time to move it to \(old.list)"
                : "\(line.oldMask.list), on CPU \(now.list): the move that it waited for before is done"
            return tell(line, .elsewhere, words)
        }
        tell(line, .restored, line.oldMask.list)
    }

    // MARK: Other files

    private mutating func restore(_ file: AffinityState.File) {
        func tell(_ verdict: AffinityResult.Verdict, _ words: String) {
            outcome.results.append(AffinityResult(title: "/\(file.path)", irq: nil, verdict: verdict, words: words))
        }
        guard let now = port.read(file.path).text else { return tell(.gone, MaskError.words(MaskError.absent)) }
        if now == file.old { return tell(.untouched, "as before") }
        let ours = ([file.new] + file.earlier).map { CPUSet.parse(mask: $0) }
        guard let mask = CPUSet.parse(mask: now), ours.contains(mask) else {
            return tell(.foreign, "it is \(now) by now, which this program did not write: that stays")
        }
        let error = port.write(file.path, file.old)
        if error != 0 {
            failedFiles.append(file)
            return tell(.failed, "\(file.old): \(MaskError.words(error))")
        }
        if let after = port.read(file.path).text, after != file.old {
            return tell(
                .elsewhere,
                "\(file.old) was written, and the kernel made \(after) of it: CPUs are offline or isolated by now")
        }
        tell(.restored, file.old)
    }

    // MARK: The end

    private mutating func end(_ rest: AffinityState, _ state: AffinityState) {
        var rest = rest
        rest.lines += failed.reversed()
        rest.files += failedFiles.reversed()
        if rest.lines.isEmpty, rest.files.isEmpty {
            if let problem = keeper.remove() { outcome.warnings.append("the state could not be removed: \(problem)") }
            return
        }
        rest.phase = failed.isEmpty && failedFiles.isEmpty ? state.phase : .undoing
        if let problem = keeper.save(rest) { outcome.warnings.append("the state could not be kept: \(problem)") }
    }
}
