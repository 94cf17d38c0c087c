extension RecordingSource {
    /// The clock, where it counts ticks: ticks of one clock say nothing beside those of another, or beside nanoseconds.
    public var tickClock: String? { isClockNanoseconds ? nil : clock ?? "?" }

    /// What a reader must know who looks at numbers of several recordings side by side or added up.
    public static func differences(_ sources: [RecordingSource]) -> [String] {
        var notes: [String] = []
        let formats = Set(sources.map(\.format))
        if formats.count > 1 {
            notes.append(
                "the recordings have different formats (\(formats.sorted().joined(separator: ", "))): tracers cost "
                    + "different times inside of what they measure")
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
