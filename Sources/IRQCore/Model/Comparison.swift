/// Two recordings, or two sets of recordings, side by side.
public struct Comparison: Sendable {
    /// The way in which differences are told from chance.
    public enum Method: String, Sendable {
        /// One recording each: by the variation within each.
        case pair
        /// Several recordings each: by the variation from recording to recording.
        case sets
    }

    /// The recordings of the first side.
    public var a: [RecordingSource]
    /// The recordings of the second side.
    public var b: [RecordingSource]
    /// The way in which differences are told from chance.
    public var method: Method
    /// True if it is of counts, which have no durations and no spread.
    public var isOfCounts = false
    /// The rows that both sides have, and then those of one.
    public var rows: [ComparedRow]
    /// The kinds of which a side has no events at all, and the other one has some: they were not recorded there, or none came.
    public var absentKinds = (a: Set<RowKind>(), b: Set<RowKind>())
    /// Sentences that a reader must know to trust the verdicts.
    public var notes: [String]

    /// Creates a comparison.
    public init(a: [RecordingSource], b: [RecordingSource], method: Method, rows: [ComparedRow], notes: [String]) {
        (self.a, self.b, self.method, self.rows, self.notes) = (a, b, method, rows, notes)
    }

    /// The rows that only the second side has, though the first has others of their kinds.
    public var new: [ComparedRow] { rows.filter { $0.a == nil && !$0.isOfAbsentKind } }
    /// The rows that only the first side has, though the second has others of their kinds.
    public var gone: [ComparedRow] { rows.filter { $0.b == nil && !$0.isOfAbsentKind } }
    /// The rows of kinds of which the first side has no events.
    public var unrecordedInA: [ComparedRow] { rows.filter { $0.a == nil && $0.isOfAbsentKind } }
    /// The rows of kinds of which the second side has no events.
    public var unrecordedInB: [ComparedRow] { rows.filter { $0.b == nil && $0.isOfAbsentKind } }
}

/// A value that is compared.
public enum ComparedValue: String, Sendable, CaseIterable {
    /// Percentiles of the duration.
    case p50, p90, p99, p999
    /// The calls per second.
    case rate = "per_s"
    /// The share of a CPU: inclusive time by the length of the recording.
    case share = "cpu_share"
    /// The longest duration, which is shown and never judged.
    case maximum = "max"

    /// The values whose ratio is shown to people; programs get all.
    public static let shown: [ComparedValue] = [.rate, .p50, .p99]

    /// The percentile in thousandths; nil of other values.
    public var perMille: Int? {
        switch self {
        case .p50: 500
        case .p90: 900
        case .p99: 990
        case .p999: 999
        case .rate, .share, .maximum: nil
        }
    }
}

/// A row of both sides, or of one.
public struct ComparedRow: Sendable {
    /// The numbers of one side; of a set the medians of its recordings.
    public struct Side: Sendable {
        /// The IRQ number, where the kind has one.
        public var number: Int64?
        /// The calls, added up over a set.
        public var calls: UInt64
        /// The calls of each CPU, added up over a set.
        public var cpuCalls: [Int: UInt64] = [:]
        /// The values, in nanoseconds, per second, and as a part of 1.
        public var values: [ComparedValue: Double]
        /// The calls that the other side would have seen in its time at this rate.
        public var expectedCalls: Double?

        /// Creates a side.
        public init(number: Int64?, calls: UInt64, values: [ComparedValue: Double]) {
            (self.number, self.calls, self.values) = (number, calls, values)
        }
    }

    /// The calls between two snapshots of one run of a kernel.
    public struct Between: Sendable, Equatable {
        /// Their number.
        public var calls: UInt64
        /// Their rate; nil if the time between is not known.
        public var perSecond: Double?

        /// Creates a value; see the properties.
        public init(calls: UInt64, perSecond: Double?) { (self.calls, self.perSecond) = (calls, perSecond) }
    }

    /// The result of the test of a value.
    public struct Test: Sendable, Equatable {
        /// The second side's value by the first's.
        public var ratio: Double
        /// The difference of the logarithms by its standard error (pair); nil where it could not be told.
        public var z: Double?
        /// The probability that chance makes such a difference, corrected for the number of tests (sets).
        public var p: Double?
        /// The bounds of the ratio (sets): those of a confidence of 95 % or a little more.
        public var bounds: ClosedRange<Double>?
        /// The result.
        public var verdict: Verdict

        /// Creates a result.
        public init(
            ratio: Double, z: Double? = nil, p: Double? = nil, bounds: ClosedRange<Double>? = nil, verdict: Verdict
        ) {
            (self.ratio, self.z, self.p, self.bounds, self.verdict) = (ratio, z, p, bounds, verdict)
        }
    }

    /// The result of comparing two values.
    public enum Verdict: String, Sendable {
        /// They differ by more than chance and by enough to matter.
        case differs
        /// The difference is small, or chance makes such ones.
        case same
        /// There are too few calls or recordings to tell.
        case tooFew = "too few"
    }

    /// The kind of row.
    public var kind: RowKind
    /// The name that both sides are known by: an action, softirq, vector or function. Untrusted text.
    public var name: String
    /// The device behind an interrupt; nil if unknown.
    public var device: String?
    /// The first side; nil if it does not have the row.
    public var a: Side?
    /// The second side; nil if it does not have the row.
    public var b: Side?
    /// The tests by value; the maximum is in none.
    public var tests: [ComparedValue: Test] = [:]
    /// The probability that a call of the second side takes longer than one of the first, 0…1; a description, no test.
    public var slowerShare: Double?
    /// The durations of each side, those of a set together; empty for a side that does not have the row.
    public var histograms = (a: LatencyHistogram(), b: LatencyHistogram())
    /// The calls between both sides, where these are snapshots of one run of a kernel; else nil.
    public var between: Between?
    /// True of a row of one side if nothing of its kind is on the other: what was not recorded is neither new nor gone.
    public var isOfAbsentKind = false
    /// True if the verdicts are to be read with doubt: a recording under a second, or one that lost events.
    public var isUncertain = false

    /// Creates a row.
    public init(kind: RowKind, name: String, device: String? = nil, a: Side?, b: Side?) {
        (self.kind, self.name, self.device, self.a, self.b) = (kind, name, device, a, b)
    }

    /// The verdict on the row: that of its values taken together. It is the same only if all was tested whose ratio is shown.
    public var verdict: Verdict {
        let verdicts = tests.values.map(\.verdict)
        if verdicts.contains(.differs) { return .differs }
        return verdicts.contains(.same) && untested.isEmpty ? .same : .tooFew
    }

    /// The values whose ratio is shown though nothing can be said about it: there are too few calls or recordings, or it is not
    /// judged.
    public var untested: [ComparedValue] {
        ComparedValue.shown.filter { ratio($0) != nil && (tests[$0]?.verdict ?? .tooFew) == .tooFew }
    }

    /// True if some of its values were tested and found to be the same, and others could not be tested.
    public var isPartlyTested: Bool { verdict == .tooFew && tests.values.contains { $0.verdict == .same } }

    /// The second side's value by the first's; nil where one of them is not known or is 0.
    public func ratio(_ value: ComparedValue) -> Double? {
        guard let first = a?.values[value], let second = b?.values[value], first > 0, second > 0 else { return nil }
        return second / first
    }
}
