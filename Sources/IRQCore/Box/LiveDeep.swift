/// The way from interrupts to tasks in a live trace: who was woken and how late, and who lost time, interval by interval.
///
/// Events of all CPUs are needed in the order of time, so they wait until every CPU was read up to them.
public struct LiveDeep: ~Copyable {
    /// Hands the events of one shard to the analysis.
    private struct Follower: CrossCPUConsumer, ~Copyable {
        var analysis: DeepAnalysis

        mutating func lane(ofCPU cpu: UInt32) -> Int32 { analysis.slot(of: cpu) }
        mutating func learn(_ names: borrowing DeepNames, shard: Int, hasWaking: Bool) {
            analysis.learn(names, shard: shard)
        }
        @inline(always)
        mutating func take(_ log: borrowing CrossCPULog, _ run: Range<Int>, _ place: CrossCPUPlace) {
            analysis.take(log, run, place)
        }
    }

    /// Tasks of an interval that are told apart.
    private static let taskLimit = 256
    /// More events than this do not wait for a CPU that is behind.
    private static let waitingLimit = 1 << 20

    /// True if events are followed.
    public private(set) var isOn = false
    /// The tasks of the last interval, those first that lost most time or were woken most often.
    public internal(set) var tasks: [LiveTask] = []
    /// The number of tasks beyond those.
    public private(set) var moreTasks = 0
    /// The times that all began anew because there was too much to remember, or a CPU was too far behind.
    public private(set) var restarts: UInt64 = 0
    /// True if events of the last interval were followed, or none came.
    public private(set) var hasInterval = false
    private var followedCount = 0
    /// True once a thread of an interrupt was seen.
    public private(set) var hasThreads = false

    private var follower: Follower?
    private var queue = CrossCPUQueue()
    private var vectorNames: [String] = []

    /// Creates an analysis that follows nothing.
    public init() {}

    /// Creates an analysis that has seen nothing yet.
    ///
    /// - Parameter vectorNames: the names of the x86 vectors that are traced, from `EventFormats`.
    init(vectorNames: [String]) {
        isOn = true
        self.vectorNames = vectorNames
        follower = Self.makeFollower()
    }

    private static func makeFollower() -> Follower {
        Follower(analysis: DeepAnalysis(AnalysisOptions(), shardCount: 1, hasWaking: true))
    }

    /// Forgets all: what is open is not told any more.
    private mutating func beginAnew() {
        restarts &+= 1
        follower = Self.makeFollower()
    }

    /// Takes up what happened before a time up to which CPUs were read.
    ///
    /// - Parameters:
    ///   - durations: the keeper of the events.
    ///   - time: nanoseconds of the trace clock.
    ///   - behind: the CPUs of which there is more to read from their last event on.
    mutating func merge(_ durations: inout LiveDurations, before time: UInt64, behind: [Int]) {
        guard isOn, var taken = follower.take() else { return }
        var time = time
        // Nothing is known of a CPU that was never read.
        for cpu in behind { time = min(time, durations.lastTime(cpu: cpu) ?? 0) }
        let count = durations.waitingCount
        durations.merge(&queue, before: time, into: &taken)
        let left = durations.waitingCount
        followedCount &+= count &- left
        if left > Self.waitingLimit {
            durations.merge(&queue, before: .max, into: &taken)
            beginAnew()
        } else {
            follower = consume taken
        }
    }

    /// Ends the interval: its tasks can be asked for until the next one.
    ///
    /// - Parameter waitingCount: the events that were kept and not followed yet.
    mutating func endInterval(waitingCount: Int) {
        hasInterval = isOn && (followedCount > 0 || waitingCount == 0)
        followedCount = 0
        guard isOn, let found = follower?.analysis.takeInterval(limit: Self.taskLimit, vectorNames: vectorNames) else {
            return
        }
        (tasks, moreTasks) = found
        if tasks.contains(where: { $0.service == .irqThread }) { hasThreads = true }
        if follower?.analysis.isCrowded ?? false { beginAnew() }
    }

    /// Names the tasks that no event named.
    ///
    /// - Parameter find: the name of a task by its number, if it can be had.
    public mutating func nameTasks(_ find: (Int64) -> String?) {
        for place in tasks.indices where tasks[place].name.isEmpty {
            tasks[place].name = find(tasks[place].pid) ?? ""
        }
    }

    /// The thread of an interrupt that was woken latest in the last interval; nil if none was seen.
    public func thread(irq: Int) -> LiveTask? {
        var latest: LiveTask?
        for task in tasks where task.irq == Int64(irq) && task.service == .irqThread {
            if task.wakes.maximumNanoseconds >= latest?.wakes.maximumNanoseconds ?? 0 { latest = task }
        }
        return latest
    }
}
