/// The kinds of threads whose work is that of interrupts: softirqs in them are their own work.
public enum ServiceKind: String, Sendable, CaseIterable {
    case irqThread = "irq_thread"
    case ksoftirqd, ktimers
    case napiThread = "napi_thread"

    /// The kind of a thread by its name, and the interrupt of an interrupt's; nil for other tasks.
    static func find(_ name: [UInt8]) -> (kind: ServiceKind, irq: Int64?)? {
        func number(after prefix: String) -> (value: Int64, length: Int)? {
            let start = prefix.utf8.count
            guard name.starts(with: prefix.utf8) else { return nil }
            let digits = name[start...].prefix { (0x30...0x39).contains($0) }
            guard let value = Int64(String(decoding: digits, as: UTF8.self)) else { return nil }
            return (value, start + digits.count)
        }
        if let found = number(after: "irq/"), found.length < name.count, name[found.length] == UInt8(ascii: "-") {
            return (.irqThread, found.value)
        }
        if number(after: "ksoftirqd/") != nil { return (.ksoftirqd, nil) }
        for prefix in ["ktimers/", "ktimersoftd/", "timersd/"] where number(after: prefix) != nil {
            return (.ktimers, nil)
        }
        return name.starts(with: "napi/".utf8) ? (.napiThread, nil) : nil
    }
}

/// The meaning of a name for its task, by the name's place.
struct NameTraits: BitwiseCopyable {
    /// The place of the kind among all, or -1.
    var service: Int8 = -1
    /// The interrupt of an interrupt's thread, or -1.
    var irq: Int64 = -1
    /// True for a thread that polls a network device.
    var isPacketThread = false
    /// The name's place.
    let name: Int32

    static let ksoftirqd = Int8(ServiceKind.allCases.firstIndex(of: .ksoftirqd) ?? 0)
    static let ktimers = Int8(ServiceKind.allCases.firstIndex(of: .ktimers) ?? 0)

    init(_ name: [UInt8], place: Int32) {
        self.name = place
        guard let (kind, irq) = ServiceKind.find(name) else { return }
        service = Int8(ServiceKind.allCases.firstIndex(of: kind) ?? 0)
        self.irq = irq ?? -1
        isPacketThread = kind == .napiThread
    }
}

/// A few CPUs; of more it is only known that there are many.
struct CPUList: BitwiseCopyable {
    static let limit = 6
    private(set) var slots = InlineArray<6, Int32>(repeating: -1)
    private(set) var count: Int8 = 0
    /// True if there are more: then every CPU counts as one of them.
    private(set) var isAll = false

    /// True if there are several.
    var isMany: Bool { count > 1 || isAll }

    init() {}

    /// The list of one or two CPUs, as if they were added one after the other.
    @inline(always)
    init(_ first: Int32, _ second: Int32) {
        if first >= 0 {
            slots[0] = first
            count = 1
        }
        if second >= 0, second != first {
            slots[Int(count)] = second
            count &+= 1
        }
    }

    mutating func add(_ slot: Int32) {
        if slot < 0 || isAll { return }
        for place in 0..<Int(count) where slots[place] == slot { return }
        guard count < Self.limit else {
            isAll = true
            return
        }
        slots[Int(count)] = slot
        count &+= 1
    }
}

/// The cause of a wake-up or of a raise: a handler, a vector, a softirq, an interrupt's thread or one that polls. 0 is
/// nothing.
struct CauseKey: BitwiseCopyable, Equatable {
    enum Kind: UInt64 { case irq = 1, vector, softirq, irqThread, packetThread }
    static let none = CauseKey(raw: 0)

    let raw: UInt64

    private init(raw: UInt64) { self.raw = raw }

    /// - Parameter value: the place of a handler's row, of a vector's name, a softirq's number, an interrupt's number,
    ///   of a thread's name.
    init(_ kind: Kind, _ value: UInt64) { raw = kind.rawValue << 32 | value & 0xFFFF_FFFF }

    var kind: Kind? { Kind(rawValue: raw >> 32) }
    var value: UInt64 { raw & 0xFFFF_FFFF }
}

/// A wake-up whose task has not run since.
struct PendingWake: BitwiseCopyable {
    var time: UInt64
    var cause: CauseKey
    var cpus: CPUList
    /// True if the task was running when it was woken.
    var wasRunning: Bool
    /// The time when the handler began that woke an interrupt's thread; `.max` if that is not known.
    var handlerStart: UInt64
    /// The task that was current where it was woken; -1 if that is not known, or if the end of an interrupt woke it.
    var waker: Int32 = -1
    var wakingSlot: Int32 = -1
    var path = WakePath.unknown
    /// The CPU where the time was read.
    var slot: Int32 = -1
    /// True if the time is that of the wake-up itself, not that of the switch-out of a task that was woken before it.
    var isDirect = true
    /// True if sched_wakeup followed: the task stands in the queue of one of the CPUs.
    var isQueued = false
    /// The CPU in whose queue it was put, as sched_wakeup says; -1 if that is not known.
    var queuedSlot: Int32 = -1
}

/// A task: what is known of it now, and what interrupts took from it.
struct DeepTask: BitwiseCopyable {
    static let softirqDepth = 16
    static let noPriority = Int32.min

    /// Its pid; of the idle task of a CPU -1 minus the CPU's number.
    let pid: Int64
    /// The place of its name.
    var name: Int32
    /// The CPU where it runs, or -1.
    var runningOn: Int32 = -1
    /// Its place among the service threads, or -1.
    var thread: Int32 = -1
    /// The softirqs that it is in, and how many.
    var softirqs = InlineArray<16, UInt8>(repeating: 0)
    var softirqCount: Int8 = 0
    var isWoken = false
    /// True if it was switched out asleep and not woken since; the state that it had then.
    var isAsleep = false
    var sleepState: UInt8 = 0
    /// The time when it was switched in without having been woken, though it slept, and where; `.max` if it was not.
    var strayStart = UInt64.max
    var straySlot: Int32 = -1
    var isVictim = false
    var wake = PendingWake(time: 0, cause: .none, cpus: CPUList(), wasRunning: false, handlerStart: .max, slot: -1)
    /// The time that it lost to handlers, vectors and softirqs, as in `CPUTimes`.
    var stolen = InlineArray<3, UInt64>(repeating: 0)
    var stretches: UInt64 = 0
    var longestStretch: UInt64 = 0
    /// The priority with which it was switched in last.
    var priority = DeepTask.noPriority
    /// The way to the softirq that it is in.
    var softirqPath = WakePath.unknown
    /// The name by which it was decided whether the task is wanted.
    var askedName: Int32 = -1
    var isWanted = false
    /// The events of interrupts that it sent to other CPUs: ipi_send_*, and Arm's ipi_raise, which tells the same ones again.
    var sentCount: UInt64 = 0
    var raisedCount: UInt64 = 0
    var userFaults: UInt64 = 0
    var kernelFaults: UInt64 = 0
}

/// A service thread: its wake-ups and activations.
struct ServiceThread: BitwiseCopyable {
    enum Off: UInt8, BitwiseCopyable { case preempted, blocked }
    static let priorityLimit = 16

    let task: Int32
    var wakeups: UInt64 = 0
    var lockWakeups: UInt64 = 0
    /// The priorities that it had when it was switched in, in the order of their first time, and how often.
    var priorities = InlineArray<16, Int32>(repeating: 0)
    var priorityCounts = InlineArray<16, UInt64>(repeating: 0)
    var priorityCount = 0
    /// True while an activation goes on whose beginning is known.
    var isActive = false
    /// False while one goes on whose beginning is not known.
    var isWhole = true
    var run: UInt64 = 0
    var preempted: UInt64 = 0
    var blocked: UInt64 = 0
    var start: UInt64 = 0
    var since: UInt64 = 0
    var cpus = CPUList()
    var off = Off.preempted
    /// The beginning of the handler that asked for the activation, and that handler; `never` and none if not known.
    var handlerStart = DeepCPU.never
    var cause = CauseKey.none
    /// The sets of its durations.
    let waits: Int32
    let handlerToRun: Int32
    let runs: Int32
    let preemptions: Int32
    let blocks: Int32

    mutating func count(priority: Int32) {
        for place in 0..<priorityCount where priorities[place] == priority {
            priorityCounts[place] &+= 1
            return
        }
        guard priorityCount < Self.priorityLimit else { return }
        priorities[priorityCount] = priority
        priorityCounts[priorityCount] = 1
        priorityCount += 1
    }

    /// The most frequent priority; of several the one that came first. Nil if it was never switched in.
    var priority: Int32? {
        var best = 0
        for place in 0..<priorityCount where priorityCounts[place] > priorityCounts[best] { best = place }
        return priorityCount == 0 ? nil : priorities[best]
    }
}
