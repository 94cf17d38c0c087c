/// A task that ran late after it was woken, or a softirq that ran late after it was raised.
struct LateStart: HeapElement {
    /// The time from the wake-up or raise to running.
    let latency: UInt64
    /// The time when it was woken or raised.
    let time: UInt64
    /// The task; of a softirq the one that served it.
    let task: Int32
    let priority: Int32
    /// The CPU on which it ran, and the one on which it was woken.
    let slot: Int32
    let wakingSlot: Int32
    /// The CPU where it waited: in whose queue it was put, else that on which it ran.
    let waitingSlot: Int32
    /// The context that woke it, and the task that was current there; -1 if that is not known.
    let cause: CauseKey
    let waker: Int32
    let path: WakePath
    let parts: RunParts

    /// The shortest is on top; of equal ones the last.
    @inline(always)
    func isBefore(_ other: LateStart) -> Bool { latency == other.latency ? time > other.time : latency < other.latency }
}

/// The way of an interrupt to a wake-up: when each part of it began; `DeepCPU.never` where that is not known.
struct WakePath: BitwiseCopyable {
    static let unknown = WakePath()
    /// The interrupt's handler or vector, or the raise of the softirq.
    var origin = DeepCPU.never
    /// The handler or vector that it was, if it is known.
    var originCause = CauseKey.none
    /// The softirq's entry, or when the interrupt's thread ran.
    var middle = DeepCPU.never
}

/// The latest starts of a kind, so many at the most.
struct LateStarts: ~Copyable {
    private var heap: MinimumHeap<LateStart>
    private let limit: Int
    /// The latency that a start must exceed to be one of them.
    private(set) var threshold: UInt64 = 0

    init(limit: Int) {
        self.limit = limit
        heap = MinimumHeap(capacity: 1)
        if limit == 0 { threshold = .max }
    }

    mutating func offer(_ start: LateStart) {
        if heap.count < limit {
            heap.reserve(1)
            heap.insert(start)
        } else if heap[0].isBefore(start) {
            heap.replaceFirst(with: start)
        }
        if heap.count == limit { threshold = heap[0].latency }
    }

    /// All of them, the latest first.
    borrowing func sorted() -> [LateStart] { (0..<heap.count).map { heap[$0] }.sorted { $1.isBefore($0) } }
}

/// The latest starts of each softirq.
struct LateSoftirqs: ~Copyable {
    /// More of one softirq are not kept.
    static let mostOfEach = 100

    private var starts = GrowableBuffer<LateStart>(capacity: 1)
    /// The places of each softirq's among all, and how many there are.
    private var counts = InlineArray<16, Int>(repeating: 0)
    private let limit: Int

    init(limit: Int) { self.limit = min(limit, Self.mostOfEach) }

    /// The latency that a start must exceed to be one of them.
    @inline(always)
    func threshold(_ vector: Int) -> UInt64 {
        if limit == 0 { return .max }
        return counts[vector] < limit ? 0 : starts[vector &* limit &+ limit &- 1].latency
    }

    /// Keeps a start whose latency is above the threshold, in order.
    mutating func offer(_ start: LateStart, _ vector: Int) {
        if starts.count == 0 { starts.resize(to: 16 * limit, filling: start) }
        let first = vector * limit
        var place = counts[vector] < limit ? counts[vector] : limit - 1
        counts[vector] = place + 1
        while place > 0, starts[first + place - 1].isBefore(start) {
            starts[first + place] = starts[first + place - 1]
            place -= 1
        }
        starts[first + place] = start
    }

    /// Those of a softirq, the latest first.
    borrowing func sorted(_ vector: Int) -> [LateStart] { (0..<counts[vector]).map { starts[vector * limit + $0] } }
}

/// A note of a softirq when it is raised on a CPU, until it is entered there.
struct RaiseNote: BitwiseCopyable {
    /// The CPU's time in each share at the first raise.
    var shares = InlineArray<7, UInt64>(repeating: 0)
    var path = WakePath.unknown
    /// The task that was current then.
    var task: Int32 = -1
    /// The raises since.
    var count: UInt32 = 0
}
