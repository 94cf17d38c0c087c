public import IRQCore

/// Traces the handlers of some interrupts for a moment.
///
/// The kernel filters by the interrupts' numbers, so that nothing else is written or read. Its buffers are small, for they
/// are read all the while.
public enum HandlerProfiler {
    /// All CPUs together get no more of the kernel's memory, but for `leastKilobytes` each.
    private static let totalKilobytes = 32 << 10
    private static let (leastKilobytes, mostKilobytes) = (64, 1024)
    /// So long the last reading may take; what is left then counts as lost.
    private static let lastNanoseconds: UInt64 = 1_000_000_000

    /// Looks at `lines` for so long.
    ///
    /// - Returns: a look for each line, by its number.
    public static func look(
        at lines: [HandlerProfileAnalysis.Line], nanoseconds: UInt64, tracingRoot: String? = nil
    ) throws(TraceError) -> [Int: HandlerProfile] {
        _ = TraceOrphans.remove(tracingRoot: tracingRoot)
        var plan = TracePlan()
        plan.events = [.irq]
        plan.irqs = lines.map { Int64($0.irq)...Int64($0.irq) }
        // A size that is asked for is not halved where memory is short: a box in need is left alone.
        let cpuCount = max(NUMATopology().possible?.cpus.count ?? 1, 1)
        plan.bufferKilobytesPerCPU = max(min(mostKilobytes, totalKilobytes / cpuCount), leastKilobytes)
        var instance = try TraceInstance(plan: plan, tracingRoot: tracingRoot)
        // The trace clock's own time (mono): what began before now does not count.
        let begin = KernelClock.monotonic()
        let formats = try instance.eventFormats()
        let decoder = PageDecoder(layout: instance.layout)
        var room = PageBuffer(subBufferByteCount: instance.subBufferByteCount)
        var analysis = HandlerProfileAnalysis(lines, begin: begin)
        while true {
            let passed = KernelClock.monotonic() - begin
            guard passed < nanoseconds else { break }
            _ = instance.wait(milliseconds: Int32(min((nanoseconds - passed) / 1_000_000 + 1, 60_000)))
            try drain(&instance, &room, &analysis, decoder, formats, TraceInstance.turnNanoseconds)
        }
        try instance.stop()
        let end = KernelClock.monotonic()
        try drain(&instance, &room, &analysis, decoder, formats, lastNanoseconds)
        var lost = instance.unreadEvents().reduce(0) { $0 &+ $1.count }
        for cpu in instance.cpus { lost &+= instance.statistics(cpu: cpu)?.lost ?? 0 }
        return analysis.looks(end: end, lostEvents: lost)
    }

    private static func drain(
        _ instance: inout TraceInstance, _ room: inout PageBuffer, _ analysis: inout HandlerProfileAnalysis,
        _ decoder: PageDecoder, _ formats: borrowing EventFormats, _ nanoseconds: UInt64
    ) throws(TraceError) {
        try instance.drain(into: &room, until: KernelClock.monotonic() &+ nanoseconds) { room, cpu in
            for index in 0..<room.count {
                analysis.feed(page: room.page(index), cpu: cpu, decoder: decoder, formats: formats)
            }
            return true
        }
    }
}
