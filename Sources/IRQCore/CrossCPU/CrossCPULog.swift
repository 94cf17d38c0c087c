/// An event that is paired across CPUs, or a gap, kept until the events of all CPUs up to its time have been read.
struct CrossCPURecord: BitwiseCopyable {
    /// The event. The bytes of its text are gone when it is handed on. Of a gap only the time has a meaning.
    let event: TraceEvent
    /// True if events of the CPU are missing before this time.
    let isGap: Bool
    /// The places of the event's texts in the shard's names; 0 without.
    var name: Int32 = 0
    var secondName: Int32 = 0
    /// True if a gap begins at this time, for the deep analysis; the number of lost events is the event's first number.
    var isGapStart: Bool { isGap && event.kind == .other }

    /// The next record of the same CPU, or the next free place, or -1.
    var next: Int32 = -1
}

/// The records of the CPUs of one shard, each CPU's in the order of its recording.
///
/// Work is queued on one CPU and run on another, so such events are needed in the order of time over all CPUs;
/// everything else is paired on its own CPU and never comes here.
struct CrossCPULog: ~Copyable {
    /// Room for what usually waits, so that a longer recording does not mean more growth. The system gives memory only to
    /// what has been written to.
    private var records: GrowableBuffer<CrossCPURecord>
    private var free: Int32 = -1
    /// False if nobody takes the records: then none are kept.
    private let isMerged: Bool

    init(isMerged: Bool) {
        self.isMerged = isMerged
        records = GrowableBuffer(capacity: isMerged ? 1 << 17 : 1)
    }

    mutating func reserve(_ additional: Int) {
        if isMerged { records.reserve(additional) }
    }

    @inline(__always)
    mutating func append(
        _ event: TraceEvent, isGap: Bool = false, name: Int32 = 0, secondName: Int32 = 0, to context: inout CPUContext
    ) {
        guard isMerged else { return }
        let record = CrossCPURecord(event: event, isGap: isGap, name: name, secondName: secondName)
        var place = free
        if place >= 0 {
            free = records[Int(place)].next
            records[Int(place)] = record
        } else {
            place = Int32(truncatingIfNeeded: records.count)
            records.append(record)
        }
        if context.lastWaiting >= 0 {
            records[Int(context.lastWaiting)].next = place
        } else {
            context.firstWaiting = place
        }
        context.lastWaiting = place
        context.waitingCount &+= 1
    }

    /// The time of the first record of a CPU, or nil if none waits.
    @inline(__always)
    borrowing func firstTime(of context: CPUContext) -> UInt64? {
        context.firstWaiting < 0 ? nil : records[Int(context.firstWaiting)].event.time
    }

    /// Takes the first record of a CPU, which must exist.
    @inline(__always)
    mutating func removeFirst(of context: inout CPUContext) -> CrossCPURecord {
        let place = context.firstWaiting
        let record = records[Int(place)]
        context.firstWaiting = record.next
        if record.next < 0 { context.lastWaiting = -1 }
        context.waitingCount &-= 1
        records[Int(place)].next = free
        free = place
        return record
    }
}
