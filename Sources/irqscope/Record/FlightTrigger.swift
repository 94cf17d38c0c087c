internal import Glibc
internal import IRQCore
internal import KernelSource
internal import Rendering
internal import TraceOutput

/// Watches for what makes a flight recorder write: a slow handler, or a high rate.
///
/// Slow handlers are looked for in the recorder's own events, which are read for it as they come (`FlightRing`), rates
/// in /proc/interrupts.
struct FlightTrigger: ~Copyable {
    /// The time between two looks, in nanoseconds.
    static let intervalNanoseconds: UInt64 = 200_000_000

    private let plan: RecordPlan
    private var live = Box()
    private var source: LiveSource
    private var nextNanoseconds: UInt64
    /// The pages that were read; nil if no handler is looked for, and the kernel keeps all.
    private var ring: FlightRing?
    /// The handler that was too slow; nil before.
    private(set) var slowest: SlowestSpan?

    init(_ instance: borrowing TraceInstance, _ plan: RecordPlan) throws(TraceError) {
        self.plan = plan
        ring = plan.readsAtOnce ? try FlightRing(instance, plan) : nil
        source = LiveSource(KernelRoots(procRoot: nil, sysRoot: nil))
        nextNanoseconds = KernelClock.monotonic() &+ Self.intervalNanoseconds
    }

    /// Reads what the kernel has, if it is read at once, as long as there is time.
    ///
    /// - Returns: whether all has been read.
    mutating func drain(
        _ instance: inout TraceInstance, _ room: inout PageBuffer, until deadline: UInt64
    ) throws(TraceError) -> Bool {
        try ring?.drain(&instance, &room, until: deadline) ?? true
    }

    /// Writes what was read.
    ///
    /// - Returns: events that were not written by `deadline`, by CPU; nil if nothing was read.
    mutating func write(
        _ cut: inout FlightCut, _ room: inout PageBuffer, to writer: inout RecordingWriter, until deadline: UInt64
    ) throws -> [(cpu: Int, count: UInt64)]? {
        // A local one: the compiler cannot lend what is in an optional.
        guard var ring = ring.take() else { return nil }
        return try cut.write(&ring, &room, to: &writer, until: deadline)
    }

    /// Looks; returns why to write, in words, and when that happened on CLOCK_MONOTONIC, or nil.
    mutating func look() -> (reason: String, nanoseconds: UInt64)? {
        // The end of a handler is in the time of the trace clock, which is that one.
        if let reason = slow(), let slowest { return (reason, slowest.startNanoseconds &+ slowest.durationNanoseconds) }
        return fast().map { ($0, KernelClock.monotonic()) }
    }

    private mutating func slow() -> String? {
        guard let limit = plan.triggerSlowNanoseconds else { return nil }
        slowest = ring?.tooSlow(limit)
        return slowest.map { FlightSentence.slow($0) }
    }

    private mutating func fast() -> String? {
        let now = KernelClock.monotonic()
        guard let limit = plan.triggerRatePerSecond, now >= nextNanoseconds else { return nil }
        nextNanoseconds = now &+ Self.intervalNanoseconds
        do throws(SourceError) {
            try source.sample(into: live, readsTimes: false)
        } catch {
            return nil  // the next look is over both intervals
        }
        return fast(limit)
    }

    private func fast(_ limit: Double) -> String? {
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
                return FlightSentence.fast(details.label, details.name, perSecond: rate, cpu: cpu)
            }
        }
        return nil
    }
}
