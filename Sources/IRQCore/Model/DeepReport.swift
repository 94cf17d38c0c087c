/// The way from interrupts to their consequences in a recording: what `report --deep` shows. Names are untrusted text.
public struct DeepReport: Sendable {
    /// The threads whose work is that of interrupts, by pid.
    public var threads: [Thread] = []
    /// The tasks that were woken, by what woke them.
    public var wakes: [Wake] = []
    /// The softirqs, by who served them.
    public var softirqs: [Softirq] = []
    /// The network devices that were polled.
    public var devices: [Device] = []
    /// The runs of NET_RX, by the interrupt that raised them.
    public var chains: [Chain] = []
    /// The tasklets.
    public var tasklets: [Function] = []
    /// The places that sent interrupts to other CPUs.
    public var senders: [Sender] = []
    /// The tasks that sent interrupts to other CPUs, or were interrupted by what did; those first that sent most.
    public var sendingTasks: [SendingTask] = []
    /// The vectors that CPUs received.
    public var received: [Function] = []
    /// The functions that one CPU called on another, or on itself.
    public var calls: [Function] = []
    /// The timers of the timer wheel, by function.
    public var timers: [Function] = []
    /// The hrtimers, by function; they wait from their expiry on.
    public var hrtimers: [Function] = []
    /// The work items, by function.
    public var work: [Function] = []
    /// The latest wake-ups of real-time tasks and of others, the latest of all first.
    public var lateWakes: [LateStart] = []
    /// The latest of each softirq, from raise to entry.
    public var lateSoftirqs: [LateStart] = []
    /// The waits of softirqs by what had their CPU.
    public var softirqWaits: [SoftirqWait] = []
    /// The page faults of tasks.
    public var faults: [Fault] = []
    /// The tasks that interrupts took time from.
    public var victims: [Victim] = []
    /// The time of each CPU.
    public var cpus: [CPU] = []
    /// The handlers' calls over time.
    public var handlers: [Handler] = []
    /// The length of a slice of time.
    public var sliceNanoseconds: UInt64 = 0
    /// The time of the first event; nil without events.
    public var startNanoseconds: UInt64?
    /// The time of the last event.
    public var endNanoseconds: UInt64?
    /// The time from the first event to the last.
    public var spanNanoseconds: UInt64 {
        guard let startNanoseconds, let endNanoseconds, endNanoseconds > startNanoseconds else { return 0 }
        return endNanoseconds - startNanoseconds
    }
    /// The differences between the clocks of the CPUs, as far as they are known.
    public var clocks = Clocks(ClockSkew.Finding())
    /// The counts of what was read and of what could not be used.
    var totals = DeepTotals()

    /// The counts, each with its key in JSON.
    static let counters: [(key: StaticString, path: any KeyPath<DeepTotals, UInt64> & Sendable)] = [
        ("events", \.events), ("lost", \.lost), ("gaps", \.gaps),
        ("contexts_dropped_at_gaps", \.contextsDroppedAtGaps), ("dropped_at_gaps", \.droppedAtGaps),
        ("uncertain_at_gaps", \.uncertainAtGaps),
        ("unmatched_entries", \.unmatchedEntries), ("unmatched_exits", \.unmatchedExits),
        ("open_at_end", \.openAtEnd), ("unseen_switches", \.unseenSwitches), ("while_running", \.whileRunning),
        ("woken_again", \.wokenAgain), ("beyond_limits", \.beyondLimits),
    ]
    /// The keys of the counts in JSON.
    public static var countKeys: [StaticString] { counters.map(\.key) }

    /// A count by its key in JSON; nil if there is none.
    public func count(_ key: StaticString) -> UInt64? {
        Self.counters.first { $0.key.description == key.description }.map { totals[keyPath: $0.path] }
    }

    /// The differences between the clocks of the CPUs, as far as events that follow each other tell them.
    public struct Clocks: Sendable {
        /// The most that the clocks of any two CPUs differ by; nil if no two were seen in both directions.
        public let boundNanoseconds: UInt64?
        /// The pairs of CPUs that tell.
        public let pairCount: Int
        /// The time by which one is behind another at least; then numbers across CPUs are left out. Nil if none is.
        public let provenNanoseconds: UInt64?

        init(_ finding: ClockSkew.Finding) {
            boundNanoseconds = finding.boundNanoseconds
            pairCount = finding.pairCount
            provenNanoseconds = finding.provenNanoseconds
        }
    }

    /// A thread whose work is that of interrupts.
    public struct Thread: Sendable {
        /// The interrupt; nil for other kinds.
        public let irq: Int64?
        /// The kind; nil if the thread is called otherwise by now.
        public let kind: ServiceKind?
        /// The thread's name.
        public let name: String
        /// The thread's pid.
        public let pid: Int64
        /// The priority that it had most often when it was switched in, as the kernel counts: 0-99 is real-time, the lower
        /// the more urgent. Nil if it was never switched in.
        public let priority: Int32?
        /// The exits of its interrupt's handler that asked for it; nil if there was none.
        public let requests: UInt64?
        /// All its wake-ups.
        public let wakeups: UInt64
        /// The wake-ups while it waited for a lock.
        public let lockWakeups: UInt64
        /// The time from a wake-up to running, of those that began an activation.
        public let wakeLatency: DurationSummary
        /// The time from the beginning of the interrupt's handler to running.
        public let handlerToRun: DurationSummary
        /// The time that an activation had a CPU.
        public let runTime: DurationSummary
        /// The time that an activation had none though it could run.
        public let preemptedTime: DurationSummary
        /// The time that an activation waited for locks.
        public let blockedTime: DurationSummary

        /// The requests that came while the thread was awake; nil if there were no requests.
        public var merged: UInt64? { requests.map { $0 - min(wakeups - min(lockWakeups, wakeups), $0) } }
    }

    /// The causes that wake a task or raise a softirq.
    public enum Cause: Sendable, Equatable {
        /// A handler.
        case irq(Int64, action: String)
        /// An x86 vector.
        case vector(String)
        /// A softirq.
        case softirq(String)
        /// An interrupt's thread.
        case irqThread(Int64)
        /// A thread that polls a network device, by its name.
        case packetThread(String)

        /// The kind's name in JSON.
        public var kind: String {
            switch self {
            case .irq: "irq"
            case .vector: "vector"
            case .softirq: "softirq"
            case .irqThread: "irq_thread"
            case .packetThread: "napi_thread"
            }
        }
    }

    /// The wake-ups of a task by one cause.
    public struct Wake: Sendable {
        /// The cause.
        public let cause: Cause
        /// The task's name.
        public let name: String
        /// The task's pid.
        public let pid: Int64
        /// The wake-ups that found it running: they have no latency.
        public let whileRunning: UInt64
        /// The time from the wake-up to running.
        public let latency: DurationSummary
    }

    /// A softirq.
    public struct Softirq: Sendable {
        /// The softirq's number.
        public let vector: Int
        /// The times that it was raised.
        public let raises: UInt64
        /// The times that it ran.
        public let entries: UInt64
        /// The time from raise to entry, when it was served by an ordinary task or at the end of an interrupt.
        public let inline: DurationSummary?
        /// The same, by the kind of service thread that served it.
        public let served: [ServiceKind: DurationSummary]
    }

    /// The polls of a network device.
    public struct Device: Sendable {
        /// The device's name.
        public let name: String
        /// The polls.
        public let polls: UInt64
        /// The packets that they took.
        public let packets: UInt64
        /// The polls that took all they might.
        public let budgetExhausted: UInt64
        /// The polls that took none.
        public let empty: UInt64
        /// The polls outside of NET_RX.
        public let outsideNetRX: UInt64
    }

    /// The runs of NET_RX that an interrupt raised.
    public struct Chain: Sendable {
        /// The interrupt; nil for runs that none raised.
        public let irq: Int64?
        /// The devices that were polled, with commas.
        public let devices: String
        /// The runs.
        public let runs: UInt64
        /// The times that the interrupt raised NET_RX before them.
        public let interrupts: UInt64
        /// The polls in them.
        public let polls: UInt64
        /// The packets that these took.
        public let packets: UInt64
        /// The polls that took all they might.
        public let budgetExhausted: UInt64
        /// The time from the first such interrupt to the end of the first poll.
        public let latency: DurationSummary
        /// The verdict on how the device gathers packets; nil where none can be given.
        public internal(set) var coalescing: Coalescing?
    }

    /// A function that the kernel called.
    public struct Function: Sendable {
        /// The function's address, or the place of a vector's name.
        let address: UInt64
        /// The function's name; nil if it is not known which it was.
        public internal(set) var name: String?
        /// True for a call of the own CPU, without an interrupt.
        public var isLocal = false
        /// The time that it took.
        public internal(set) var duration: DurationSummary
        /// The time that it waited.
        public internal(set) var wait: DurationSummary
        /// Of a high-resolution timer the expiries before which the CPU had run all that was due already; it had room for
        /// more if it was started with slack.
        var lateRuns: UInt64 = 0

        /// The expiries of a CPU's tick that show that it had been stopped and started anew without an event
        /// (kernel/time/tick-sched.c): what passed since the last start that was recorded is no lateness. Nil for other
        /// functions. A tick has no slack.
        public var unseenStarts: UInt64? { Self.ticks.contains(name ?? "") ? lateRuns : nil }
        /// The names of its function over kernels.
        private static let ticks: Set<String> = ["tick_nohz_handler", "tick_sched_timer"]
        /// True if there were such expiries.
        public var isWaitUntold: Bool { (unseenStarts ?? 0) > 0 }
        /// The time that it waited, where that is known.
        public var toldWait: DurationSummary { isWaitUntold ? DurationSummary() : wait }
    }

    /// A place that sends interrupts to other CPUs.
    public struct Sender: Sendable {
        let key: DeepSender
        /// The function that sends; nil if the event does not tell.
        public internal(set) var callsite: String?
        /// The function that is called; nil for a request to reschedule.
        public internal(set) var callback: String?
        /// The reason; nil where the event tells the function.
        public internal(set) var reason: String?
        /// The number of times.
        public internal(set) var count: UInt64
    }

    /// The page faults of a task.
    public struct Fault: Sendable {
        /// True for faults in the kernel.
        public let isKernel: Bool
        /// The task's pid; 0 is an idle task.
        public let pid: Int64
        /// The task's name.
        public let name: String
        /// The faults.
        public let count: UInt64
    }

    /// A task that interrupts were sent from.
    public struct SendingTask: Sendable {
        /// The task's pid; 0 stands for the idle tasks of all CPUs.
        public let pid: Int64
        /// The task's name.
        public let name: String
        /// The interrupts that were sent while it ran.
        public let count: UInt64
    }

    /// A task that interrupts took time from.
    public struct Victim: Sendable {
        /// The task's pid.
        public let pid: Int64
        /// The task's name.
        public let name: String
        /// The time that handlers took.
        public let handlers: UInt64
        /// The time that x86 vectors took.
        public let vectors: UInt64
        /// The time that softirqs took.
        public let softirqs: UInt64
        /// The stretches in which something had its CPU.
        public let stretches: UInt64
        /// The longest of them.
        public let longest: UInt64

        /// All time that was taken.
        public var total: UInt64 { handlers &+ vectors &+ softirqs }
    }

    /// The time of a CPU.
    public struct CPU: Sendable {
        /// The CPU's number.
        public let cpu: Int
        /// The time from its first event to its last.
        public let span: UInt64
        /// The parts of it, in the order of `CPUTimeKind`.
        let shares: [UInt64]
        /// The stretches in which interrupts had it.
        public let stretches: UInt64
        /// The longest of them.
        public let longest: UInt64
        /// The longest of those that lie less than 10 µs apart, as one.
        public let mergedLongest: UInt64
        /// The time when that one began.
        public let mergedLongestStart: UInt64

        /// The time in handlers.
        public var handlers: UInt64 { shares[CPUTimeKind.hardirq.rawValue] }
        /// The time in x86 vectors.
        public var vectors: UInt64 { shares[CPUTimeKind.vector.rawValue] }
        /// The time in softirqs that ordinary tasks or the ends of interrupts served.
        public var softirqs: UInt64 { shares[CPUTimeKind.softirq.rawValue] }
        /// The time in softirqs that service threads served.
        public var softirqThreads: UInt64 { shares[CPUTimeKind.softirqThread.rawValue] }
        /// The time in tasks.
        public var tasks: UInt64 { shares[CPUTimeKind.task.rawValue] }
        /// The time in the idle task.
        public var idle: UInt64 { shares[CPUTimeKind.idle.rawValue] }
        /// The time of which it is not known whose it was.
        public var unknown: UInt64 { shares[CPUTimeKind.unknown.rawValue] }
    }

    /// The calls of a handler over time.
    public struct Handler: Sendable {
        /// A slice of time.
        public struct Slice: Sendable {
            /// The slice's place in the recording.
            public let index: UInt64
            /// The calls.
            public let count: UInt64
            /// The duration that 99 % of them did not exceed; nil if none ended.
            public let percentile99: UInt64?
        }
        /// The interrupt.
        public let irq: Int64
        /// The handler's action.
        public let action: String
        /// True if it only ever woke its thread: then the work is done there.
        public let isStub: Bool
        /// The slices that had calls.
        public let slices: [Slice]
        /// The most calls in any window of 1, 10 and 100 ms.
        public let peaks: [UInt64]
    }
}
