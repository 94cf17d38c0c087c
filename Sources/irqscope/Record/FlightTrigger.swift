internal import Glibc
internal import IRQCore
internal import KernelSource

/// Watches for what makes a flight recorder write: a slow handler, or a high rate.
///
/// The recorder's own buffer must not be read before its time, so slow handlers are watched through a second
/// instance with the handler events alone, and rates through /proc/interrupts.
struct FlightTrigger: ~Copyable {
    /// The time between two looks, in nanoseconds.
    static let intervalNanoseconds: UInt64 = 200_000_000

    private let plan: RecordPlan
    private var live = Box()
    private var source: LiveSource
    private var trace: TopTrace
    private var nextNanoseconds: UInt64

    init(_ plan: RecordPlan) throws(CommandFailure) {
        self.plan = plan
        source = LiveSource(KernelRoots(procRoot: nil, sysRoot: nil))
        var watched = TracePlan()
        watched.events = [.irq]
        (watched.irqs, watched.cpus) = (plan.trace.irqs, plan.trace.cpus)
        trace = TopTrace(watched, tracingRoot: plan.tracingRoot)
        nextNanoseconds = KernelClock.monotonic() &+ Self.intervalNanoseconds
        if plan.triggerSlowNanoseconds != nil {
            trace.start(into: live)
            if let reason = live.tracing.reason { throw CommandFailure([reason], status: ExitStatus.failed) }
        }
    }

    /// Looks, if it is time; returns why to write, in words, or nil.
    mutating func look() -> String? {
        let now = KernelClock.monotonic()
        if now < nextNanoseconds {
            trace.drain(into: live)
            return nil
        }
        nextNanoseconds = now &+ Self.intervalNanoseconds
        trace.endInterval(into: live)
        do throws(SourceError) {
            try source.sample(into: live, readsTimes: false)
        } catch {
            return nil  // a look that fails is made up for by the next one
        }
        return slow() ?? fast()
    }

    private func slow() -> String? {
        guard let limit = plan.triggerSlowNanoseconds else { return nil }
        for row in 0..<live.interrupts.sample.table.rowCount {
            guard let spans = live.handler(row), spans.maximumNanoseconds > limit else { continue }
            let details = live.details(row)
            return "IRQ \(details.label) (\(details.name)) took \(spans.maximumNanoseconds / 1000) µs"
        }
        return nil
    }

    private func fast() -> String? {
        guard let limit = plan.triggerRatePerSecond else { return nil }
        for row in 0..<live.interrupts.sample.table.rowCount {
            let irq = Int64(live.interrupts.sample.table.row(row).irq)
            // Timers and IPIs are no device that storms.
            guard irq >= 0, plan.trace.irqs?.contains(where: { $0.contains(irq) }) ?? true else { continue }
            for column in 0..<live.interrupts.sample.table.cpuCount {
                guard let delta = live.interrupts.delta(row, column), let rate = live.interrupts.perSecond(delta),
                    rate >= limit
                else { continue }
                let cpu = live.interrupts.sample.table.cpu(column)
                let details = live.details(row)
                return "IRQ \(details.label) (\(details.name)) came \(UInt64(rate)) times a second on CPU \(cpu)"
            }
        }
        return nil
    }
}
