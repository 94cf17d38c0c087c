/// The thing that a CPU was busy with: a handler, a vector, a softirq, a task, or none.
struct RunItem: BitwiseCopyable, Equatable {
    enum Kind: UInt64 { case idle, handler, vector, softirq, task, unknown }

    static let idle = RunItem(.idle, 0)
    static let unknown = RunItem(.unknown, 0)
    private static let noTask: UInt64 = 0xFFFF_FFFF

    private let raw: UInt64

    private init(_ kind: Kind, _ value: UInt64) { raw = kind.rawValue << 56 | value }

    /// A handler, by the place of its row; -1 if it has none.
    static func handler(_ row: Int32) -> RunItem { row < 0 ? .unknown : RunItem(.handler, UInt64(row)) }
    /// A vector, by the place of its name.
    static func vector(_ number: UInt64) -> RunItem { RunItem(.vector, number & 0xFFFF_FFFF) }
    /// A softirq, and the service thread that serves it; -1 if an ordinary task or the end of an interrupt does.
    static func softirq(_ vector: UInt8, servedBy thread: Int32) -> RunItem {
        RunItem(.softirq, UInt64(vector) << 32 | (thread < 0 ? noTask : UInt64(thread)))
    }
    /// A task, by its place.
    static func task(_ place: Int32) -> RunItem { RunItem(.task, UInt64(UInt32(bitPattern: place))) }

    var kind: Kind { Kind(rawValue: raw >> 56) ?? .unknown }
    /// The place of a row, a name or a task, as the kind says; -1 for none.
    var value: Int { raw & Self.noTask == Self.noTask ? -1 : Int(raw & Self.noTask) }
    /// The number of a softirq.
    var softirqVector: Int { Int(raw >> 32 & 0xFF) }
}

/// The things that each CPU was busy with lately, so that it can be told afterwards what had a CPU between two times.
///
/// A ring for each CPU: what lies further back is overwritten, and is then told as not kept.
struct RunHistory: ~Copyable {
    // Not private: see SpanTable.Row.
    struct Piece: BitwiseCopyable {
        var start: UInt64
        var item: RunItem
    }

    struct Ring: BitwiseCopyable {
        let base: Int
        /// A power of 2.
        let capacity: Int
        var count = 0
        var last = RunItem.unknown
    }

    /// The changes that are kept of each of the first CPUs, and of each further one.
    static let longCapacity = 4096
    static let shortCapacity = 256
    static let longRingCount = 64

    private(set) var pieces = GrowableBuffer<Piece>(capacity: RunHistory.longCapacity)
    private(set) var rings = GrowableBuffer<Ring>(capacity: 4)

    /// Makes the ring of the next CPU.
    mutating func addCPU() {
        let capacity = rings.count < Self.longRingCount ? Self.longCapacity : Self.shortCapacity
        rings.reserve(1)
        rings.append(Ring(base: pieces.count, capacity: capacity))
        pieces.resize(to: pieces.count + capacity, filling: Piece(start: 0, item: .unknown))
    }

    /// Notes what a CPU is busy with from a time on.
    @inline(always)
    mutating func note(_ item: RunItem, slot: Int, at time: UInt64) {
        if rings[slot].last != item { add(item, slot, time) }
    }

    @inline(always)
    private mutating func add(_ item: RunItem, _ slot: Int, _ time: UInt64) {
        let ring = rings[slot]
        pieces[ring.base &+ (ring.count & (ring.capacity &- 1))] = Piece(start: time, item: item)
        rings[slot].count = ring.count &+ 1
        rings[slot].last = item
    }

    /// Adds what a CPU was busy with between two times, the second of which is now.
    borrowing func sum(slot: Int, from start: UInt64, to end: UInt64, into sum: inout RunSum) {
        let ring = rings[slot]
        var upper = end
        var place = ring.count &- 1
        let oldest = max(0, ring.count &- ring.capacity)
        while place >= oldest, upper > start {
            let piece = pieces[ring.base &+ (place & (ring.capacity &- 1))]
            let lower = max(piece.start, start)
            // A clock that ran back makes pieces that end before they begin.
            if lower < upper {
                sum.add(piece.item, upper &- lower)
                upper = lower
            }
            place &-= 1
        }
        if upper > start { sum.notKept &+= upper &- start }
    }
}

/// The time of a thing that a CPU was busy with.
struct RunPart: BitwiseCopyable {
    var item = RunItem.idle
    var time: UInt64 = 0
    var count: UInt32 = 0
    /// The priority that a task had at the end of it.
    var priority = DeepTask.noPriority
}

/// The things that a CPU was busy with in a stretch of time, the longest first, and the rest.
struct RunParts: BitwiseCopyable {
    static let limit = 8
    var list = InlineArray<8, RunPart>(repeating: RunPart())
    var count = 0
    /// The time of further things, and how many they are.
    var restTime: UInt64 = 0
    var restCount: UInt32 = 0
    /// The time of which it was not kept what had the CPU.
    var notKept: UInt64 = 0
}

/// Adds up times by things.
struct RunSum: ~Copyable {
    private var parts = GrowableBuffer<RunPart>(capacity: 64)
    var notKept: UInt64 = 0

    mutating func removeAll() {
        parts.removeAll()
        notKept = 0
    }

    mutating func add(_ item: RunItem, _ time: UInt64) {
        if item == .unknown {
            notKept &+= time
            return
        }
        for place in 0..<parts.count where parts[place].item == item {
            parts[place].time &+= time
            parts[place].count &+= 1
            return
        }
        parts.reserve(1)
        parts.append(RunPart(item: item, time: time, count: 1))
    }

    /// The longest, in order; of equal ones the one that was last comes first.
    borrowing func largest() -> RunParts {
        var result = RunParts()
        result.notKept = notKept
        for place in 0..<parts.count {
            let part = parts[place]
            var index = min(result.count, RunParts.limit)
            while index > 0, result.list[index &- 1].time < part.time { index &-= 1 }
            if index >= RunParts.limit {
                result.restTime &+= part.time
                result.restCount &+= 1
                continue
            }
            if result.count == RunParts.limit {
                result.restTime &+= result.list[RunParts.limit &- 1].time
                result.restCount &+= 1
            } else {
                result.count &+= 1
            }
            var last = result.count &- 1
            while last > index {
                result.list[last] = result.list[last &- 1]
                last &-= 1
            }
            result.list[index] = part
        }
        return result
    }
}
