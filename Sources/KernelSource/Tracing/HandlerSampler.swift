public import IRQCore

/// Traces all handlers and softirqs for a moment, and says how long they took.
///
/// The kernel's buffers are small, for they are read all the while: a box that is looked at each minute keeps its memory.
public enum HandlerSampler {
    /// All CPUs together get no more of the kernel's memory, but for `leastKilobytes` each.
    private static let totalKilobytes = 64 << 10
    private static let (leastKilobytes, mostKilobytes) = (128, 2048)
    /// So long the last reading may take; what is left then counts as lost.
    private static let lastNanoseconds: UInt64 = 1_000_000_000

    /// The result of it.
    public struct Sample: Sendable {
        /// The rows of handlers and softirqs that began in the time, with what is behind the interrupts.
        public var report: Report
        /// The time that was traced, in nanoseconds.
        public var nanoseconds: UInt64
        /// The events that the kernel could not keep, and calls of more handlers than can be told apart.
        public var lostEvents: UInt64
        /// The CPUs that are online.
        public var cpuCount: Int
    }

    /// Traces for so long.
    ///
    /// Instances that a killed process left behind are removed first; its own is gone at the end.
    ///
    /// - Parameter tracingRoot: what `--tracing-root` says; nil to find tracefs, and to mount it if need be.
    public static func sample(nanoseconds: UInt64, tracingRoot: String?) throws(TraceError) -> Sample {
        var (result, sample) = try trace(nanoseconds: nanoseconds, tracingRoot: tracingRoot)
        // Without an instance: what is behind the interrupts can be read as well when nothing is traced any more.
        var hardware = HardwareReader(KernelRoots(procRoot: nil, sysRoot: nil))
        hardware.readDevices(of: Set(result[.irq].map { Int($0.number) }))
        result.identify(by: hardware.map)
        sample.report = result
        return sample
    }

    private static func trace(
        nanoseconds: UInt64, tracingRoot: String?
    ) throws(TraceError) -> (report: Report, sample: Sample) {
        _ = TraceOrphans.remove(tracingRoot: tracingRoot)
        var plan = TracePlan()
        // A size that is asked for is not halved where memory is short: a box in need is left alone.
        let cpuCount = max(NUMATopology().possible?.cpus.count ?? 1, 1)
        plan.bufferKilobytesPerCPU = max(min(mostKilobytes, totalKilobytes / cpuCount), leastKilobytes)
        var instance = try TraceInstance(plan: plan, tracingRoot: tracingRoot)
        // The trace clock's own time (mono): what began before now, while the instance was made, does not count.
        let begin = KernelClock.monotonic()
        let formats = try instance.eventFormats()
        let decoder = PageDecoder(layout: instance.layout)
        var options = AnalysisOptions()
        (options.isDeep, options.countsBuckets) = (false, true)
        (options.fromNanoseconds, options.toNanoseconds) = (begin, begin &+ nanoseconds)
        var shard = ShardAnalysis(options)
        var room = PageBuffer(subBufferByteCount: instance.subBufferByteCount)
        var slots: [Int: Int] = [:]
        while true {
            let passed = KernelClock.monotonic() &- begin
            guard passed < nanoseconds else { break }
            _ = instance.wait(milliseconds: Int32(min((nanoseconds - passed) / 1_000_000 + 1, 60_000)))
            try drain(&instance, &room, &shard, &slots, decoder, formats, TraceInstance.turnNanoseconds)
        }
        try instance.stop()
        try drain(&instance, &room, &shard, &slots, decoder, formats, lastNanoseconds)
        var lost = instance.unreadEvents().reduce(0) { $0 &+ $1.count }
        for cpu in instance.cpus { lost &+= instance.statistics(cpu: cpu)?.lost ?? 0 }
        let result = BufferResult(shard: &shard, vectorNames: formats.vectorNames)
        // Of more handlers than there are rows the calls are counted nowhere.
        lost &+= result.ledger.callsBeyondRowLimit
        let source = RecordingSource(
            format: "live", clock: plan.clock, isClockNanoseconds: true, cpuCount: cpuCount, machine: nil, buffers: [""]
        )
        let report = Report(
            source: source, buffers: [result], symbols: [:], tasks: [:], slowCount: 0, overrunEvents: nil, notes: [])
        let sample = Sample(
            report: report, nanoseconds: nanoseconds, lostEvents: lost, cpuCount: instance.onlineCPUs.count)
        return (report, sample)
    }

    private static func drain(
        _ instance: inout TraceInstance, _ room: inout PageBuffer, _ shard: inout ShardAnalysis,
        _ slots: inout [Int: Int], _ decoder: PageDecoder, _ formats: borrowing EventFormats, _ time: UInt64
    ) throws(TraceError) {
        try instance.drain(into: &room, until: KernelClock.monotonic() &+ time) { room, cpu in
            let slot = slots[cpu] ?? shard.addCPU(cpu)
            slots[cpu] = slot
            for index in 0..<room.count {
                shard.feed(page: room.page(index), slot: slot, decoder: decoder, formats: formats)
            }
            return true
        }
    }
}
