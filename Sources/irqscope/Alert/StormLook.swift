internal import Glibc
internal import IRQCore
internal import KernelSource

/// A second's look at storming interrupts through tracefs: what their handlers cost, and how many interrupts nobody claimed.
///
/// It comes after the verdicts of the counters and before anything is told or kept: a run that is killed meanwhile is
/// repeated by the next one, which also removes what is left of the trace.
struct StormLook {
    private let tracingRoot: String?
    /// So long a look takes, once in a run: enough for a thousand calls of any storm, and far below a plugin's timeout.
    static let nanoseconds: UInt64 = 1_000_000_000
    /// More lines are not looked at: the worst go first.
    static let lineLimit = 16

    /// Nil if nobody wants a look, or nobody may have one: a saved copy has no handlers, and tracing is for root.
    init?(_ options: AlertCommand) {
        guard options.trace, options.source.roots.isLive, geteuid() == 0 else { return nil }
        tracingRoot = options.tracingRoot
    }

    /// Looks at the lines of storms, and puts what that tells into `seen`: a look for each, or why there is none.
    ///
    /// - Returns: false if there was nothing to look at.
    func look(at findings: [AlertFinding], _ seen: inout BoxInterval) -> Bool {
        var actions: [Int: [String]] = [:]
        for line in seen.lines { if let irq = line.irq { actions[irq] = line.details?.actions ?? [] } }
        var lines: [HandlerProfileAnalysis.Line] = []
        for finding in findings where finding.key.verdict == .storm && finding.level > .ok {
            // One that was not measured this time is not known to storm now.
            guard finding.evidence.perSecond != nil, let irq = finding.subject.irq, lines.count < Self.lineLimit,
                !lines.contains(where: { $0.irq == irq })
            else { continue }
            lines.append(HandlerProfileAnalysis.Line(irq: irq, actions: actions[irq] ?? []))
        }
        if lines.isEmpty { return false }
        // Whatever ends the process now, nothing of the trace stays behind.
        InstanceCleanup.install()
        do throws(TraceError) {
            seen.add(try HandlerProfiler.look(at: lines, nanoseconds: Self.nanoseconds, tracingRoot: tracingRoot))
        } catch {
            seen.lookProblem = error.problem
        }
        return true
    }
}
