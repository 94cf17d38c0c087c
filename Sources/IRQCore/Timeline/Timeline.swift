/// The course of a recording over time, for pictures: what happened when, in columns of equal length.
public struct Timeline: Sendable {
    /// The begin of the first column, in nanoseconds of the trace clock.
    public var startNanoseconds: UInt64
    /// The length of a column in nanoseconds.
    public var columnNanoseconds: UInt64
    /// The number of columns, at most `columnLimit`.
    public var columnCount: Int
    /// The latencies of the busiest rows of each kind over time, the busiest of a kind first.
    public var heatMaps: [HeatMap] = []
    /// The time of each CPU in interrupts, lowest CPU first; of very many CPUs that of groups and then that of the hottest ones.
    /// If the same interrupts were recorded in several buffers, each CPU's busiest buffer counts, as in `CPULoad`.
    public var lanes: [CPULane] = []
    /// The stretches of time of which events are missing, in the order of time; of one column and CPU at most one.
    public var gaps: [TimelineGap] = []
    /// The slowest moments with what ran around them, slowest of each kind first.
    public var moments: [SlowMoment] = []

    /// The most columns.
    public static let columnLimit = 240

    /// Creates a course without anything in it.
    public init(startNanoseconds: UInt64, columnNanoseconds: UInt64, columnCount: Int) {
        self.startNanoseconds = startNanoseconds
        self.columnNanoseconds = columnNanoseconds
        self.columnCount = columnCount
    }
}

/// The latencies of a row over time.
public struct HeatMap: Sendable {
    /// The statistic that a map is of.
    public enum Subject: Sendable, Hashable {
        /// A duration, raise latency or queue latency of a row of the report.
        case row(RowKey, Measure)
        /// The time from a task's wake-up to its start on a CPU: by its name and pid. Untrusted text.
        case wake(name: String, pid: Int64)
        /// The time that a task had a CPU, among what ran around a slow moment: by its name and pid. Untrusted text.
        case task(name: String, pid: Int64)
    }

    /// A cell that is not empty.
    public struct Cell: Sendable, Equatable {
        /// The column, from 0 on.
        public let column: UInt16
        /// The step of the scale of latencies, from 0 on; see `HeatScale`.
        public let step: UInt8
        /// The spans that began in it.
        public let count: UInt64

        /// Creates a cell.
        public init(column: UInt16, step: UInt8, count: UInt64) {
            (self.column, self.step, self.count) = (column, step, count)
        }
    }

    /// The statistic.
    public var subject: Subject
    /// The cells that are not empty, by column and then by step.
    public var cells: [Cell] = []

    /// Creates a map.
    public init(subject: Subject, cells: [Cell] = []) {
        self.subject = subject
        self.cells = cells
    }

    /// The spans of each column.
    public func counts(columnCount: Int) -> [UInt64] {
        var counts = [UInt64](repeating: 0, count: columnCount)
        for cell in cells where Int(cell.column) < columnCount { counts[Int(cell.column)] &+= cell.count }
        return counts
    }
}

/// The logarithmic scale of the latencies of heat maps: four steps for each doubling, linear in between.
public enum HeatScale {
    /// The number of steps for each doubling, a power of two.
    public static let stepsPerDoubling = 1 << stepBits
    private static let stepBits = 2
    /// The number of steps; the last one has all that is longer.
    public static let stepCount = 160

    /// The step of a latency in nanoseconds. The shortest have one each.
    @inline(__always)
    public static func step(_ nanoseconds: UInt64) -> UInt8 {
        if nanoseconds < stepsPerDoubling { return UInt8(nanoseconds) }
        let doublings = 63 - nanoseconds.leadingZeroBitCount - stepBits
        let part = Int(truncatingIfNeeded: nanoseconds >> UInt64(doublings)) - stepsPerDoubling
        return UInt8(min((doublings + 1) * stepsPerDoubling + part, stepCount - 1))
    }

    /// The shortest latency of a step in nanoseconds; steps grow linearly between two powers of two.
    public static func lowest(_ step: UInt8) -> UInt64 {
        let (doublings, part) = Int(step).quotientAndRemainder(dividingBy: stepsPerDoubling)
        return doublings == 0 ? UInt64(step) : UInt64(stepsPerDoubling + part) << UInt64(doublings - 1)
    }

    /// The place of a latency in nanoseconds on the scale, in steps and parts of them.
    public static func position(_ nanoseconds: UInt64) -> Double {
        if nanoseconds < stepsPerDoubling { return Double(nanoseconds) }
        let doublings = 63 - nanoseconds.leadingZeroBitCount - stepBits
        let part = Double(nanoseconds) / Double(UInt64(1) << UInt64(doublings)) - Double(stepsPerDoubling)
        return Double((doublings + 1) * stepsPerDoubling) + part
    }
}

/// The time that a CPU, or a group of them, spent in interrupts over time.
public struct CPULane: Sendable {
    /// The part of a lane's time.
    public enum Part: Int, Sendable, CaseIterable {
        /// Hardirq handlers.
        case hardirq
        /// Softirqs.
        case softirq
        /// Interrupt vectors without what they called.
        case vector
        /// Threads that interrupts woke: those of handlers, of softirqs and of network polling.
        case thread
    }

    /// The CPUs that the lane stands for: one, or those of a NUMA node.
    public var cpus: [Int]
    /// The node, of a lane of several CPUs; nil if unknown.
    public var node: Int?
    /// True if there are other lanes that have been left out or folded, and this one is shown for its load.
    public var isHottest = false
    /// The nanoseconds of self time by part and column, summed over the CPUs: `nanoseconds[part][column]`. The part `thread` is empty
    /// where there are no events of the scheduler.
    public var nanoseconds: [[UInt64]]

    /// Creates a lane.
    public init(cpus: [Int], node: Int? = nil, nanoseconds: [[UInt64]]) {
        (self.cpus, self.node, self.nanoseconds) = (cpus, node, nanoseconds)
    }
}

/// A stretch of time of which events of a CPU are missing.
public struct TimelineGap: Sendable, Equatable {
    /// The CPU's number.
    public let cpu: Int
    /// The last time before it, in nanoseconds of the trace clock.
    public let startNanoseconds: UInt64
    /// The first time after it.
    public let endNanoseconds: UInt64

    /// Creates a gap.
    public init(cpu: Int, startNanoseconds: UInt64, endNanoseconds: UInt64) {
        (self.cpu, self.startNanoseconds, self.endNanoseconds) = (cpu, startNanoseconds, endNanoseconds)
    }
}

/// One of the slowest spans or latencies, and what ran around it.
public struct SlowMoment: Sendable {
    /// A span of the lane.
    public struct Span: Sendable {
        /// The row.
        public var subject: HeatMap.Subject
        /// When it began, in nanoseconds of the trace clock.
        public var startNanoseconds: UInt64
        /// The time it took.
        public var durationNanoseconds: UInt64
        /// The number of spans that it is nested in.
        public var depth: Int

        /// Creates a span.
        public init(subject: HeatMap.Subject, startNanoseconds: UInt64, durationNanoseconds: UInt64, depth: Int) {
            (self.subject, self.depth) = (subject, depth)
            (self.startNanoseconds, self.durationNanoseconds) = (startNanoseconds, durationNanoseconds)
        }
    }

    /// The statistic that was slow.
    public var subject: HeatMap.Subject
    /// The CPU on which it ran, or that was waited for.
    public var cpu: Int
    /// When it began.
    public var startNanoseconds: UInt64
    /// The time it took.
    public var durationNanoseconds: UInt64
    /// The time without what was nested inside; of a latency all of it.
    public var selfNanoseconds: UInt64
    /// The task that was interrupted, or the worker; nil if unknown.
    public var pid: Int64?
    /// That task's name; nil if unknown. Untrusted text.
    public var task: String?
    /// The begin and the end of the lane.
    public var window: Range<UInt64>
    /// The spans that ran on the CPU in the window, by begin; outer spans before what is nested in them.
    public var spans: [Span] = []
    /// The number of spans of the window that are left out, for there were too many.
    public var leftOutCount = 0

    /// The most spans of a moment.
    public static let spanLimit = 200

    /// Creates a moment.
    public init(
        subject: HeatMap.Subject, cpu: Int, startNanoseconds: UInt64, durationNanoseconds: UInt64,
        selfNanoseconds: UInt64, window: Range<UInt64>
    ) {
        (self.subject, self.cpu, self.window) = (subject, cpu, window)
        (self.startNanoseconds, self.durationNanoseconds) = (startNanoseconds, durationNanoseconds)
        self.selfNanoseconds = selfNanoseconds
    }
}
