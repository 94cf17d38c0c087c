internal import IRQCore
internal import KernelSource
internal import TraceOutput

/// The options of `record` as values.
struct RecordPlan {
    /// A path, or - for standard output.
    var output = "trace.dat"
    var trace = TracePlan()
    var tracingRoot: String?
    var version = RecordingVersion.v7
    var compression = RecordingCompression.zstd
    /// When to stop by itself.
    var durationNanoseconds: UInt64?
    /// Keep only so much, and write it at a trigger.
    var flightNanoseconds: UInt64?
    /// A handler that took longer is a trigger.
    var triggerSlowNanoseconds: UInt64?
    /// A rate on one CPU that is higher is a trigger.
    var triggerRatePerSecond: Double?
    /// The command to run meanwhile.
    var command: [String] = []

    /// True if something is watched for a trigger.
    var hasTrigger: Bool { triggerSlowNanoseconds != nil || triggerRatePerSecond != nil }

    /// True if the recording tells addresses of the kernel.
    var hasAddresses: Bool { !trace.events.isDisjoint(with: EventGroup.withAddresses) }

    /// The place where the recording goes.
    var destination: RecordingOutput { output == "-" ? .descriptor(1, name: outputName) : .file(output) }

    /// The same for messages.
    var outputName: String { output == "-" ? "standard output" : output }
}
