/// An open handler or vector of a CPU.
struct HardContext: BitwiseCopyable {
    var isIRQ: Bool
    /// The interrupt's number, or the place of the vector's name.
    var number: UInt64
    /// The place of the handler's row.
    var row: Int32
    var start: UInt64
}

/// An interrupt that raised NET_RX on a CPU since the last NET_RX there.
struct PacketSource: BitwiseCopyable {
    var irq: UInt64
    var count: UInt64
    var first: UInt64
    var last: UInt64
}

/// A few interrupts that raised NET_RX.
struct PacketSources: BitwiseCopyable {
    var list = InlineArray<16, PacketSource>(repeating: PacketSource(irq: 0, count: 0, first: 0, last: 0))
    var count = 0
    static let limit = 16
}

/// A run of NET_RX: the devices that it polled.
struct PacketRun: BitwiseCopyable {
    static let deviceLimit = 8
    var start: UInt64 = 0
    var sources = PacketSources()
    var devices = InlineArray<8, Int32>(repeating: 0)
    var deviceCount = 0
    var polls: UInt64 = 0
    var packets: UInt64 = 0
    var budgetExhausted: UInt64 = 0
    /// When the first poll ended; `.max` without any.
    var firstPoll = UInt64.max
}

/// The thing that a CPU is busy with between two events.
struct DeepState {
    let share: CPUTimeKind
    /// True if the current task is robbed of the time.
    let isRobbed: Bool
    let item: RunItem
}

/// The shares of a CPU's time.
enum CPUTimeKind: Int, CaseIterable {
    case hardirq, vector, softirq, softirqThread, task, idle, unknown
}

/// A CPU: what is open there, and where its time went.
struct DeepCPU: BitwiseCopyable {
    static let depthLimit = 32
    static let softirqLimit = 32
    /// A time that is not known.
    static let never = UInt64.max
    /// No task has this number.
    static let noPid = Int64.min

    let number: UInt32
    let idleTask: Int32
    /// True if the rows of this CPU were asked for.
    let isSelected: Bool
    /// The current task's place; -1 if it is not known.
    var task: Int32 = -1
    /// The pid of the current task; `noPid` if it is not known.
    var pid = DeepCPU.noPid
    var hardCount = 0
    var firstTime = DeepCPU.never
    var lastTime = DeepCPU.never
    /// The handler that just returned and woke its thread: its row, or -1, and its beginning.
    var exitRow: Int32 = -1
    var exitStart: UInt64 = 0
    var busySince = DeepCPU.never
    var stretches: UInt64 = 0
    var longestStretch: UInt64 = 0
    /// The stretches that lie close together, of which this one is; `never` if there is none.
    var mergedStart = DeepCPU.never
    var mergedEnd: UInt64 = 0
    var longestMerged: UInt64 = 0
    var longestMergedStart: UInt64 = 0
    var isSwitched = false
    /// The time when the CPU was switched to its idle task last.
    var idleSince: UInt64 = 0
    var shares = InlineArray<7, UInt64>(repeating: 0)
    /// The same of the time window alone, where it is not the whole recording.
    var windowShares = InlineArray<7, UInt64>(repeating: 0)
    var hard = InlineArray<32, HardContext>(repeating: HardContext(isIRQ: false, number: 0, row: 0, start: 0))
    var raised = InlineArray<32, UInt64>(repeating: DeepCPU.never)
    var raisers = PacketSources()
    var run = PacketRun()
    var isRunOpen = false
    /// When it ran timers that were due.
    var timerRuns = TimerRuns()
    /// The time of the last gap.
    var gapStart: UInt64 = 0
    var gapEnd: UInt64 = 0
    /// The time at which the gap began that goes on; `never` if there is none.
    var openGapStart = DeepCPU.never
    var openGapCount: UInt64 = 0

    /// Begins a run of NET_RX, which those have raised that raised it since the last one.
    mutating func startRun(_ now: UInt64) {
        run.start = now
        run.sources.count = raisers.count
        for place in 0..<raisers.count { run.sources.list[place] = raisers.list[place] }
        (run.deviceCount, run.polls, run.packets, run.budgetExhausted, run.firstPoll) = (0, 0, 0, 0, .max)
        isRunOpen = true
        raisers.count = 0
    }

    /// Adds the time since the last event to a share, and returns it.
    @inline(always)
    mutating func charge(_ now: UInt64, _ kind: CPUTimeKind) -> UInt64 {
        if lastTime == Self.never { (firstTime, lastTime) = (now, now) }
        let passed = now >= lastTime ? now &- lastTime : 0
        shares[kind.rawValue] &+= passed
        return passed
    }

    /// True if events are missing between two times.
    func isLossy(from start: UInt64, to end: UInt64) -> Bool {
        if openGapStart != Self.never, openGapStart < end { return true }
        return gapEnd > start && gapStart < end
    }
}
