internal import Glibc
internal import IRQCore
internal import KernelSource
internal import Rendering

/// The cost of a recording by what the box does now, measured for a moment before it starts.
struct RecordEstimate {
    /// The events of each second.
    let eventsPerSecond: Double
    /// The bytes that they take in the kernel's buffers.
    let bytesPerSecond: Double
    /// The same on the CPU that has most.
    let busiestBytesPerSecond: Double
    /// The number of CPUs that are recorded.
    let cpuCount: Int

    private static let moment: UInt64 = 200_000_000
    /// Buffers last for so long at the rate that was measured.
    private static let secondCount = 4.0
    /// Shares of a CPU above this deserve a hint.
    private static let highShare = 0.05

    /// Traces into an instance of its own, which is gone afterwards, and keeps nothing but the kernel's counts.
    init(measuring plan: RecordPlan) throws(TraceError) {
        var trace = plan.trace
        trace.startsAtOnce = false
        trace.bufferKilobytesPerCPU = nil
        trace.usualKilobytesPerCPU = 256
        var instance = try TraceInstance(plan: trace, tracingRoot: plan.tracingRoot)
        let start = KernelClock.monotonic()
        try instance.start()
        while true {
            let passed = KernelClock.monotonic() - start
            if passed >= Self.moment { break }
            var time = timespec(tv_sec: 0, tv_nsec: Int(Self.moment - passed))
            unsafe nanosleep(&time, nil)
        }
        try instance.stop()
        let seconds = Double(KernelClock.monotonic() - start) / 1e9
        var (events, bytes, busiest) = (0.0, 0.0, 0.0)
        for cpu in instance.cpus {
            guard let counts = instance.statistics(cpu: cpu), counts.entries > 0 else { continue }
            let all = Double(counts.entries &+ counts.lost &+ counts.readEvents)
            // What was overwritten was as long as what is left.
            let own = all * Double(counts.bytes) / Double(counts.entries)
            events += all
            bytes += own
            busiest = max(busiest, own)
        }
        cpuCount = instance.onlineCPUs.count
        (eventsPerSecond, bytesPerSecond) = (events / seconds, bytes / seconds)
        busiestBytesPerSecond = busiest / seconds
    }

    /// The share of its time that each CPU spends on it.
    private var share: Double { eventsPerSecond * LiveTracing.eventNanoseconds / 1e9 / Double(max(cpuCount, 1)) }

    /// The size of buffers for it: enough for some seconds, and never less than `least`.
    func kilobytesPerCPU(least: Int, most: Int) -> Int {
        min(max(least, Int(min(busiestBytesPerSecond * Self.secondCount / 1024, 1e9))), max(most, least))
    }

    /// The sentence that tells it.
    ///
    /// - Parameter kilobytesPerCPU: the kernel's buffers.
    func sentence(kilobytesPerCPU: Int) -> String {
        let percent = Units.percent(share)
        let hint = share >= Self.highShare ? "; --threads records the switches of fewer tasks" : ""
        return "\(Units.count(UInt64(eventsPerSecond.rounded()))) of these events happen here in a second now, "
            + "\(Units.count(UInt64((bytesPerSecond / 1000).rounded()))) kB; recording them takes about \(percent) of each CPU, "
            + "and \(Self.mebibytes(kilobytesPerCPU)) MiB of memory for each of \(cpuCount)\(hint)"
    }

    private static func mebibytes(_ kilobytes: Int) -> String {
        kilobytes % 1024 == 0 ? "\(kilobytes / 1024)" : "\((Double(kilobytes) / 102.4).rounded() / 10)"
    }
}
