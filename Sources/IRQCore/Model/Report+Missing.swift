/// A CPU of which events are missing in a recording.
public struct IncompleteCPU: Sendable, Equatable {
    /// The buffer that lacks them; "" is the top-level one.
    public let buffer: String
    /// The CPU's number.
    public let cpu: Int
    /// The time for which they are missing, of the window, in nanoseconds.
    public let nanoseconds: UInt64
}

extension Report {
    /// The CPUs of which events are missing for some time of the window, by buffer and number; of one recording.
    public var incompleteCPUs: [IncompleteCPU] {
        missing.sorted { $0.key < $1.key }.flatMap { buffer, cpus in
            cpus.sorted { $0.key < $1.key }.compactMap { cpu, _ in
                let nanoseconds = missingNanoseconds(onCPU: cpu, buffer: buffer)
                return nanoseconds > 0 ? IncompleteCPU(buffer: buffer, cpu: cpu, nanoseconds: nanoseconds) : nil
            }
        }
    }

    /// The time for which events of a CPU are missing in a buffer, in nanoseconds of the window; of several recordings that of all
    /// together.
    ///
    /// - Parameter recording: the one that is meant, in a report that keeps several apart.
    public func missingNanoseconds(onCPU cpu: Int, buffer: String, in recording: RowKey.Recording? = nil) -> UInt64 {
        if let recording { return parts[recording.place].missingNanoseconds(onCPU: cpu, buffer: buffer) }
        if !parts.isEmpty {
            return parts.reduce(0) { sum, part in
                // A buffer that is the only one of each has its name only if all call it so.
                let name = part.source.buffers.count == 1 ? part.source.buffers[0] : buffer
                return sum &+ part.missingNanoseconds(onCPU: cpu, buffer: name)
            }
        }
        guard let time = missing[buffer]?[cpu], let extent else { return 0 }
        return time.nanoseconds(from: extent.lowerBound, to: extent.upperBound)
    }

    /// True if events are missing that a row may have had on a CPU, or its last call there did not end: its time is a lower bound.
    public func isLowerBound(_ row: ReportRow, onCPU cpu: Int) -> Bool {
        missingNanoseconds(onCPU: cpu, buffer: row.buffer, in: row.key.recording) > 0
            || hasLongUnended(onCPU: cpu, buffer: row.buffer, row: row.key, in: row.key.recording)
    }
}
