internal import IRQCore
internal import KernelSource
internal import TraceOutput

/// The options of `record` as values.
struct RecordPlan {
    /// A path, or - for standard output.
    var output = "trace.dat"
    /// True if any file may be replaced.
    var isForced = false
    var trace = TracePlan()
    /// True if interrupts are followed to what they cause, and what that costs is told first.
    var isDeep = false
    var tracingRoot: String?
    var version = RecordingVersion.v7
    var compression = RecordingCompression.zstd
    /// When to stop by itself.
    var durationNanoseconds: UInt64?
    /// Keep only so much, and write it at a trigger.
    var flightNanoseconds: UInt64?
    /// The bytes that are kept of each CPU if it is read at once (`readsAtOnce`).
    var flightKilobytesPerCPU = RecordPlan.flightKilobytes
    /// A handler that took longer is a trigger.
    var triggerSlowNanoseconds: UInt64?
    /// A rate on one CPU that is higher is a trigger.
    var triggerRatePerSecond: Double?
    /// The command to run meanwhile.
    var command: [String] = []

    /// The bytes that a flight recorder keeps of each CPU, if nothing else is asked for.
    static let flightKilobytes = 16 << 10

    /// True if the events of a flight recorder are read as they come, and kept here.
    var readsAtOnce: Bool { triggerSlowNanoseconds != nil }

    /// Sets the sizes of the buffers.
    ///
    /// - Parameter asked: kilobytes for each CPU; nil for the usual size. Where events are read at once, so much is kept
    ///   here, and the kernel needs enough for the time between two looks alone.
    mutating func setBuffers(_ asked: Int?) {
        if !readsAtOnce {
            trace.bufferKilobytesPerCPU = asked ?? (flightNanoseconds == nil ? nil : Self.flightKilobytes)
            return
        }
        flightKilobytesPerCPU = asked ?? Self.flightKilobytes
        trace.bufferKilobytesPerCPU = asked.map { max($0 / 4, 1 << 10) }
    }

    /// Sets the size of the buffers by what the box does, unless a size was asked for.
    mutating func setBuffers(_ estimate: RecordEstimate) {
        guard flightNanoseconds == nil, trace.bufferKilobytesPerCPU == nil else { return }
        let (usual, most) = TracePlan.deepKilobytes(
            cpuCount: estimate.cpuCount, availableKilobytes: KernelMemory.availableKilobytes())
        trace.usualKilobytesPerCPU = estimate.kilobytesPerCPU(least: usual, most: most)
    }

    /// True if something is watched for a trigger.
    var hasTrigger: Bool { triggerSlowNanoseconds != nil || triggerRatePerSecond != nil }

    /// True if the recording tells addresses of the kernel.
    var hasAddresses: Bool { !trace.events.isDisjoint(with: EventGroup.withAddresses) }

    /// The place where the recording goes.
    var destination: RecordingOutput { output == "-" ? .descriptor(1, name: outputName) : .file(output) }

    /// The same for messages.
    var outputName: String { output == "-" ? "standard output" : output }
}
