/// An event that is taken up across CPUs, or an end of a gap, kept until the events of all CPUs up to its time have been read.
struct CrossCPURecord: BitwiseCopyable {
    /// The part that a record has.
    enum Role: UInt8, BitwiseCopyable {
        case event
        /// Events of the CPU are missing from this time on; number 0 says how many, if that is known.
        case gapStart
        /// Events of the CPU are missing before this time.
        case gapEnd
    }

    /// Nanoseconds of the trace clock.
    let time: UInt64
    /// The numbers, as in `TraceEvent`.
    let number0: UInt64
    let number1: UInt64
    let number2: UInt64
    /// The task, as in `TraceEvent`.
    let pid: Int32
    /// The places of the event's texts in the shard's names; 0 without.
    let name: Int32
    let secondName: Int32
    let kind: EventKind
    let role: Role

    /// An event; see the properties.
    @inline(always)
    init(
        _ kind: EventKind, role: Role = .event, time: UInt64, pid: Int32, numbers: (UInt64, UInt64, UInt64),
        name: Int32 = 0, secondName: Int32 = 0
    ) {
        self.time = time
        (number0, number1, number2) = numbers
        self.pid = pid
        self.name = name
        self.secondName = secondName
        self.kind = kind
        self.role = role
    }

    /// The event, without its texts.
    @inline(always)
    var event: TraceEvent { TraceEvent(kind, time: time, pid: pid, numbers: (number0, number1, number2, 0)) }

    @inline(always) var irq: UInt64 { number0 }
    @inline(always) var handlerResult: UInt64 { number1 }
    @inline(always) var isResultWord: Bool { number2 != 0 }
    @inline(always) var softirqVector: UInt64 { number0 }
    @inline(always) var vectorIndex: UInt64 { number0 }
    @inline(always) var work: UInt64 { number0 }
    @inline(always) var function: UInt64 { number1 }
}

/// The records of a CPU that wait: their places in the log.
struct WaitingRecords: BitwiseCopyable {
    /// The place of the first one, if there are any.
    fileprivate(set) var first = 0
    /// The place behind the last one; at the end of a block the next one needs another block.
    fileprivate(set) var end = 0
    fileprivate(set) var count = 0
}

/// The records of the CPUs of one shard, each CPU's in the order of its recording.
///
/// Work is queued on one CPU and run on another, so such events are needed in the order of time over all CPUs;
/// everything else is paired on its own CPU and never comes here.
///
/// Each CPU writes to a block of its own and takes another when that is full; blocks that were read are written anew.
struct CrossCPULog: ~Copyable {
    /// Records of a block: few, for there may be thousands of CPUs.
    static let blockCount = 64

    /// Room for what usually waits, so that a longer recording does not mean more growth. The system gives memory only to
    /// what has been written to.
    private var records: GrowableBuffer<CrossCPURecord>
    /// For each block the one that follows, of the same CPU or of those that are free.
    private var nextBlock: GrowableBuffer<Int32>
    private var firstFree: Int32 = -1
    private var freeCount = 0
    /// False if nobody takes the records: then none are kept.
    private let isMerged: Bool
    /// True if records come in one order over all CPUs, which then decides between equal times: a text's times are coarse.
    var isOrdered = false
    /// The place of each record in that order.
    private var orders = GrowableBuffer<UInt32>(capacity: 1)
    private var nextOrder: UInt32 = 0

    init(isMerged: Bool) {
        self.isMerged = isMerged
        records = GrowableBuffer(capacity: isMerged ? 1 << 15 : 1)
        nextBlock = GrowableBuffer(capacity: isMerged ? 1 << 9 : 1)
    }

    /// Makes room for so many more records, of so many CPUs, each of which may need another block at once.
    mutating func reserve(_ additional: Int, cpuCount: Int = 1) {
        guard isMerged else { return }
        let blocks = additional / Self.blockCount + 1 + min(max(cpuCount, 1), additional) - freeCount
        if blocks <= 0 { return }
        records.reserve(blocks * Self.blockCount)
        nextBlock.reserve(blocks)
        if isOrdered { orders.reserve(records.count + blocks * Self.blockCount - orders.count) }
    }

    @inline(always)
    mutating func append(_ record: CrossCPURecord, to context: inout CPUContext) {
        guard isMerged else { return }
        if context.waiting.end & (Self.blockCount &- 1) == 0 { addBlock(to: &context.waiting) }
        records[context.waiting.end] = record
        if isOrdered {
            orders[context.waiting.end] = nextOrder
            nextOrder &+= 1
        }
        context.waiting.end &+= 1
        context.waiting.count &+= 1
    }

    /// Lets a CPU write to another block; there must be room.
    @inline(never)
    private mutating func addBlock(to waiting: inout WaitingRecords) {
        let block: Int
        if firstFree >= 0 {
            block = Int(firstFree)
            firstFree = nextBlock[block]
            freeCount &-= 1
        } else {
            block = nextBlock.count
            nextBlock.append(-1)
            let nothing = CrossCPURecord(.other, time: 0, pid: 0, numbers: (0, 0, 0))
            for _ in 0..<Self.blockCount { records.append(nothing) }
            while isOrdered, orders.count < records.count { orders.append(0) }
        }
        if waiting.count == 0 {
            waiting.first = block &* Self.blockCount
        } else {
            nextBlock[waiting.end / Self.blockCount &- 1] = Int32(truncatingIfNeeded: block)
        }
        waiting.end = block &* Self.blockCount
    }

    /// The time of the first record of a CPU, or nil if none waits.
    @inline(always)
    borrowing func firstTime(of waiting: WaitingRecords) -> UInt64? {
        waiting.count == 0 ? nil : records[waiting.first].time
    }

    /// The order of the first record of a CPU among those of the same time; by the CPU where there is no other order.
    @inline(always)
    borrowing func order(of waiting: WaitingRecords, cpu: UInt32) -> UInt32 {
        isOrdered ? orders[waiting.first] : cpu
    }

    /// The record at a place, of which only those parts are loaded that are asked for.
    subscript(place: Int) -> CrossCPURecord {
        @inline(always) get { records[place] }
    }

    /// The places of the first records of a CPU that lie in one block, one behind the other.
    @inline(always)
    borrowing func firstBlock(of waiting: WaitingRecords) -> Range<Int> {
        let room = Self.blockCount &- waiting.first & (Self.blockCount &- 1)
        return waiting.first..<waiting.first &+ min(room, waiting.count)
    }

    /// Takes out the first records of a CPU: at least one, and none behind those of `firstBlock`.
    @inline(always)
    mutating func removeFirst(_ count: Int, of waiting: inout WaitingRecords) {
        waiting.first &+= count
        waiting.count &-= count
        if waiting.first & (Self.blockCount &- 1) == 0 { endBlock(of: &waiting) }
    }

    /// Goes on to the next block of a CPU; the one that was read is free.
    @inline(never)
    private mutating func endBlock(of waiting: inout WaitingRecords) {
        let block = waiting.first / Self.blockCount &- 1
        if waiting.count > 0 { waiting.first = Int(nextBlock[block]) &* Self.blockCount }
        nextBlock[block] = firstFree
        firstFree = Int32(truncatingIfNeeded: block)
        freeCount &+= 1
    }
}
