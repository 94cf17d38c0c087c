/// A taker of what tasks run when on which CPU, and of what let them run: for a timeline.
///
/// Calls come in the order of time over all CPUs, from one thread. What events do not tell is left out: a run whose beginning
/// is not known has none.
public protocol RunSink: AnyObject {
    /// Learns that a CPU goes on with another task; a pid below 1 is the idle one.
    ///
    /// - Parameter wake: the handler, vector or softirq that woke it, if that is known.
    func change(cpu: UInt32, at time: UInt64, to pid: Int64, wake: RunWake?)
    /// Learns that it is not known what a CPU does from here on, or did before.
    func forget(cpu: UInt32)
    /// Learns that the recording has ended, and the names of tasks. Untrusted text.
    func finish(names: [Int32: String])
}

/// The span that let a task run.
public struct RunWake: Sendable {
    /// The CPU that it ran on.
    public let cpu: UInt32
    /// When it began.
    public let startNanoseconds: UInt64
    /// The interrupt; nil if it was none.
    public let irq: Int64?
}

extension DeepAnalysis {
    /// Hands out that a CPU goes on with a task.
    ///
    /// - Parameter isKnown: true if there was a wake-up that led to this, and it is known when.
    @inline(never)
    mutating func handOutChange(_ slot: Int, _ now: UInt64, to task: Int32, isKnown: Bool) {
        guard let runSink else { return }
        guard cpus[slot].isSelected else { return }
        // A run that begins outside of the window is none, but it ends the one before.
        let isWanted = isInWindow(now)
        runSink.change(
            cpu: cpus[slot].number, at: now, to: isWanted ? tasks[Int(task)].pid : 0,
            wake: isWanted && isKnown ? runWake(of: task) : nil)
    }

    /// Hands out that it is not known what a CPU does.
    @inline(never)
    func handOutUnknown(_ slot: Int) { runSink?.forget(cpu: cpus[slot].number) }

    private func runWake(of task: Int32) -> RunWake? {
        let wake = tasks[Int(task)].wake
        guard wake.wakingSlot >= 0 else { return nil }
        let (start, irq): (UInt64, Int64?) =
            switch wake.cause.kind {
            case .irq: (wake.path.origin, handlers[Int(wake.cause.value)].irq)
            case .vector: (wake.path.origin, nil)
            case .softirq: (wake.path.middle, nil)
            default: (DeepCPU.never, nil)
            }
        if start == DeepCPU.never { return nil }
        return RunWake(cpu: cpus[Int(wake.wakingSlot)].number, startNanoseconds: start, irq: irq)
    }

    /// Ends the recording for the sink.
    func finishRunSink() {
        guard let runSink else { return }
        var known: [Int32: String] = [:]
        for place in 0..<tasks.count where tasks[place].pid > 0 && tasks[place].pid <= Int64(Int32.max) {
            let name = tasks[place].name
            if traits[Int(name)].name != unknownName { known[Int32(tasks[place].pid)] = names.text(of: name) }
        }
        runSink.finish(names: known)
    }
}
