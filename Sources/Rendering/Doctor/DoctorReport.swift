public import IRQCore

/// The outcome of `doctor`, and the box that it is about.
public struct DoctorReport: Sendable {
    /// The outcome.
    public let run: DoctorRun
    /// The kernel's release; "" if unknown.
    public let kernel: String
    /// The name of the machine; "" if unknown.
    public let host: String
    /// The number of CPUs online.
    public let cpuCount: Int
    /// The time between the samples, or since boot, in nanoseconds; nil if unknown.
    public let intervalNanoseconds: UInt64?
    /// True if there is one sample only.
    public let isSinceBoot: Bool
    /// True if the samples were asked to be close to each other.
    let isQuick: Bool

    /// Creates a report.
    public init(_ run: DoctorRun, _ box: Examination, host: String = "", isQuick: Bool = false) {
        (self.run, self.isQuick) = (run, isQuick)
        kernel = box.kernel.release
        self.host = host
        cpuCount = box.cpus.online.count
        intervalNanoseconds = box.isIntervalKnown ? box.intervalNanoseconds : nil
        isSinceBoot = box.isSinceBoot
    }

    /// The time that rates are over, in words.
    func span(_ units: Units) -> String {
        guard let interval = intervalNanoseconds else {
            return isSinceBoot
                ? "one sample, of an unknown time since boot" : "two samples, an unknown time apart"
        }
        return isSinceBoot
            ? "one sample: rates are means since boot" : "two samples, \(units.duration(interval)) apart"
    }

    /// The number of findings in words: `1 critical, 3 warnings, 2 notes, 7 unknown`; parts of which there are none are left out.
    var counts: String {
        var parts: [String] = []
        func add(_ count: Int, _ one: String, _ many: String) {
            if count > 0 { parts.append("\(count) \(count == 1 ? one : many)") }
        }
        add(run.count(.crit), "critical", "critical")
        add(run.count(.warn), "warning", "warnings")
        add(run.count(.note), "note", "notes")
        add(run.unknown.count, "unknown", "unknown")
        return parts.joined(separator: ", ")
    }
}
