extension RecordingSource {
    /// The clock, where it counts ticks: ticks of one clock say nothing beside those of another, or beside nanoseconds.
    public var tickClock: String? { isClockNanoseconds ? nil : clock ?? "?" }

    /// The program in the kernel that took the times, whatever they were written with.
    public var tracer: String {
        if format.hasPrefix("perf ") || format.hasPrefix("perf.") { return "perf" }
        return format == "babeltrace" ? "LTTng" : "ftrace"
    }

    /// Notes for a reader who looks at numbers of several recordings side by side or added up.
    public static func differences(_ sources: [RecordingSource]) -> [String] {
        var notes: [String] = []
        let tracers = Set(sources.map(\.tracer))
        if tracers.count > 1 {
            notes.append(
                "the recordings are of different tracers (\(tracers.sorted().joined(separator: ", "))), each of which takes a part "
                    + "of a microsecond inside of what it measures")
        }
        let coarse = sources.filter { $0.resolutionNanoseconds ?? 1 > 1 }
        if !coarse.isEmpty, Set(sources.map { $0.resolutionNanoseconds ?? 1 }).count > 1 {
            let names = coarse.map { "\($0.file) (\($0.resolutionNanoseconds ?? 1) ns)" }
            notes.append(
                "the recordings have different resolutions, coarser than 1 ns: \(names.joined(separator: ", ")); "
                    + "durations of these are rounded to that step")
        }
        return notes
    }
}
